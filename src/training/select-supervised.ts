// Selection of rows or columns of features that serve a target as well as they stand for the rest: PCov-FPS and PCov-CUR, Eqs. (91) to (93).
import type { JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import { covariateFeatures, covariateSamples, featurePoints, samplePoints, supervisedRows, type SupervisedRows } from "../selection/pcov.js";
import { createRandom } from "../selection/random.js";
import { onThisThread, selectEnvironments } from "./sparse-points.js";

export interface SupervisedSelectionOptions extends JobOptions {
  readonly method: "pcov-fps" | "pcov-cur";
  /** y, [row]. */
  readonly target: Float64Array;
  /** α, from 0 (target) to 1 (features); 0.5 when left out. */
  readonly mixing?: number | undefined;
  /** Of the first one of "pcov-fps"; 1 when left out. */
  readonly seed?: number | undefined;
}

/** Selection holds the thread for at most this long before it lets progress, cancellation and input through. */
const YIELD_MS = 30;

async function inOrder(indices: Generator<number>, count: number, { signal, onProgress }: JobOptions): Promise<Int32Array> {
  const taken: number[] = [];
  let last = performance.now();
  for (const index of indices) {
    taken.push(index);
    if (performance.now() - last < YIELD_MS) continue;
    onProgress?.({ stage: "selection", done: taken.length, total: count });
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  }
  return Int32Array.from(taken);
}

async function select(
  rows: Float64Array, size: number, count: number, { method, target, mixing = 0.5, seed = 1, ...job }: SupervisedSelectionOptions,
  kind: { readonly total: number; readonly points: (supervised: SupervisedRows) => Float64Array; readonly cur: (algebra: LinearAlgebra, supervised: SupervisedRows, count: number) => Generator<number> },
): Promise<Int32Array> {
  if (!(Number.isInteger(count) && count >= 1 && count <= kind.total)) {
    throw new InputError("number to select", { key: "count", expected: `a whole number from 1 to ${kind.total}`, got: String(count) });
  }
  const algebra = await createLinearAlgebra();
  const supervised = supervisedRows(algebra, rows, size, target, mixing);
  if (method === "pcov-cur") return inOrder(kind.cur(algebra, supervised, count), count, job);
  return selectEnvironments(onThisThread(algebra), algebra, kind.points(supervised), supervised.rank + 1, count, "fps", 1, createRandom(seed), job);
}

/**
 * Indices of `count` rows in the order of selection; fewer with "pcov-fps" when the rest repeats rows taken.
 * @param rows [row][size]
 * @throws InputError for a count or mixing out of range and targets that are not one per row; NumericalError when nothing varies.
 */
export function selectSupervisedPoints(rows: Float64Array, size: number, count: number, options: SupervisedSelectionOptions): Promise<Int32Array> {
  return select(rows, size, count, options, { total: rows.length / size, points: samplePoints, cur: covariateSamples });
}

/** The same for columns; fewer when the others are combinations ("pcov-cur") or repetitions ("pcov-fps") of those taken. */
export function selectSupervisedFeatures(rows: Float64Array, size: number, count: number, options: SupervisedSelectionOptions): Promise<Int32Array> {
  return select(rows, size, count, options, { total: size, points: featurePoints, cur: covariateFeatures });
}
