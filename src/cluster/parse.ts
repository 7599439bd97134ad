import * as v from "valibot";
import { InputError } from "../errors.js";

/** What was found, in few words: it may be an array of millions of numbers, or a text that somebody wants printed. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (ArrayBuffer.isView(value)) return `${Object.prototype.toString.call(value).slice(8, -1)} of ${(value as Uint8Array).length}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null || typeof value !== "object" ? String(value) : "an object";
}

/** @throws InputError with the path of the first field that is missing, unknown, of another type or out of range */
export function parseFields<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = (issue.path ?? []).map((step) => String(step.key)).join(".");
  throw new InputError("a field of a job is wrong", { ...(key && { key }), expected: issue.message, got: shown(issue.input) });
}
