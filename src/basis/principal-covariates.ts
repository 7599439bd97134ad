/**
 * Principal covariates regression for the invariant channels l = 0, THEORY.md Eqs. (34)–(36): a direction should both carry variance of the
 * coefficients x and serve a linear model y ≈ w·x of a target (de Jong and Kiers, doi:10.1016/0169-7439(92)80100-I; Helfrecht, Cersonsky,
 * Fraux and Ceriotti, doi:10.1088/2632-2153/aba9ef). In the eigenvectors V of C, with D = Λ/tr Λ and v = Λ^{1/2} Vᵀ w/|…|:
 *
 *   C̃ = γ D + (1 − γ) R² v vᵀ,   C̃ u_q = μ_q u_q,   projector P_q = V Λ^{−1/2} u_q,   orthogonalized in order of μ_q (Gram and Schmidt).
 *
 * R² is the share of y² that the model explains. γ = 1 is principal component analysis. γ = 0 means the limit γ → 0: P_1 ∝ w, the model itself, and
 * behind it the principal components of what is orthogonal to it.
 */

import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { CoefficientLayout } from "./covariance.js";

/** Directions of less variance than this share of the largest have no inverse root, in float64. */
const rankTolerance = 1e-12;

/** Sums of a least-squares problem y ≈ X w over rows of invariant coefficients. */
export interface TargetSums {
  /** species × nMax. */
  readonly size: number;
  /** XᵀX, [size][size]. */
  readonly gram: Float64Array;
  /** Xᵀy, [size]. */
  readonly cross: Float64Array;
  /** y². */
  square: number;
}

export function createTargetSums({ species, nMax }: CoefficientLayout): TargetSums {
  const size = species * nMax;
  return { size, gram: new Float64Array(size * size), cross: new Float64Array(size), square: 0 };
}

/**
 * Adds rows with their targets; a target per structure belongs to sums over its centers, a target per atom to its own row. Take the mean off
 * first (energies: the baseline), since the model has no constant.
 * @param rows c_{an00} of centers or their sums over structures, [row][an], or [row][center element, an]
 * @throws InputError when the numbers of rows and targets differ; NumericalError for numbers that are not finite.
 */
export function accumulateTarget(algebra: LinearAlgebra, sums: TargetSums, rows: Float64Array, targets: Float64Array): void {
  const { size } = sums;
  const count = targets.length;
  if (rows.length !== count * size) throw new InputError("number of targets", { expected: `${rows.length / size}, one per row`, got: `${count}` });
  algebra.multiply(rows, rows, { m: size, n: size, k: count, transA: true }).forEach((value, index) => (sums.gram[index]! += value));
  algebra.multiply(rows, targets, { m: size, n: 1, k: count, transA: true }).forEach((value, index) => (sums.cross[index]! += value));
  sums.square += targets.reduce((sum, y) => sum + y * y, 0);
}

/** A linear model of a target on the invariant coefficients. */
export interface TargetModel {
  /** w, [an]. */
  readonly weights: Float64Array;
  /** R²: share of y² that it explains, 0 for a target that is 0. */
  readonly explained: number;
}

