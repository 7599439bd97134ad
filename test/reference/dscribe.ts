/**
 * DScribe's power spectrum (its numbers in ../shared/reference say the formulas): no cutoff function, neighbors up to r_cut + σ√(−2 ln 10⁻³),
 * radial functions made for r_cut alone, p = π √(8/(2l+1)) Σ_m c_{anlm} c_{bn'lm}. Plain sums over images, Eq. (6) by quadrature.
 */

import { sphericalHarmonics } from "../../src/angular/spherical-harmonics.js";
import { createQuadratureIntegrals } from "../../src/basis/gaussian-density.js";
import type { RadialFunctions } from "../../src/basis/radial-functions.js";
import { forEachImage, type Atoms } from "./density-coefficients.js";

/** p of every center for the features named by `index` [Z1, Z2, n, n', l]. */
export function dscribePowerSpectrum(
  atoms: Atoms, functions: RadialFunctions, radius: number, sigma: number, lMax: number, index: readonly (readonly number[])[],
): number[][] {
  const { nMax } = functions;
  const reach = radius + sigma * Math.sqrt(-2 * Math.log(1e-3));
  const integrals = createQuadratureIntegrals(functions, sigma, reach, lMax);
  const size = (lMax + 1) ** 2;
  const [values, slopes, harmonics] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1)), new Float64Array(size)];
  return Array.from(atoms.species as ArrayLike<number>, (own, i) => {
    const coefficients = new Map<number, Float64Array>();
    const add = (z: number, x: number, y: number, w: number, r: number): void => {
      const target = coefficients.get(z) ?? new Float64Array(nMax * size);
      coefficients.set(z, target);
      integrals(r, values, slopes);
      sphericalHarmonics(lMax, x, y, w, harmonics);
      for (let n = 0; n < nMax; n++) {
        for (let lm = 0; lm < size; lm++) target[n * size + lm]! += values[Math.floor(Math.sqrt(lm)) * nMax + n]! * harmonics[lm]!;
      }
    };
    // At r = 0 only l = 0 is left of the integrals; the direction does not matter.
    add(own, 0, 0, 1, 0);
    forEachImage(atoms, i, reach, (j, [x, y, z], r) => add(atoms.species[j]!, x / r, y / r, z / r, r));
    return index.map(([za, zb, n, other, l]) => {
      const [a, b] = [coefficients.get(za!), coefficients.get(zb!)];
      let sum = 0;
      if (a && b) for (let lm = l! * l!; lm < (l! + 1) ** 2; lm++) sum += a[n! * size + lm]! * b[other! * size + lm]!;
      return Math.PI * Math.sqrt(8 / (2 * l! + 1)) * sum;
    });
  });
}
