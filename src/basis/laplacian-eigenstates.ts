/**
 * Eigenstates of the Laplacian in a sphere, THEORY.md Eq. (27): R_nl(s) = N_nl j_l(z_nl s/r_c) with z_nl the zeros of j_l and
 * N_nl = √(2/r_c³)/|j_{l+1}(z_nl)|, orthonormal on [0, r_c] and 0 at r_c, one family per degree (Bigi, Huguenin-Dumittan, Ceriotti and
 * Manolopoulos, doi:10.1063/5.0124363).
 */

import type { RadialFunctions } from "./radial-functions.js";
import { sphericalBessel, sphericalBesselZeros } from "./spherical-bessel.js";

/** The nMax states of lowest energy of each degree l ≤ lMax. */
export function createLaplacianEigenstates(radius: number, nMax: number, lMax: number): RadialFunctions {
  const bessel = new Float64Array(lMax + 2);
  const states = sphericalBesselZeros(lMax, nMax).map((zeros, l) =>
    Array.from(zeros, (zero) => {
      sphericalBessel(l + 1, zero, bessel);
      return { perLength: zero / radius, norm: Math.sqrt(2 / (radius * radius * radius)) / Math.abs(bessel[l + 1]!) };
    }),
  );
  const evaluate = (s: number, values: Float64Array, slopes: Float64Array): void => {
    states.forEach((family, l) =>
      family.forEach(({ perLength, norm }, n) => {
        sphericalBessel(l + 1, perLength * s, bessel);
        // j_l' = (l j_{l−1} − (l+1) j_{l+1})/(2l+1), DLMF 10.51.2.
        const below = l === 0 ? 0 : l * bessel[l - 1]!;
        values[l * nMax + n] = norm * bessel[l]!;
        slopes[l * nMax + n] = (norm * perLength * (below - (l + 1) * bessel[l + 1]!)) / (2 * l + 1);
      }),
    );
  };
  return { nMax, perDegree: true, knots: Float64Array.of(0, radius), detail: radius / (nMax + lMax / 2), evaluate };
}