/** The model of least squares in the directions of the rows whose variance is above `tolerance` of the largest. */
export function fitTarget(algebra: LinearAlgebra, { size, gram, cross, square }: TargetSums, tolerance = rankTolerance): TargetModel {
  const { values, vectors } = algebra.symmetricEigen(gram, size);
  const weights = new Float64Array(size);
  for (let k = 0; k < size && values[k]! > tolerance * values[0]!; k++) {
    const vector = vectors.subarray(k * size, (k + 1) * size);
    const factor = vector.reduce((sum, value, index) => sum + value * cross[index]!, 0) / values[k]!;
    vector.forEach((value, index) => (weights[index]! += factor * value));
  }
  const explained = square > 0 ? weights.reduce((sum, weight, index) => sum + weight * cross[index]!, 0) / square : 0;
  return { weights, explained: Math.min(1, Math.max(0, explained)) };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** Columns 2 … r of the reflection that takes the first unit vector to ±u: an orthonormal basis of what is orthogonal to u, [r − 1][r]. */
function complement(u: Float64Array): Float64Array[] {
  const normal = u.slice();
  normal[0]! += u[0]! < 0 ? -1 : 1;
  const half = dot(normal, normal) / 2;
  return Array.from({ length: u.length - 1 }, (_, k) => normal.map((value, index) => (index === k + 1 ? 1 : 0) - (normal[k + 1]! * value) / half));
}

/** Eigenvectors u_q of γ D + (1 − γ) s v vᵀ for diagonal D > 0 and a unit vector v, [r][r]. */
function mixedEigenvectors(algebra: LinearAlgebra, diagonal: Float64Array, v: Float64Array, gamma: number, s: number): Float64Array[] {
  const rank = diagonal.length;
  const matrix = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) matrix[i * rank + j] = (1 - gamma) * s * v[i]! * v[j]! + (i === j ? gamma * diagonal[i]! : 0);
  }
  const first = gamma === 0 ? v : algebra.symmetricEigen(matrix, rank).vectors.slice(0, rank);
  // The rest over γ, so that it does not drown in the rounding of the first eigenvalue when γ is small.
  const basis = complement(first);
  const along = basis.map((vector) => (gamma === 0 ? 0 : Math.sqrt(((1 - gamma) * s) / gamma) * dot(vector, v)));
  const rest = new Float64Array((rank - 1) ** 2);
  basis.forEach((one, i) => {
    const scaled = one.map((value, k) => value * diagonal[k]!);
    basis.forEach((other, j) => (rest[i * (rank - 1) + j] = along[i]! * along[j]! + dot(scaled, other)));
  });
  const { vectors } = algebra.symmetricEigen(rest, rank - 1);
  const others = basis.map((_, q) => {
    const u = new Float64Array(rank);
    basis.forEach((vector, i) => vector.forEach((value, k) => (u[k]! += vectors[q * (rank - 1) + i]! * value)));
    return u;
  });
  return [first, ...others];
}

/** Orthonormal rows that span what the given rows span, in their order; the largest component of each is positive. */
function orthonormalRows(rows: Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const row of rows) {
    const scale = Math.sqrt(dot(row, row));
    let rest = row.map((value) => value / scale);
    // Twice: once is not orthogonal enough when little is left of the row.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of found) {
        const along = dot(rest, other);
        rest = rest.map((value, index) => value - along * other[index]!);
      }
    }
    const lead = rest.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const length = Math.sign(lead) * Math.sqrt(dot(rest, rest));
    found.push(rest.map((value) => value / length));
  }
  return found;
}

/**
 * Orthonormal directions in order of their worth, [rank][size].
 * @param covariance C, [size][size]
 * @param model of which `weights` are those of this block, [size]
 * @param gamma from 0 (regression) to 1 (variance)
 * @param rounding of the covariance, relative to its largest eigenvalue
 */
export function principalCovariates(
  algebra: LinearAlgebra, covariance: Float64Array, { weights, explained }: TargetModel, gamma: number, rounding = rankTolerance,
): Float64Array[] {
  const size = weights.length;
  const { values, vectors } = algebra.symmetricEigen(covariance, size);
  let rank = 0;
  while (rank < size && values[rank]! > 0 && values[rank]! > Math.max(rankTolerance, rounding) * values[0]!) rank++;
  const axes = Array.from({ length: rank }, (_, k) => vectors.slice(k * size, (k + 1) * size));
  const v = Float64Array.from(axes, (axis, k) => Math.sqrt(values[k]!) * dot(axis, weights));
  const length = Math.sqrt(dot(v, v));
  if (gamma === 1 || length === 0 || explained === 0 || rank === 1) return axes;
  const total = values.subarray(0, rank).reduce((sum, value) => sum + value, 0);
  const [diagonal, direction] = [values.slice(0, rank).map((value) => value / total), v.map((value) => value / length)];
  const mixed = mixedEigenvectors(algebra, diagonal, direction, gamma, explained);
  const projectors = mixed.map((u) => {
    const row = new Float64Array(size);
    axes.forEach((axis, k) => axis.forEach((value, index) => (row[index]! += (u[k]! / Math.sqrt(values[k]!)) * value)));
    return row;
  });
  return orthonormalRows(projectors);
}
