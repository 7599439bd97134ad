/** What every primitive radial basis R_nl(s) gives to the integrals of THEORY.md Eq. (6): values, slopes, and where they are smooth. */

import type { DensityHyperparameters } from "./hyperparameters.js";
import { createChebyshev } from "./chebyshev.js";
import { createGto, createGtoFunctions, type RadialIntegrals } from "./gto.js";
import { createLaplacianEigenstates } from "./laplacian-eigenstates.js";
import { createPolynomials } from "./polynomial.js";
import { createShiftedGaussians, shiftedGaussianFunctions } from "./shifted-gaussians.js";
import { createTabulatedFunctions } from "./tabulated-functions.js";

export interface RadialFunctions {
  readonly nMax: number;
  /** Whether the functions differ between degrees: `evaluate` then fills [l][n], otherwise [n]. */
  readonly perDegree: boolean;
  /** Ascending from 0 to where the functions end (or Infinity), Å; they are smooth in between. */
  readonly knots: Float64Array;
  /** Length in Å on which the functions vary. */
  readonly detail: number;
  /** R in Å^{−3/2} and dR/ds at s up to the last knot; the smooth continuation for s < 0. */
  readonly evaluate: RadialIntegrals;
}

/**
 * The primitive functions of a basis, orthonormal under ∫ s² ds on [0, last knot].
 * @throws NumericalError when nMax functions are too similar to be made orthonormal; it names the condition number and the largest nMax.
 */
export function createRadialFunctions({ cutoff, density, basis }: DensityHyperparameters): RadialFunctions {
  const { nMax, lMax } = basis;
  const { radius } = cutoff;
  const unlimited = Float64Array.of(0, Infinity);
  switch (basis.kind) {
    case "gto":
      return { nMax, perDegree: false, knots: unlimited, detail: radius / nMax, evaluate: createGtoFunctions(createGto(radius, nMax)) };
    case "shifted-gaussians":
      return shiftedGaussianFunctions(createShiftedGaussians(radius, density.width, nMax));
    case "chebyshev":
      return createChebyshev(radius, nMax);
    case "laplacian-eigenstates":
      return createLaplacianEigenstates(radius, nMax, lMax);
    case "polynomial":
      return createPolynomials(radius, nMax);
    case "table":
      return createTabulatedFunctions(basis.table!, nMax);
    case "dvr":
      throw new TypeError("DVR functions stand for quadrature points; dvr.ts has their integrals");
  }
}
