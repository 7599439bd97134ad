// Ridge regression (ΦᵀΦ + σ²) w = Φᵀ y, Eq. (56), with the σ² of least generalized cross-validation
//   GCV(σ²) = n |y − Φ w|² / (n − tr Φ (ΦᵀΦ + σ²)^{−1} Φᵀ)²,   Golub, Heath and Wahba, Technometrics 21, 215 (1979),
// from the eigenvalues of ΦᵀΦ: one decomposition serves every σ².
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** σ² relative to the mean of |Φ_row|²: from exact data to noise alone. */
const EXPONENTS = Array.from({ length: 53 }, (_, k) => -12 + k / 4);

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
  let trace = 0;
  for (let k = 0; k < columns; k++) trace += Math.max(0, values[k]!);
  let best = { score: Infinity, ridge: 1 };
  for (const exponent of EXPONENTS) {
    const ridge = (10 ** exponent * trace) / count || 1;
    let [explained, freedom] = [0, 0];
    for (let k = 0; k < columns; k++) {
      const value = Math.max(0, values[k]!);
      const share = value / (value + ridge);
      freedom += share;
      if (value > 1e-15 * values[0]!) explained += ((along[k]! ** 2 / value) * share * (2 - share));
    }
    // Rounding of the sums: what is left cannot be known below it.
    const residual = Math.max(square - explained, 1e-14 * square);
    const score = (count * residual) / Math.max(count - freedom, 1e-3 * count) ** 2;
    if (score < best.score) best = { score, ridge };
  }
  const scaled = Float64Array.from(along, (value, k) => value / (Math.max(0, values[k]!) + best.ridge));
  const weights = algebra.multiply(vectors, scaled, { m: columns, n: 1, k: columns, transA: true });
  return { weights, noise: square > 0 ? Math.sqrt(best.score * count / square) : 0 };
}
