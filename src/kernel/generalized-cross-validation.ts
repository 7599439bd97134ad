/**
 * The ridge s² of least generalized cross-validation, Eq. (56), from the eigenvalues of ΦᵀΦ: GCV(s²) = n |y − Φ w|²/(n − tr Φ(ΦᵀΦ + s²)^{−1}Φᵀ)²
 * (Golub, Heath and Wahba, Technometrics 21, 215 (1979)). One decomposition serves every s².
 */

/** s² relative to the mean of |Φ_row|²: from exact data to noise alone. */
const EXPONENTS = Array.from({ length: 53 }, (_, k) => -12 + k / 4);

export interface RidgeChoice {
  /** s². */
  readonly ridge: number;
  /** GCV at its minimum. */
  readonly score: number;
}

/**
 * @param values eigenvalues of ΦᵀΦ, descending
 * @param along Φᵀy along its eigenvectors, [eigenvector]
 * @param square |y|²; @param count rows of Φ
 */
export function leastCrossValidation(values: Float64Array, along: Float64Array, square: number, count: number): RidgeChoice {
  let trace = 0;
  for (const value of values) trace += Math.max(0, value);
  let best = { score: Infinity, ridge: 1 };
  for (const exponent of EXPONENTS) {
    const ridge = (10 ** exponent * trace) / count || 1;
    let [explained, freedom] = [0, 0];
    for (let k = 0; k < values.length; k++) {
      const value = Math.max(0, values[k]!);
      const share = value / (value + ridge);
      freedom += share;
      if (value > 1e-15 * values[0]!) explained += (along[k]! ** 2 / value) * share * (2 - share);
    }
    // Rounding of the sums: what is left cannot be known below it.
    const residual = Math.max(square - explained, 1e-14 * square);
    const score = (count * residual) / Math.max(count - freedom, 1e-3 * count) ** 2;
    if (score < best.score) best = { score, ridge };
  }
  return best;
}
