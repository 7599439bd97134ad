/**
 * What a sparse Gaussian process would miss if the labels of each fold were left out in turn, exactly and from one fit to all, THEORY.md Eq. (45)
 * (for folds of one row Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, Eq. (5.12)), and the derivative, Eq. (47):
 *
 *   Φ = R G^{−ᵀ}, A = G Gᵀ,   W = 1 − Φ (ΦᵀΦ + 1)^{−1} Φᵀ,   e_f = W_ff^{−1} (W y)_f,   ℒ = (1/n) Σ_f |e_f|²,
 *   g_f = (2/n) W_ff^{−1} e_f,   N = ½ (y gᵀ + g yᵀ) − ½ Σ_f (e_f g_fᵀ + g_f e_fᵀ),   V = R (RᵀR + A)^{−1},
 *   ∂ℒ/∂R = −2 W N V,   ∂ℒ/∂A = Vᵀ N V.
 *
 * The sparse points stay as they are when a fold is left out.
 */

import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** A regression: R = Λ^{−1/2} L K_NM, A = K_MM + jitter, y = Λ^{−1/2} times the labels. */
export interface WhitenedRegression {
  /** R, [row][point]. */
  readonly rows: Float64Array;
  /** A, [point][point], positive definite. */
  readonly prior: Float64Array;
  /** y, [row]. */
  readonly targets: Float64Array;
  /** Rows of each fold; together every row once. */
  readonly folds: readonly Int32Array[];
}

export interface FoldResiduals {
  /** ℒ: mean square of what is missed of labels left out, in units of the noise. */
  readonly loss: number;
  /** The same for labels that the fit knows. */
  readonly training: number;
  /** e, [row]. */
  readonly residuals: Float64Array;
  /** x of the fit to all folds, Eq. (17), [point]. */
  readonly weights: Float64Array;
  gradient(): { readonly rows: Float64Array; readonly prior: Float64Array };
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, index) => (index % (n + 1) === 0 ? 1 : 0));
}

function meanSquare(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

/** Rows of a matrix [row][columns]. */
export function takeRows(matrix: Float64Array, columns: number, indices: Int32Array): Float64Array {
  const out = new Float64Array(indices.length * columns);
  indices.forEach((row, at) => out.set(matrix.subarray(row * columns, (row + 1) * columns), at * columns));
  return out;
}

/** b ↦ W_ff^{−1} b of a fold, from its rows of Ψ, Ψ Ψᵀ = 1 − W, [row of the fold][point]. */
export function foldSolver(algebra: LinearAlgebra, psi: Float64Array, points: number): (b: Float64Array) => Float64Array {
  const n = psi.length / points;
  const block = algebra.multiply(psi, psi, { m: n, n, k: points, transB: true });
  const factor = algebra.cholesky(block.map((value, index) => (index % (n + 1) === 0 ? 1 : 0) - value), n);
  return (b) => algebra.solveLowerTransposed(factor, algebra.solveLower(factor, b, n), n);
}

/** @throws NumericalError when A is not positive definite. */
export function foldResiduals(algebra: LinearAlgebra, { rows, prior, targets, folds }: WhitenedRegression): FoldResiduals {
  const [n, points] = [targets.length, Math.sqrt(prior.length)];
  const priorFactor = algebra.cholesky(prior, points);
  const phi = algebra.whitenRows(rows, priorFactor, n, points);
  const normal = algebra.multiply(phi, phi, { m: points, n: points, k: n, transA: true });
  for (let k = 0; k < points; k++) normal[k * points + k]! += 1;
  const normalFactor = algebra.cholesky(normal, points);
  // H = Ψ Ψᵀ.
  const psi = algebra.whitenRows(phi, normalFactor, n, points);
  /** W applied to columns, [row][count]. */
  const residualOf = (columns: Float64Array, count: number): Float64Array => {
    const inside = algebra.multiply(psi, columns, { m: points, n: count, k: n, transA: true });
    const fitted = algebra.multiply(psi, inside, { m: n, n: count, k: points });
    return columns.map((value, index) => value - fitted[index]!);
  };
  const fitResiduals = residualOf(targets, 1);
  const [residuals, pulls] = [new Float64Array(n), new Float64Array(n)];
  for (const fold of folds) {
    const solve = foldSolver(algebra, takeRows(psi, points, fold), points);
    const missed = solve(takeRows(fitResiduals, 1, fold));
    const pull = solve(missed);
    fold.forEach((row, at) => {
      residuals[row] = missed[at]!;
      pulls[row] = (2 / n) * pull[at]!;
    });
  }
  // V = Ψ L^{−1} G^{−1} with L of the normal equations: L^{−ᵀ} and G^{−ᵀ} are the whitened rows of 1.
  const inverse = (factor: Float64Array): Float64Array => algebra.whitenRows(identity(points), factor, points, points);
  const timesInverse = (matrix: Float64Array, factor: Float64Array): Float64Array =>
    algebra.multiply(matrix, inverse(factor), { m: n, n: points, k: points, transB: true });
  const v = timesInverse(timesInverse(psi, normalFactor), priorFactor);
  const timesV = (vector: Float64Array): Float64Array => algebra.multiply(vector, v, { m: 1, n: points, k: n });
  const weights = timesV(targets);

  function gradient(): { rows: Float64Array; prior: Float64Array } {
    const pulled = timesV(pulls);
    const product = new Float64Array(n * points);
    for (const fold of folds) {
      const [missedV, pulledV] = [new Float64Array(points), new Float64Array(points)];
      for (const row of fold) {
        for (let m = 0; m < points; m++) {
          missedV[m]! += residuals[row]! * v[row * points + m]!;
          pulledV[m]! += pulls[row]! * v[row * points + m]!;
        }
      }
      for (const row of fold) {
        for (let m = 0; m < points; m++) {
          const all = targets[row]! * pulled[m]! + pulls[row]! * weights[m]!;
          product[row * points + m] = (all - residuals[row]! * pulledV[m]! - pulls[row]! * missedV[m]!) / 2;
        }
      }
    }
    return {
      rows: residualOf(product, points).map((value) => -2 * value),
      prior: algebra.multiply(v, product, { m: points, n: points, k: n, transA: true }),
    };
  }
  return { loss: meanSquare(residuals), training: meanSquare(fitResiduals), residuals, weights, gradient };
}
