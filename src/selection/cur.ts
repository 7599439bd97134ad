// CUR: leverage scores of the rows of a feature matrix, Eq. (20), taken largest first or drawn with these weights.
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { Random } from "./random.js";

/** Singular values below this fraction of the largest one are rounding noise in float64. */
const RANK_TOLERANCE = 1e-7;

/** Rows expressed in the left singular vectors of the matrix: their squared length is the leverage. */
export interface LeverageSpace {
  /** [point][rank] */
  readonly rows: Float64Array;
  readonly rank: number;
  /** π_i, [point]; they sum up to the rank. */
  readonly scores: Float64Array;
}

/** Left singular vectors through the eigenvectors of XᵀX. `points` [point][size]; `rank` limits the vectors used. */
export function leverageSpace(algebra: LinearAlgebra, points: Float64Array, size: number, rank = Infinity): LeverageSpace {
  const count = size === 0 ? 0 : points.length / size;
  const { values, vectors } = algebra.symmetricEigen(algebra.multiply(points, points, { m: size, n: size, k: count, transA: true }), size);
  const floor = values[0]! * RANK_TOLERANCE ** 2;
  let used = 0;
  while (used < Math.min(size, rank) && values[used]! > floor) used++;
  const basis = new Float64Array(size * used);
  for (let q = 0; q < used; q++) for (let f = 0; f < size; f++) basis[f * used + q] = vectors[q * size + f]! / Math.sqrt(values[q]!);
  const rows = algebra.multiply(points, basis, { m: count, n: used, k: size });
  const scores = new Float64Array(count);
  for (let i = 0; i < count; i++) for (let q = 0; q < used; q++) scores[i]! += rows[i * used + q]! ** 2;
  return { rows, rank: used, scores };
}

/**
 * Deterministic CUR: takes the row of largest leverage, makes the others orthogonal to it, and so on.
 * When nothing is left to be orthogonal to (more points than the rank), a new round begins among the points not taken.
 * Gives the indices one by one, so that the caller can show progress or stop.
 */
export async function* curPoints(algebra: LinearAlgebra, { rows, rank, scores }: LeverageSpace, count: number): AsyncGenerator<number> {
  const total = scores.length;
  checkCount(count, total);
  const matrix = await algebra.createResidentMatrix(rows, total, rank);
  const free = new Uint8Array(total).fill(1);
  let taken = 0;
  while (taken < count) {
    const residual = scores.slice();
    const directions: Float64Array[] = [];
    do {
      let best = -1;
      for (let i = 0; i < total; i++) if (free[i] && (best < 0 || residual[i]! > residual[best]!)) best = i;
      const direction = rows.slice(best * rank, (best + 1) * rank);
      // Twice, because once is not orthogonal enough when little is left of the row.
      for (let pass = 0; pass < 2; pass++) for (const other of directions) subtract(direction, other);
      const length = Math.hypot(...direction);
      if (directions.length > 0 && !(length > 1e-9 * Math.sqrt(scores[best]!))) break;
      yield best;
      taken++;
      free[best] = 0;
      if (!(length > 0)) break;
      for (let q = 0; q < rank; q++) direction[q]! /= length;
      directions.push(direction);
      const along = matrix.timesVector(direction);
      for (let i = 0; i < total; i++) residual[i]! -= along[i]! ** 2;
    } while (taken < count && directions.length < rank);
  }
}

function subtract(vector: Float64Array, direction: Float64Array): void {
  let along = 0;
  for (let q = 0; q < vector.length; q++) along += vector[q]! * direction[q]!;
  for (let q = 0; q < vector.length; q++) vector[q]! -= along * direction[q]!;
}

/** Draws points without replacement with probabilities proportional to `scores` (Efraimidis and Spirakis, doi:10.1016/j.ipl.2005.11.003). */
export function drawPoints(scores: Float64Array, count: number, random: Random): Int32Array {
  checkCount(count, scores.length);
  const keys = scores.map((score) => Math.log(Math.max(random.uniform(), Number.MIN_VALUE)) / Math.max(score, Number.MIN_VALUE));
  const order = Array.from(scores.keys()).sort((a, b) => keys[b]! - keys[a]! || a - b);
  return Int32Array.from(order.slice(0, count));
}

function checkCount(count: number, total: number): void {
  if (count > total) throw new InputError("fewer points than asked for", { key: "sparse.count", expected: `at most ${total}`, got: `${count}` });
}
