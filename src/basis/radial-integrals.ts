/** Radial integrals I_nl(r) of THEORY.md Eq. (6), exact, for each basis (Eqs. 7, 8, 25–29) and density (Eq. 2), with f_c (Eq. 3) and u (Eq. 4). */

import { InputError } from "../errors.js";
import type { DensityHyperparameters } from "./hyperparameters.js";
import { validateDensityHyperparameters } from "./validate-hyperparameters.js";
import { evaluateCutoff } from "./cutoff.js";
import { createDvrIntegrals, dvrPoints, evaluateDvr } from "./dvr.js";
import { createQuadratureIntegrals } from "./gaussian-density.js";
import { createGto, createGtoIntegrals, type RadialIntegrals } from "./gto.js";
import { createRadialFunctions, type RadialFunctions } from "./radial-functions.js";
import { evaluateScaling } from "./radial-scaling.js";
import { createShiftedGaussianIntegrals, createShiftedGaussians } from "./shifted-gaussians.js";

export type { RadialIntegrals } from "./gto.js";

/**
 * Largest number of Gaussian-type orbitals for the analytic integrals. Beyond, S^{−1/2} would amplify their rounding above 1e-12; quadrature
 * over the orthonormal functions, which are known to full precision, does not.
 */
const largestAnalytic = 8;

/** Extends integrals known for r ≥ 0 by their parity (−1)^l, the smooth continuation. */
function withParity(integrals: RadialIntegrals, nMax: number): RadialIntegrals {
  return (r, values, slopes) => {
    integrals(Math.abs(r), values, slopes);
    if (r >= 0) return;
    for (let index = 0; index < values.length; index++) {
      if (Math.floor(index / nMax) % 2 === 1) values[index] = -values[index]!;
      else slopes[index] = -slopes[index]!;
    }
  };
}

/** R_nl(r) itself for every degree: the integrals of a δ density. */
function sharpIntegrals({ nMax, perDegree, evaluate }: RadialFunctions, lMax: number): RadialIntegrals {
  if (perDegree) return evaluate;
  return (r, values, slopes) => {
    evaluate(r, values.subarray(0, nMax), slopes.subarray(0, nMax));
    for (let l = 1; l <= lMax; l++) {
      values.copyWithin(l * nMax, 0, nMax);
      slopes.copyWithin(l * nMax, 0, nMax);
    }
  };
}

/** Integrals without f_c and u, for any real r. */
function createBareIntegrals(hyperparameters: DensityHyperparameters): RadialIntegrals {
  const { widths, weights } = hyperparameters.density;
  if (widths || weights) throw new TypeError("integrals belong to one element: elementDensity gives its density");
  const { cutoff: { radius }, density: { kind: density, width }, basis: { kind, nMax, lMax } } = hyperparameters;
  if (kind === "dvr") return withParity(createDvrIntegrals(dvrPoints(radius, width, nMax), width, lMax), nMax);
  if (density === "delta") return sharpIntegrals(createRadialFunctions(hyperparameters), lMax);
  if (kind === "gto" && nMax <= largestAnalytic) return createGtoIntegrals(createGto(radius, nMax), width, lMax);
  if (kind === "shifted-gaussians") return withParity(createShiftedGaussianIntegrals(createShiftedGaussians(radius, width, nMax), lMax), nMax);
  return withParity(createQuadratureIntegrals(createRadialFunctions(hyperparameters), width, radius, lMax), nMax);
}

/**
 * Evaluator of I_nl(r) and dI_nl/dr, Eq. (6) with f_c and u, without a table: (r in Å, values [l][n], slopes [l][n]), both nMax (lMax + 1) long.
 * For r < 0 the smooth continuation. With the "step" cutoff, the left limit at the radius.
 * @throws InputError on hyperparameters out of range, NumericalError when the basis cannot be made orthonormal.
 */
export function createRadialIntegrals(hyperparameters: DensityHyperparameters): RadialIntegrals {
  validateDensityHyperparameters(hyperparameters);
  const { cutoff, density } = hyperparameters;
  const bare = createBareIntegrals(hyperparameters);
  return (r, values, slopes) => {
    const window = evaluateCutoff(cutoff, r);
    if (window.value === 0) {
      values.fill(0);
      slopes.fill(0);
      return;
    }
    bare(r, values, slopes);
    const scaling = evaluateScaling(density.scaling, r);
    const weight = window.value * scaling.value;
    const weightSlope = window.slope * scaling.value + window.value * scaling.slope;
    for (let index = 0; index < values.length; index++) {
      slopes[index] = weight * slopes[index]! + weightSlope * values[index]!;
      values[index] = weight * values[index]!;
    }
  };
}

/** The center's own density, w₀ I_n0(0) without cutoff and scaling, Eq. (5): [n]. */
export function centerIntegrals(hyperparameters: DensityHyperparameters): Float64Array {
  validateDensityHyperparameters(hyperparameters);
  const { nMax, lMax } = hyperparameters.basis;
  const [values, slopes] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1))];
  createBareIntegrals(hyperparameters)(0, values, slopes);
  return values.slice(0, nMax).map((value) => hyperparameters.density.centerWeight * value);
}

/**
 * The radial functions R_n(s) in Å^{−3/2}, [n], orthonormal under ∫ s² ds, for plots; s in Å. Only Laplacian eigenstates differ between the
 * degrees. DVR functions end at r_c + 3σ and grow as 1/s toward s = 0, where they have no value; Gaussian-type orbitals and shifted Gaussians
 * have no end, tables end with their grid, the others at r_c.
 * @throws InputError when s is not a finite number, negative, or 0 with the DVR basis, or the degree is not one of the basis.
 */
export function evaluateRadialBasis(hyperparameters: DensityHyperparameters, s: number, degree = 0): Float64Array {
  return createRadialBasis(hyperparameters)(s, degree);
}

/** `evaluateRadialBasis` for many distances: the functions are prepared once. The array is the caller's. */
export function createRadialBasis(hyperparameters: DensityHyperparameters): (s: number, degree?: number) => Float64Array {
  validateDensityHyperparameters(hyperparameters);
  const { cutoff, density, basis } = hyperparameters;
  const { nMax, lMax } = basis;
  const dvr = basis.kind === "dvr";
  const points = dvr ? dvrPoints(cutoff.radius, density.width, nMax) : null;
  const functions = dvr ? null : createRadialFunctions(hyperparameters);
  const extent = functions ? functions.knots[functions.knots.length - 1]! : cutoff.radius + 3 * density.width;
  const size = functions?.perDegree ? nMax * (lMax + 1) : nMax;
  const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
  return (s, degree = 0) => {
    if (!(s >= 0 && s < Infinity) || (dvr && s === 0)) {
      const expected = dvr ? "a length above 0 Å" : "a length from 0 Å on";
      throw new InputError("radial functions have no value here", { key: "s", expected, got: String(s) });
    }
    if (!(Number.isInteger(degree) && degree >= 0 && degree <= lMax)) {
      throw new InputError("the basis has no such degree", { key: "degree", expected: `a whole number from 0 to ${lMax}`, got: String(degree) });
    }
    if (s > extent) return new Float64Array(nMax);
    if (points) return evaluateDvr(points, s);
    functions!.evaluate(s, values, slopes);
    const first = functions!.perDegree ? degree * nMax : 0;
    return values.slice(first, first + nMax);
  };
}
