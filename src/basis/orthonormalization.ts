/**
 * Orthonormal radial functions R_n = Σ_k T_nk φ_k from any φ_k: T = S^{−1/2} (Löwdin) or T = L^{−1}, S = L Lᵀ (Cholesky), with
 * S_kk' = ∫ s² φ_k φ_k' ds. S is a sum of products of float64 values, taken in double-double: rounding of the values then acts as a
 * relative change of the quadrature weights, to which even the smallest eigenvalue of S is insensitive.
 */

import { NumericalError } from "../errors.js";
import { add, divide, fromNumber, multiply, squareRoot, subtract, zero, type DoubleDouble } from "./double-double.js";
import { gaussLegendre } from "./gauss-legendre.js";

export type Matrix = readonly (readonly DoubleDouble[])[];

/** ∫ s² φ_k φ_k' ds over the panels between `edges` (Å, ascending), `points` Gauss–Legendre points on each; `evaluate` fills [k]. */
export function overlapMatrix(evaluate: (s: number, out: Float64Array) => void, count: number, edges: ArrayLike<number>, points: number): Matrix {
  const overlap = Array.from({ length: count }, () => new Array<DoubleDouble>(count).fill(zero));
  const values = new Float64Array(count);
  for (let panel = 0; panel + 1 < edges.length; panel++) {
    const rule = gaussLegendre(points, edges[panel]!, edges[panel + 1]!);
    for (const [i, s] of rule.points.entries()) {
      evaluate(s, values);
      const measure = fromNumber(rule.weights[i]! * s * s);
      for (let k = 0; k < count; k++) {
        const weighted = multiply(measure, fromNumber(values[k]!));
        for (let other = 0; other <= k; other++) overlap[k]![other] = add(overlap[k]![other]!, multiply(weighted, fromNumber(values[other]!)));
      }
    }
  }
  for (let k = 0; k < count; k++) for (let other = 0; other < k; other++) overlap[other]![k] = overlap[k]![other]!;
  return overlap;
}

/** L with S = L Lᵀ, [k][k'] with k' ≤ k; null when S is not positive definite. */
export function choleskyFactor(matrix: Matrix): DoubleDouble[][] | null {
  const factor: DoubleDouble[][] = [];
  for (const [i, row] of matrix.entries()) {
    factor[i] = [];
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest = subtract(rest, multiply(factor[i]![k]!, factor[j]![k]!));
      if (j === i && !(rest[0] > 0)) return null;
      factor[i]![j] = j === i ? squareRoot(rest) : divide(rest, factor[j]![j]!);
    }
  }
  return factor;
}

/** L^{−1} b for a lower triangular factor. */
export function solveLower(factor: Matrix, b: readonly DoubleDouble[]): DoubleDouble[] {
  const x: DoubleDouble[] = [];
  for (const [i, row] of factor.entries()) {
    let rest = b[i]!;
    for (let k = 0; k < i; k++) rest = subtract(rest, multiply(row[k]!, x[k]!));
    x[i] = divide(rest, row[i]!);
  }
  return x;
}

/** L^{−T} b for a lower triangular factor. */
export function solveLowerTransposed(factor: Matrix, b: readonly DoubleDouble[]): DoubleDouble[] {
  const x = [...b];
  for (let i = factor.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < factor.length; k++) x[i] = subtract(x[i]!, multiply(factor[k]![i]!, x[k]!));
    x[i] = divide(x[i]!, factor[i]![i]!);
  }
  return x;
}

/**
 * Holds the condition number of an overlap against what its arithmetic can bear.
 * @param conditionOf the condition number for fewer functions, to find how many work; it grows with their number.
 * @throws NumericalError that names `what`, the condition number and the largest number of functions that works.
 */
export function checkCondition(what: string, nMax: number, condition: number, largest: number, conditionOf: (nMax: number) => number): void {
  if (condition <= largest) return;
  let [usable, unusable] = [0, nMax];
  while (unusable - usable > 1) {
    const middle = (usable + unusable) >> 1;
    if (conditionOf(middle) <= largest) usable = middle;
    else unusable = middle;
  }
  throw new NumericalError(`the overlap of the ${what} is too ill-conditioned`, {
    key: "basis.nMax", expected: `at most ${usable}`, got: `${nMax}, condition number ${condition.toExponential(1)}`,
  });
}
