/**
 * Shifted Gaussians, the basis of Gaussian approximation potentials in QUIP, THEORY.md Eq. (25): φ_b(s) = exp(−(s − s_b)²/2σ²) at the
 * equispaced s_b = b (r_c + √(20 ln 10) σ)/nMax, b = 0 … nMax − 1, made orthonormal by Cholesky's factor of their overlap, S = L Lᵀ:
 * R = L^{−1} φ. A Gaussian density is not projected on them but interpolated at the s_b: with C_bb' = φ_b(s_b') the part of degree l of
 * the density is Σ_b w_b φ_b(s), C w = 4π K_l(s_b, r), and
 *
 *   I_nl(r) = f_c u 4π Σ_b (Lᵀ C^{−1})_nb K_l(s_b, r),   K_l(s, r) = e^{−(s²+r²)/2σ²} i_l(sr/σ²),
 *
 * which is the definition here, as in QUIP, where it lacks the 4π. It comes close to the projection of Eq. (6) once the spacing falls to σ.
 */

import { add, fromNumber, multiply, zero, type DoubleDouble } from "./double-double.js";
import { exponential } from "./elementary.js";
import { createGaussianKernel } from "./gaussian-density.js";
import type { RadialIntegrals } from "./gto.js";
import { loewdin } from "./loewdin.js";
import { checkCondition, choleskyFactor, overlapMatrix, solveLower, solveLowerTransposed, type Matrix } from "./orthonormalization.js";
import type { RadialFunctions } from "./radial-functions.js";

/** Rounding of the φ_b grows by the root of this in R. */
const largestCondition = 1e14;

export interface ShiftedGaussians {
  readonly nMax: number;
  /** s_b in Å, [b]. */
  readonly centers: Float64Array;
  /** σ in Å. */
  readonly width: number;
  /** L, [b][n]. */
  readonly factor: Matrix;
  /** λ_max/λ_min of S. */
  readonly condition: number;
}

function gaussian(x: number): number {
  return exponential(-0.5 * x * x);
}

function centersOf(radius: number, width: number, nMax: number): Float64Array {
  const spacing = (radius + width * Math.sqrt(20 * Math.LN10)) / nMax;
  return Float64Array.from({ length: nMax }, (_, b) => b * spacing);
}

function overlapOf(centers: Float64Array, width: number): Matrix {
  const evaluate = (s: number, out: Float64Array): void => centers.forEach((center, b) => (out[b] = gaussian((s - center) / width)));
  const panels = Math.ceil((centers[centers.length - 1]! + 9 * width) / (2 * width));
  return overlapMatrix(evaluate, centers.length, Array.from({ length: panels + 1 }, (_, panel) => 2 * width * panel), 20);
}

/**
 * The functions for a cutoff radius and a width σ in Å.
 * @throws NumericalError when they overlap too much to be made orthonormal: their spacing is well below σ.
 */
export function createShiftedGaussians(radius: number, width: number, nMax: number): ShiftedGaussians {
  const centers = centersOf(radius, width, nMax);
  const overlap = overlapOf(centers, width);
  const { condition } = loewdin(overlap);
  const conditionOf = (fewer: number): number => loewdin(overlapOf(centersOf(radius, width, fewer), width)).condition;
  checkCondition("shifted Gaussians", nMax, condition, largestCondition, conditionOf);
  return { nMax, centers, width, factor: choleskyFactor(overlap)!, condition };
}

function unitVector(size: number, at: number): DoubleDouble[] {
  return Array.from({ length: size }, (_, index) => fromNumber(index === at ? 1 : 0));
}

/** The orthonormal functions R = L^{−1} φ. */
export function shiftedGaussianFunctions({ nMax, centers, width, factor }: ShiftedGaussians): RadialFunctions {
  // Columns of L^{−1}.
  const columns = Array.from({ length: nMax }, (_, b) => solveLower(factor, unitVector(nMax, b)).map(([hi]) => hi));
  const evaluate = (s: number, values: Float64Array, slopes: Float64Array): void => {
    values.fill(0);
    slopes.fill(0);
    columns.forEach((column, b) => {
      const x = (s - centers[b]!) / width;
      const value = gaussian(x);
      for (let n = b; n < nMax; n++) {
        values[n]! += column[n]! * value;
        slopes[n]! -= (column[n]! * value * x) / width;
      }
    });
  };
  return { nMax, perDegree: false, knots: Float64Array.of(0, Infinity), detail: width, evaluate };
}

/** Integrals with a Gaussian density of the functions' own σ, without f_c and u, [l][n]; r ≥ 0 in Å. */
export function createShiftedGaussianIntegrals({ nMax, centers, width, factor }: ShiftedGaussians, lMax: number): RadialIntegrals {
  const covariance = Array.from(centers, (a) => Array.from(centers, (b) => fromNumber(gaussian((a - b) / width))));
  // C is less ill-conditioned than S.
  const covarianceFactor = choleskyFactor(covariance)!;
  const transform = new Float64Array(nMax * nMax);
  for (let b = 0; b < nMax; b++) {
    const column = solveLowerTransposed(covarianceFactor, solveLower(covarianceFactor, unitVector(nMax, b)));
    for (let n = 0; n < nMax; n++) {
      let sum = zero;
      // Of C^{−1} L the element [b][n]; C^{−1} is symmetric.
      for (let k = n; k < nMax; k++) sum = add(sum, multiply(column[k]!, factor[k]![n]!));
      transform[b * nMax + n] = 4 * Math.PI * sum[0];
    }
  }
  const kernel = createGaussianKernel(width, lMax, nMax);
  return (r, values, slopes) => {
    values.fill(0);
    slopes.fill(0);
    centers.forEach((center, b) => kernel(center, r, transform, b * nMax, 0, values, slopes));
  };
}
