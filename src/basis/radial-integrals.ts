/** Radial integrals I_nl(r) of THEORY.md Eq. (6), exact, for each basis (Eqs. 7, 8) and density (Eq. 2), with f_c (Eq. 3) and u (Eq. 4). */

import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { evaluateCutoff } from "./cutoff.js";
import { createDvrIntegrals, dvrPoints, evaluateDvr } from "./dvr.js";
import { createQuadratureIntegrals } from "./gaussian-density.js";
import { createGto, createGtoFunctions, createGtoIntegrals, type RadialIntegrals } from "./gto.js";
import { evaluateScaling } from "./radial-scaling.js";

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

/** Integrals without f_c and u, for any real r. */
function createBareIntegrals({ cutoff, density, basis: { kind, nMax, lMax } }: Hyperparameters): RadialIntegrals {
  if (kind === "dvr") return withParity(createDvrIntegrals(dvrPoints(cutoff.radius, density.width, nMax), density.width, lMax), nMax);
  const gto = createGto(cutoff.radius, nMax);
  const functions = createGtoFunctions(gto);
  if (density.kind === "gaussian") {
    if (nMax <= largestAnalytic) return createGtoIntegrals(gto, density.width, lMax);
    const slopes = new Float64Array(nMax);
    const evaluate = (s: number, out: Float64Array): void => functions(s, out, slopes);
    // A Gaussian at the cutoff radius ends where the quadrature does.
    const extent = cutoff.radius + 9 * density.width;
    return withParity(createQuadratureIntegrals(evaluate, extent, density.width, nMax, lMax, cutoff.radius / nMax), nMax);
  }
  return (r, values, slopes) => {
    functions(r, values.subarray(0, nMax), slopes.subarray(0, nMax));
    for (let l = 1; l <= lMax; l++) {
      values.copyWithin(l * nMax, 0, nMax);
      slopes.copyWithin(l * nMax, 0, nMax);
    }
  };
}

/**
 * Evaluator of I_nl(r) and dI_nl/dr, Eq. (6) with f_c and u, without a table: (r in Å, values [l][n], slopes [l][n]), both nMax (lMax + 1) long.
 * For r < 0 the smooth continuation. With the "step" cutoff, the left limit at the radius.
 * @throws InputError on hyperparameters out of range, NumericalError when the basis cannot be made orthonormal.
 */
export function createRadialIntegrals(hyperparameters: Hyperparameters): RadialIntegrals {
  validateHyperparameters(hyperparameters);
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
export function centerIntegrals(hyperparameters: Hyperparameters): Float64Array {
  validateHyperparameters(hyperparameters);
  const { nMax, lMax } = hyperparameters.basis;
  const [values, slopes] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1))];
  createBareIntegrals(hyperparameters)(0, values, slopes);
  return values.slice(0, nMax).map((value) => hyperparameters.density.centerWeight * value);
}

/**
 * The radial functions R_n(s) in Å^{−3/2}, [n], orthonormal under ∫ s² ds, for plots; s in Å. DVR functions end at r_c + 3σ and grow as 1/s
 * toward s = 0, where they have no value.
 * @throws InputError when s is not a finite number, negative, or 0 with the DVR basis.
 */
export function evaluateRadialBasis(hyperparameters: Hyperparameters, s: number): Float64Array {
  validateHyperparameters(hyperparameters);
  const { cutoff, density, basis } = hyperparameters;
  const dvr = basis.kind === "dvr";
  if (!(s >= 0 && s < Infinity) || (dvr && s === 0)) {
    const expected = dvr ? "a length above 0 Å" : "a length from 0 Å on";
    throw new InputError("radial functions have no value here", { key: "s", expected, got: String(s) });
  }
  if (dvr) {
    const points = dvrPoints(cutoff.radius, density.width, basis.nMax);
    return s > cutoff.radius + 3 * density.width ? new Float64Array(basis.nMax) : evaluateDvr(points, s);
  }
  const values = new Float64Array(basis.nMax);
  createGtoFunctions(createGto(cutoff.radius, basis.nMax))(s, values, new Float64Array(basis.nMax));
  return values;
}
