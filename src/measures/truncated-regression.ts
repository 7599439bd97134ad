/**
 * Least squares Y ≈ X P regularized by leaving out small singular values of X, P = Σ_k v_k σ_k^{−1} u_kᵀ Y over σ_k > ε σ_1, with ε from
 * two-fold cross-validation (the estimator of Goscinski et al., doi:10.1088/2632-2153/abdaf7), but never far below what the halves have seen.
 * Singular vectors come from the eigenvectors of XᵀX or XXᵀ, whichever is smaller, so that no ε below 1e-7 can be told from it.
 */

import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { centered, columnMeans, takeRows, type FeatureMatrix } from "./standardization.js";

const smallestRatio = 1e-7;

/** Cutoffs ε to choose from, geometric from 1e-7 to 0.9. */
const cutoffs = Float64Array.from({ length: 20 }, (_, k) => smallestRatio * (0.9 / smallestRatio) ** (k / 19));

/** A regression of all cutoffs at once: the first k components are the solution for the k-th. */
interface Components {
  /** v_k, [k][feature of X], descending σ_k. */
  readonly directions: Float64Array;
  /** σ_k^{−1} u_kᵀ Y, [k][feature of Y]. */
  readonly loadings: Float64Array;
  /** σ_k/σ_1 */
  readonly ratios: Float64Array;
}

function components(algebra: LinearAlgebra, x: FeatureMatrix, y: FeatureMatrix): Components {
  const { size } = x;
  const rows = x.values.length / size;
  const dual = rows < size;
  const order = dual ? rows : size;
  const shape = dual ? { m: rows, n: rows, k: size, transB: true } : { m: size, n: size, k: rows, transA: true };
  const { values, vectors } = algebra.symmetricEigen(algebra.multiply(x.values, x.values, shape), order);
  let rank = 0;
  while (rank < order && values[rank]! > smallestRatio ** 2 * values[0]!) rank++;
  const leading = vectors.slice(0, rank * order);
  const directions = dual ? algebra.multiply(leading, x.values, { m: rank, n: size, k: rows }) : leading;
  if (dual) {
    for (let k = 0; k < rank; k++) {
      const row = directions.subarray(k * size, (k + 1) * size);
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      for (let f = 0; f < size; f++) row[f]! /= length;
    }
  }
  // σ_k from X v_k itself: the root of a small eigenvalue has only half of its digits.
  const t = algebra.multiply(x.values, directions, { m: rows, n: rank, k: size, transB: true });
  const squares = new Float64Array(rank);
  t.forEach((value, index) => (squares[index % rank]! += value * value));
  const loadings = algebra.multiply(t, y.values, { m: rank, n: y.size, k: rows, transA: true });
  for (let index = 0; index < loadings.length; index++) loadings[index]! /= squares[Math.floor(index / y.size)]!;
  return { directions, loadings, ratios: squares.map((square) => Math.sqrt(square / squares[0]!)) };
}

function keptBy({ ratios }: Components, cutoff: number): number {
  let kept = 0;
  while (kept < ratios.length && ratios[kept]! > cutoff) kept++;
  return kept;
}

/** Scores X v_k, [row][k]. */
function scores(algebra: LinearAlgebra, { directions, ratios }: Components, x: FeatureMatrix): Float64Array {
  return algebra.multiply(x.values, directions, { m: x.values.length / x.size, n: ratios.length, k: x.size, transB: true });
}

/** Root mean square over rows of |y − x P| for every cutoff. */
function lossesOf(algebra: LinearAlgebra, fitted: Components, x: FeatureMatrix, y: FeatureMatrix): Float64Array {
  const rank = fitted.ratios.length;
  const rows = y.values.length / y.size;
  const t = scores(algebra, fitted, x);
  const losses = new Float64Array(cutoffs.length);
  const left = y.values.slice();
  let done = 0;
  // From the largest cutoff down, more and more components are taken off what is left of Y.
  for (let k = cutoffs.length - 1; k >= 0; k--) {
    for (const kept = keptBy(fitted, cutoffs[k]!); done < kept; done++) {
      for (let i = 0; i < rows; i++) {
        const score = t[i * rank + done]!;
        for (let f = 0; f < y.size; f++) left[i * y.size + f]! -= score * fitted.loadings[done * y.size + f]!;
      }
    }
    losses[k] = Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / rows);
  }
  return losses;
}

/** A fitted P. */
export interface TruncatedRegression {
  /** X P, [row][feature of Y]. */
  predict(x: FeatureMatrix): Float64Array;
  /** v_k of the components used, [k][feature of X]: all that P sees of x. */
  readonly directions: Float64Array;
  /** ε */
  readonly cutoff: number;
}

/** Fits P to rows of standardized (or at least centered) features; `cutoff` null chooses ε by two-fold cross-validation over odd and even rows. */
export function fitTruncated(algebra: LinearAlgebra, x: FeatureMatrix, y: FeatureMatrix, cutoff: number | null): TruncatedRegression {
  const chosen = cutoff ?? chooseCutoff(algebra, x, y);
  const fitted = components(algebra, x, y);
  const kept = keptBy(fitted, chosen);
  const directions = fitted.directions.slice(0, kept * x.size);
  const loadings = fitted.loadings.slice(0, kept * y.size);
  return {
    cutoff: chosen,
    directions,
    predict(rows) {
      const count = rows.values.length / rows.size;
      if (kept === 0) return new Float64Array(count * y.size);
      const t = algebra.multiply(rows.values, directions, { m: count, n: kept, k: x.size, transB: true });
      return algebra.multiply(t, loadings, { m: count, n: y.size, k: kept });
    },
  };
}

/**
 * ε of the smallest summed loss over both halves, each minus its own mean; of equals the smallest, but not below half of the last singular value
 * that a half kept under it: of smaller ones cross-validation has seen nothing, and rows that hardly differ have many of them.
 */
function chooseCutoff(algebra: LinearAlgebra, x: FeatureMatrix, y: FeatureMatrix): number {
  const rows = x.values.length / x.size;
  // A single row has no second fold, and nothing to be chosen for.
  if (rows < 2) return smallestRatio;
  const folds = [0, 1].map((parity) => Array.from({ length: rows }, (_, i) => i).filter((i) => i % 2 === parity));
  const losses = new Float64Array(cutoffs.length);
  const halves = folds.map((fold, index) => {
    const other = folds[1 - index]!;
    const parts = (matrix: FeatureMatrix): [own: FeatureMatrix, others: FeatureMatrix] => {
      const own = takeRows(matrix, fold);
      const mean = columnMeans(own);
      return [centered(own, mean), centered(takeRows(matrix, other), mean)];
    };
    const [[ownX, otherX], [ownY, otherY]] = [parts(x), parts(y)];
    const fitted = components(algebra, ownX, ownY);
    lossesOf(algebra, fitted, otherX, otherY).forEach((loss, k) => (losses[k]! += loss));
    return fitted;
  });
  const cutoff = cutoffs[losses.indexOf(Math.min(...losses))]!;
  const seen = Math.min(...halves.flatMap((fitted) => [...fitted.ratios.subarray(0, keptBy(fitted, cutoff))]));
  return Math.max(cutoff, seen / 2);
}
