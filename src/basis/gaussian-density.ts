/**
 * Radial integrals of a Gaussian density with any radial basis, THEORY.md Eq. (6), by Gauss–Legendre quadrature:
 *   I_nl(r) = 4π ∫ s² R_n(s) K_l(s, r) ds,   K_l = e^{−(s²+r²)/2σ²} i_l(sr/σ²) = e^{−(s−r)²/2σ²} κ_l(sr/σ²),   κ_l(x) = e^{−x} i_l(x).
 * From (2l+1) i_l' = l i_{l−1} + (l+1) i_{l+1} (DLMF 10.51.5), without division by r:
 *   ∂K_l/∂r = e^{−(s−r)²/2σ²} [ (s/σ²) (l κ_{l−1} + (l+1) κ_{l+1})/(2l+1) − (r/σ²) κ_l ].
 */

import { scaledModifiedBessel } from "./bessel.js";
import { gaussLegendre } from "./gauss-legendre.js";
import type { RadialIntegrals } from "./gto.js";

/** e^{−9²/2} = 3e-18: farther points do not count. */
const reach = 9;
/** Per panel of 2σ: a Gaussian alone would be integrated to 1e-27. */
const panelPoints = 16;

/** Adds weight[n]·K_l(s, r) and its r-derivative to values and slopes, [l][n]. */
export interface GaussianKernel {
  (s: number, r: number, weights: ArrayLike<number>, offset: number, values: Float64Array, slopes: Float64Array): void;
}

/** The kernel K_l for l ≤ lMax, r ≥ 0, s ≥ 0 in Å; `weights` holds nMax numbers from `offset` on. */
export function createGaussianKernel(sigma: number, lMax: number, nMax: number): GaussianKernel {
  const bessel = new Float64Array(lMax + 2);
  const perSquare = 1 / (sigma * sigma);
  return (s, r, weights, offset, values, slopes) => {
    const gaussian = Math.exp(-0.5 * perSquare * (s - r) ** 2);
    scaledModifiedBessel(lMax + 1, s * r * perSquare, bessel);
    for (let l = 0; l <= lMax; l++) {
      const value = gaussian * bessel[l]!;
      const below = l === 0 ? 0 : l * bessel[l - 1]!;
      const slope = gaussian * perSquare * ((s * (below + (l + 1) * bessel[l + 1]!)) / (2 * l + 1) - r * bessel[l]!);
      for (let n = 0; n < nMax; n++) {
        values[l * nMax + n]! += weights[offset + n]! * value;
        slopes[l * nMax + n]! += weights[offset + n]! * slope;
      }
    }
  };
}

/**
 * Integrals without f_c and u for radial functions given as `evaluate(s, out[n])`, which are smooth on [0, extent] and vanish beyond.
 * The panels are twice as wide as σ or `detail` (the length on which R_n varies), whichever is shorter; r ≥ 0. Lengths in Å.
 */
export function createQuadratureIntegrals(
  evaluate: (s: number, out: Float64Array) => void,
  extent: number,
  sigma: number,
  nMax: number,
  lMax: number,
  detail = sigma,
): RadialIntegrals {
  const panels = Math.ceil(extent / (2 * Math.min(sigma, detail)));
  const width = extent / panels;
  const points = new Float64Array(panels * panelPoints);
  const weighted = new Float64Array(panels * panelPoints * nMax);
  const values = new Float64Array(nMax);
  for (let panel = 0; panel < panels; panel++) {
    const rule = gaussLegendre(panelPoints, panel * width, (panel + 1) * width);
    for (let k = 0; k < panelPoints; k++) {
      const index = panel * panelPoints + k;
      const s = (points[index] = rule.points[k]!);
      evaluate(s, values);
      for (let n = 0; n < nMax; n++) weighted[index * nMax + n] = 4 * Math.PI * rule.weights[k]! * s * s * values[n]!;
    }
  }
  const kernel = createGaussianKernel(sigma, lMax, nMax);
  return (r, out, slopes) => {
    out.fill(0);
    slopes.fill(0);
    for (let index = 0; index < points.length; index++) {
      if (Math.abs(points[index]! - r) < reach * sigma) kernel(points[index]!, r, weighted, index * nMax, out, slopes);
    }
  };
}
