// Ridge regression (ΦᵀΦ + σ²) w = Φᵀ y, Eq. (56), with the σ² of least generalized cross-validation.
import { leastCrossValidation } from "../kernel/generalized-cross-validation.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

export interface Ridge {
  /** w, [column] */
  readonly weights: Float64Array;
  /** Root mean square of y − Φ w over that of y, by generalized cross-validation. */
  readonly noise: number;
}

/** @param rows Φ, [row][column] */
export function solveByCrossValidation(algebra: LinearAlgebra, rows: Float64Array, columns: number, targets: Float64Array): Ridge {
  const count = targets.length;
  const gram = algebra.multiply(rows, rows, { m: columns, n: columns, k: count, transA: true });
  const right = algebra.multiply(rows, targets, { m: columns, n: 1, k: count, transA: true });
  const { values, vectors } = algebra.symmetricEigen(gram, columns);
  const along = algebra.multiply(vectors, right, { m: columns, n: 1, k: columns });
  const square = targets.reduce((sum, value) => sum + value * value, 0);
  const best = leastCrossValidation(values, along, square, count);
  const scaled = Float64Array.from(along, (value, k) => value / (Math.max(0, values[k]!) + best.ridge));
  const weights = algebra.multiply(vectors, scaled, { m: columns, n: 1, k: columns, transA: true });
  return { weights, noise: square > 0 ? Math.sqrt(best.score * count / square) : 0 };
}
