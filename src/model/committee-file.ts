// The committee of a potential in a model file.
import * as v from "valibot";
import { InputError } from "../errors.js";
import type { Committee } from "./potential.js";

const count = (expected: string, least: number) =>
  v.pipe(v.number(expected), v.check((value) => Number.isSafeInteger(value) && value >= least, expected));
const positive = "a finite number above 0";
const scale = v.nullable(v.strictObject({
  scale: v.pipe(v.number(positive), v.check((value) => Number.isFinite(value) && value > 0, positive)),
  labels: count("a whole number, 1 or more", 1),
}, "an object, or null"));

export const committeeShape = v.strictObject({
  members: count("a whole number, 2 or more", 2),
  calibration: v.nullable(v.strictObject({
    from: v.picklist(["out-of-bag", "test"], "\"out-of-bag\" or \"test\""), energy: scale, forces: scale,
  }, "an object, or null")),
}, "an object");

/** @throws InputError, by path, on what a file could not hold. */
export function checkCommittee(committee: Committee, file?: string): void {
  const result = v.safeParse(committeeShape, committee);
  if (result.success) return;
  const [issue] = result.issues;
  throw new InputError("committee of the model", {
    ...(file !== undefined && { file }), key: `committee.${v.getDotPath(issue) ?? ""}`, expected: issue.message, got: String(issue.input),
  });
}
