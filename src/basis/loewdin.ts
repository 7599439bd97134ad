/**
 * Löwdin's symmetric orthogonalization, S^{−1/2} = V diag(λ)^{−1/2} Vᵀ (doi:10.1063/1.1747632), from cyclic Jacobi rotations (Golub and
 * Van Loan, §8.5) in double-double arithmetic: in float64 the smallest eigenvalue would carry an error of 1e-16 λ_max, so that the
 * functions would be orthonormal to 1e-16 times the condition number only (1 % for 20 Gaussian-type orbitals).
 */

import { add, divide, fromNumber, multiply, negate, one, squareRoot, subtract, zero, type DoubleDouble } from "./double-double.js";

export interface Loewdin {
  /** S^{−1/2}, [n][n]; not finite when S is not positive definite. */
  readonly inverseRoot: readonly (readonly DoubleDouble[])[];
  /** λ_max/λ_min; infinite when S is not positive definite within double-double precision. */
  readonly condition: number;
}

/** Rotates rows/columns p and q so that the element [p][q] of the symmetric `matrix` vanishes; accumulates into the rows of `vectors`. */
function rotate(matrix: DoubleDouble[][], vectors: DoubleDouble[][], p: number, q: number): void {
  const [app, aqq, apq] = [matrix[p]![p]!, matrix[q]![q]!, matrix[p]![q]!];
  // tan of the smaller angle: t² + 2θt − 1 = 0.
  const theta = divide(subtract(aqq, app), add(apq, apq));
  const magnitude = theta[0] < 0 ? negate(theta) : theta;
  const size = divide(one, add(magnitude, squareRoot(add(multiply(theta, theta), one))));
  const t = theta[0] < 0 ? negate(size) : size;
  const c = divide(one, squareRoot(add(multiply(t, t), one)));
  const s = multiply(t, c);
  const mix = (rowP: DoubleDouble[], rowQ: DoubleDouble[]): void => {
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
function diagonalize(symmetric: readonly (readonly DoubleDouble[])[]): { values: DoubleDouble[]; vectors: DoubleDouble[][] } {
  const n = symmetric.length;
  const matrix = symmetric.map((row) => [...row]);
  const vectors = symmetric.map((_, i) => Array.from({ length: n }, (_, j) => (i === j ? one : zero)));
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i]![0])));
  // Quadratic convergence: 6 to 10 sweeps for n ≤ 32; the bound only ends the loop for input that is not finite.
  for (let sweep = 0; sweep < 30; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const size = Math.abs(matrix[p]![q]![0]);
        largest = Math.max(largest, size);
        if (size > 1e-34 * scale) rotate(matrix, vectors, p, q);
      }
    }
    if (!(largest > 1e-33 * scale)) break;
  }
  return { values: matrix.map((row, i) => row[i]!), vectors };
}

/** S^{−1/2} and the condition number of a symmetric positive definite matrix S, [n][n] in double-double, n ≤ 32. */
export function loewdin(overlap: readonly (readonly DoubleDouble[])[]): Loewdin {
  const n = overlap.length;
  const { values, vectors } = diagonalize(overlap);
  const smallest = Math.min(...values.map((value) => value[0]));
  const largest = Math.max(...values.map((value) => value[0]));
  const inverseRoots = values.map((value) => (value[0] > 0 ? divide(one, squareRoot(value)) : fromNumber(NaN)));
  const inverseRoot = overlap.map((row) => [...row]);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = zero;
      for (let k = 0; k < n; k++) sum = add(sum, multiply(inverseRoots[k]!, multiply(vectors[k]![i]!, vectors[k]![j]!)));
      inverseRoot[i]![j] = inverseRoot[j]![i] = sum;
    }
  }
  return { inverseRoot, condition: smallest > 1e-30 * largest ? largest / smallest : Infinity };
}
