// Results of tasks as bytes. What they may be is checked, not their values: a leader trusts its workers as a process trusts its threads.
import * as v from "valibot";
import type { Task } from "../backend/cpu/tasks.js";
import type { FitPart } from "../backend/cpu/whitened-rows.js";
import { InputError } from "../errors.js";
import { decode, encode } from "./binary.js";
import { parseFields } from "./parse.js";

const count = v.pipe(v.number("a number"), v.check((value) => Number.isSafeInteger(value) && value >= 0, "a whole number, 0 or more"));
const numbers = v.instance(Float64Array, "an array of numbers");
const maybe = v.nullable(numbers);
const list = v.array(numbers, "a list");
const part = v.strictObject({ tasks: count, structures: count, gram: maybe, right: maybe, rows: maybe, targets: numbers }, "a part of a fit");
const spread = v.strictObject({ energies: numbers, forces: maybe }, "a spread");
const prediction = v.strictObject({ localEnergies: numbers, forces: maybe, virial: maybe, spread: v.exactOptional(spread) }, "a prediction");

const SHAPES: Readonly<Record<Task["kind"], v.GenericSchema>> = {
  coefficients: numbers, features: numbers, covariance: numbers, components: list, adjoints: list,
  predict: v.array(prediction, "a list of predictions"), rows: part, "row sums": part,
};

/** Row k of a lower triangle begins at k (k + 1) / 2; the rest of the square is never sent. */
function lowerTriangle(gram: Float64Array, columns: number): Float64Array {
  const out = new Float64Array((columns * (columns + 1)) / 2);
  for (let row = 0, at = 0; row < columns; at += ++row) out.set(gram.subarray(row * columns, row * columns + row + 1), at);
  return out;
}

function squareOf(packed: Float64Array, columns: number): Float64Array {
  if (packed.length !== (columns * (columns + 1)) / 2) throw new InputError("a matrix of another size", { expected: `${columns} columns`, got: `${packed.length} numbers` });
  const out = new Float64Array(columns * columns);
  for (let row = 0, at = 0; row < columns; at += ++row) out.set(packed.subarray(at, at + row + 1), row * columns);
  return out;
}

export function encodeResult(kind: Task["kind"], result: unknown): Uint8Array {
  if (kind !== "rows" || (result as FitPart).gram === null) return encode(result);
  const { gram, right, ...rest } = result as FitPart;
  return encode({ ...rest, right, gram: lowerTriangle(gram!, right!.length) });
}

/** @throws InputError on what is no result of such a task. */
export function decodeResult(kind: Task["kind"], bytes: Uint8Array): unknown {
  const result = parseFields(SHAPES[kind], decode(bytes));
  if (kind !== "rows" || (result as FitPart).gram === null) return result;
  const { gram, right, ...rest } = result as FitPart;
  return { ...rest, right, gram: squareOf(gram!, right!.length) };
}
