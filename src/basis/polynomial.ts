/**
 * Polynomials that end smoothly at the cutoff, THEORY.md Eq. (28): φ_k(s) = (r_c − s)^{k+3} on [0, r_c], k = 0 … nMax − 1 (lengths in Å),
 * made orthonormal by S^{−1/2}, S_kk' = 2 r_c^{k+k'+9} / ((k+k'+7)(k+k'+8)(k+k'+9)): the basis of Bartók, Kondor and Csányi
 * (doi:10.1103/PhysRevB.87.184115) with DScribe's powers. With t = 1 − s/r_c and the orthonormal polynomials p_k of the weight
 * t⁶(1 − t)² on [0, 1], the functions J_k = r_c^{−3/2} t³ p_k(t) span the same space, and φ = A J with S = A Aᵀ (Cholesky), so that
 *
 *   R = S^{−1/2} φ = Q J,   Q = S^{−1/2} A orthogonal.
 *
 * S loses two digits and more with every function; Q is found with as many as that takes. Nothing is lost in evaluating Q J.
 */

import type { Arithmetic } from "./arithmetic.js";
import { createFixedPoint } from "./fixed-point.js";
import { loewdin } from "./loewdin.js";
import type { RadialFunctions } from "./radial-functions.js";

/** S of nMax functions over a common factor, which Q does not depend on. */
function overlap<T>({ multiply, divide, fromNumber, one }: Arithmetic<T>, radius: number, nMax: number): T[][] {
  // Powers about the middle one: neither they nor their inverses run away.
  const powers: T[] = [];
  const length = fromNumber(radius);
  for (let power = 0; power < nMax; power++) {
    powers[nMax - 1 + power] = power === 0 ? one : multiply(powers[nMax - 2 + power]!, length);
    powers[nMax - 1 - power] = power === 0 ? one : divide(powers[nMax - power]!, length);
  }
  const element = (sum: number): T => divide(powers[sum]!, fromNumber((sum + 7) * (sum + 8) * (sum + 9)));
  return Array.from({ length: nMax }, (_, k) => Array.from({ length: nMax }, (__, other) => element(k + other)));
}

/** Smallest whole k with 2^−k ≤ length ≤ 2^k. */
function binaryOrder(length: number): number {
  let k = 0;
  for (let bound = 1; bound < length || bound * length < 1; bound *= 2) k++;
  return k;
}

/** Q, [n][k]. */
function orthogonalFactor(radius: number, nMax: number): Float64Array[] {
  // The eigenvalues of S spread over 10 binary digits per function, and over 4 log₂ r_c more by the units.
  const arithmetic = createFixedPoint(96 + nMax * (12 + 4 * binaryOrder(radius)));
  const { add, subtract, multiply, divide, squareRoot, zero, toNumber } = arithmetic;
  const matrix = overlap(arithmetic, radius, nMax);
  const factor: bigint[][] = [];
  for (let i = 0; i < nMax; i++) {
    factor[i] = [];
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest = subtract(rest, multiply(factor[i]![k]!, factor[j]![k]!));
      factor[i]![j] = i === j ? squareRoot(rest) : divide(rest, factor[j]![j]!);
    }
  }
  return loewdin(matrix, arithmetic).inverseRoot.map((row) =>
    Float64Array.from({ length: nMax }, (_, k) => {
      let sum = zero;
      for (let i = k; i < nMax; i++) sum = add(sum, multiply(row[i]!, factor[i]![k]!));
      return toNumber(sum);
    }),
  );
}

/** The last Q: a table and its center's density ask for the same one, which takes half a second for 24 functions. */
let latest: { readonly radius: number; readonly nMax: number; readonly factor: Float64Array[] } | null = null;

/** Coefficients a_k and b_k of t p_k = b_{k+1} p_{k+1} + a_k p_k + b_k p_{k−1}: shifted Jacobi polynomials, α = 2, β = 6. */
function recurrence(count: number): { diagonal: Float64Array; off: Float64Array } {
  const [alpha, beta] = [2, 6];
  const sum = alpha + beta;
  const diagonal = Float64Array.from({ length: count }, (_, k) => 0.5 + (beta ** 2 - alpha ** 2) / (2 * (2 * k + sum) * (2 * k + sum + 2)));
  const off = Float64Array.from({ length: count + 1 }, (_, k) => {
    const square = (k * (k + alpha) * (k + beta) * (k + sum)) / ((2 * k + sum) ** 2 * (2 * k + sum + 1) * (2 * k + sum - 1));
    return Math.sqrt(square);
  });
  return { diagonal, off };
}

/** The nMax functions for a cutoff radius in Å; they mix with the unit of length, as DScribe's do. */
export function createPolynomials(radius: number, nMax: number): RadialFunctions {
  if (latest?.radius !== radius || latest.nMax !== nMax) latest = { radius, nMax, factor: orthogonalFactor(radius, nMax) };
  const { factor } = latest;
  const { diagonal, off } = recurrence(nMax);
  const [values, slopes] = [new Float64Array(nMax), new Float64Array(nMax)];
  // ∫ t⁶(1 − t)² dt = 1/252.
  const norm = Math.sqrt(252 / (radius * radius * radius));
  const evaluate = (s: number, out: Float64Array, outSlopes: Float64Array): void => {
    const t = 1 - s / radius;
    let [before, value, slopeBefore, slope] = [0, norm, 0, 0];
    for (let k = 0; k < nMax; k++) {
      values[k] = t * t * t * value;
      slopes[k] = (-1 / radius) * t * t * (3 * value + t * slope);
      const shift = t - diagonal[k]!;
      const next = (shift * value - off[k]! * before) / off[k + 1]!;
      const slopeNext = (value + shift * slope - off[k]! * slopeBefore) / off[k + 1]!;
      [before, value, slopeBefore, slope] = [value, next, slope, slopeNext];
    }
    factor.forEach((row, n) => {
      out[n] = row.reduce((sum, weight, k) => sum + weight * values[k]!, 0);
      outSlopes[n] = row.reduce((sum, weight, k) => sum + weight * slopes[k]!, 0);
    });
  };
  return { nMax, perDegree: false, knots: Float64Array.of(0, radius), detail: radius / nMax, evaluate };
}
