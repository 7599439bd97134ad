/**
 * Löwdin's symmetric orthogonalization, S^{−1/2} = V diag(λ)^{−1/2} Vᵀ (doi:10.1063/1.1747632), from cyclic Jacobi rotations (Golub and
 * Van Loan, §8.5) in more than float64: there the smallest eigenvalue would carry an error of 1e-16 λ_max, so that the
 * functions would be orthonormal to 1e-16 times the condition number only (1 % for 20 Gaussian-type orbitals).
 */

import type { Arithmetic } from "./arithmetic.js";
import { doubleDouble, type DoubleDouble } from "./double-double.js";

export interface Loewdin<T = DoubleDouble> {
  /** S^{−1/2}, [n][n]; empty when S is not positive definite. */
  readonly inverseRoot: readonly (readonly T[])[];
  /** λ_max/λ_min; infinite when S is not positive definite within the precision of the arithmetic. */
  readonly condition: number;
}

/** Rotates rows/columns p and q so that the element [p][q] of the symmetric `matrix` vanishes; accumulates into the rows of `vectors`. */
function rotate<T>(arithmetic: Arithmetic<T>, matrix: T[][], vectors: T[][], p: number, q: number): void {
  const { add, subtract, multiply, divide, squareRoot, zero, one, toNumber } = arithmetic;
  const [app, aqq, apq] = [matrix[p]![p]!, matrix[q]![q]!, matrix[p]![q]!];
  // tan of the smaller angle: t² + 2θt − 1 = 0.
  const theta = divide(subtract(aqq, app), add(apq, apq));
  const negative = toNumber(theta) < 0;
  const magnitude = negative ? subtract(zero, theta) : theta;
  const size = divide(one, add(magnitude, squareRoot(add(multiply(theta, theta), one))));
  const t = negative ? subtract(zero, size) : size;
  const c = divide(one, squareRoot(add(multiply(t, t), one)));
  const s = multiply(t, c);
  const mix = (rowP: T[], rowQ: T[]): void => {
    for (let k = 0; k < rowP.length; k++) {
      const [x, y] = [rowP[k]!, rowQ[k]!];
      rowP[k] = subtract(multiply(c, x), multiply(s, y));
      rowQ[k] = add(multiply(s, x), multiply(c, y));
    }
  };
  mix(matrix[p]!, matrix[q]!);
  for (const row of matrix) {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = subtract(multiply(c, x), multiply(s, y));
    row[q] = add(multiply(s, x), multiply(c, y));
  }
  matrix[p]![q] = matrix[q]![p] = zero;
  mix(vectors[p]!, vectors[q]!);
}

/** Diagonalizes a copy of the symmetric matrix; eigenvectors are the rows of `vectors`. */
function diagonalize<T>(arithmetic: Arithmetic<T>, symmetric: readonly (readonly T[])[]): { values: T[]; vectors: T[][] } {
  const { zero, one, toNumber, precision } = arithmetic;
  const n = symmetric.length;
  const matrix = symmetric.map((row) => [...row]);
  const vectors = symmetric.map((_, i) => Array.from({ length: n }, (_, j) => (i === j ? one : zero)));
  const scale = Math.max(...matrix.map((row, i) => Math.abs(toNumber(row[i]!))));
  // Quadratic convergence: 6 to 10 sweeps for n ≤ 32; the bound only ends the loop for input that is not finite.
  for (let sweep = 0; sweep < 30; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const size = Math.abs(toNumber(matrix[p]![q]!));
        largest = Math.max(largest, size);
        if (size > precision * scale) rotate(arithmetic, matrix, vectors, p, q);
      }
    }
    if (!(largest > 10 * precision * scale)) break;
  }
  return { values: matrix.map((row, i) => row[i]!), vectors };
}

/** S^{−1/2} and the condition number of a symmetric positive definite matrix S, [n][n], n ≤ 32. */
export function loewdin(overlap: readonly (readonly DoubleDouble[])[]): Loewdin;
export function loewdin<T>(overlap: readonly (readonly T[])[], arithmetic: Arithmetic<T>): Loewdin<T>;
export function loewdin<T>(overlap: readonly (readonly T[])[], arithmetic = doubleDouble as unknown as Arithmetic<T>): Loewdin<T> {
  const { zero, one, add, multiply, divide, squareRoot, toNumber, precision } = arithmetic;
  const n = overlap.length;
  const { values, vectors } = diagonalize(arithmetic, overlap);
  const smallest = Math.min(...values.map(toNumber));
  const largest = Math.max(...values.map(toNumber));
  // With rounding of n sums taken off, what is left of the smallest eigenvalue must still be its own.
  if (!(smallest > 1e4 * precision * largest)) return { inverseRoot: [], condition: Infinity };
  const inverseRoots = values.map((value) => divide(one, squareRoot(value)));
  const inverseRoot = overlap.map((row) => [...row]);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = zero;
      for (let k = 0; k < n; k++) sum = add(sum, multiply(inverseRoots[k]!, multiply(vectors[k]![i]!, vectors[k]![j]!)));
      inverseRoot[i]![j] = inverseRoot[j]![i] = sum;
    }
  }
  return { inverseRoot, condition: largest / smallest };
}
