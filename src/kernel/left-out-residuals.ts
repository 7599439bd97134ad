/**
 * What a sparse Gaussian process, or ridge regression, misses of rows that are left out, exactly and from one fit to all rows, THEORY.md Eq. (45)
 * with the whitened rows Φ of Eq. (18), for several right sides Y at once; the sparse points stay:
 *
 *   e_f = W_ff^{−1} (W Y)_f,   W = 1 − Φ (ΦᵀΦ + 1)^{−1} Φᵀ,
 *
 * or, what by the Woodbury identity is the same and cheaper for a fold of more rows than points,
 *
 *   e_f = Y_f − Φ_f (ΦᵀΦ − Φ_fᵀΦ_f + 1)^{−1} (ΦᵀY − Φ_fᵀY_f).
 */
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { foldSolver, takeRows } from "./fold-residuals.js";

/** Rows Φ, [row][point], and Y, [row][side]. */
export interface LeftOutProblem {
  readonly rows: Float64Array;
  readonly points: number;
  readonly targets: Float64Array;
  readonly sides: number;
}

/** Rows that are multiplied in one go: the product copies them. */
const PORTION = 4096;

/**
 * Solves the fit to all rows.
 * @returns e_f of the rows of a fold, [row of the fold][side], in units of the noise
 * @throws NumericalError when Φ is not finite; the function that is returned does when the other rows do not determine the fold.
 */
export function createLeftOut(algebra: LinearAlgebra, { rows, points, targets, sides }: LeftOutProblem): (fold: Int32Array) => Float64Array {
  const count = targets.length / sides;
  const normal = identity(points);
  const right = new Float64Array(points * sides);
  for (let first = 0; first < count; first += PORTION) {
    const end = Math.min(count, first + PORTION);
    const own = { rows: rows.subarray(first * points, end * points), targets: targets.subarray(first * sides, end * sides) };
    addProducts(algebra, own, points, sides, 1, normal, right);
  }
  const factor = algebra.cholesky(normal, points);
  const weights = solve(algebra, factor, right, points, sides);
  /** Y_f − Φ_f x. */
  const missed = (own: { rows: Float64Array; targets: Float64Array }, x: Float64Array): Float64Array => {
    const fitted = algebra.multiply(own.rows, x, { m: own.targets.length / sides, n: sides, k: points });
    return own.targets.map((value, index) => value - fitted[index]!);
  };
  return (fold) => {
    if (fold.length === 0) return new Float64Array(0);
    const own = { rows: takeRows(rows, points, fold), targets: takeRows(targets, sides, fold) };
    if (fold.length < points) {
      const solver = foldSolver(algebra, algebra.whitenRows(own.rows, factor, fold.length, points), points);
      return bySide(missed(own, weights), fold.length, sides, solver);
    }
    const [others, rightOfOthers] = [normal.slice(), right.slice()];
    addProducts(algebra, own, points, sides, -1, others, rightOfOthers);
    return missed(own, solve(algebra, algebra.cholesky(others, points), rightOfOthers, points, sides));
  };
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, index) => (index % (n + 1) === 0 ? 1 : 0));
}

/** Adds `sign` times ΦᵀΦ and ΦᵀY of some rows. */
function addProducts(
  algebra: LinearAlgebra, own: { readonly rows: Float64Array; readonly targets: Float64Array }, points: number, sides: number, sign: 1 | -1,
  normal: Float64Array, right: Float64Array,
): void {
  const k = own.targets.length / sides;
  algebra.multiply(own.rows, own.rows, { m: points, n: points, k, transA: true }).forEach((value, index) => (normal[index]! += sign * value));
  algebra.multiply(own.rows, own.targets, { m: points, n: sides, k, transA: true }).forEach((value, index) => (right[index]! += sign * value));
}

/** (L Lᵀ)^{−1} B, B [point][side]. */
function solve(algebra: LinearAlgebra, factor: Float64Array, b: Float64Array, points: number, sides: number): Float64Array {
  return bySide(b, points, sides, (side) => algebra.solveLowerTransposed(factor, algebra.solveLower(factor, side, points), points));
}

/** Applies a function to every column of a matrix [row][side]. */
function bySide(matrix: Float64Array, rows: number, sides: number, of: (column: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(matrix.length);
  for (let side = 0; side < sides; side++) {
    const column = of(Float64Array.from({ length: rows }, (_, row) => matrix[row * sides + side]!));
    column.forEach((value, row) => (out[row * sides + side] = value));
  }
  return out;
}
