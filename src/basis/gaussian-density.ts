/**
 * Radial integrals of a Gaussian density with any radial basis, THEORY.md Eq. (6), by Gauss–Legendre quadrature:
 *   I_nl(r) = 4π ∫ s² R_n(s) K_l(s, r) ds,   K_l = e^{−(s²+r²)/2σ²} i_l(sr/σ²) = e^{−(s−r)²/2σ²} κ_l(sr/σ²),   κ_l(x) = e^{−x} i_l(x).
 * From (2l+1) i_l' = l i_{l−1} + (l+1) i_{l+1} (DLMF 10.51.5), without division by r:
 *   ∂K_l/∂r = e^{−(s−r)²/2σ²} [ (s/σ²) (l κ_{l−1} + (l+1) κ_{l+1})/(2l+1) − (r/σ²) κ_l ].
 */

import { exponential } from "./elementary.js";
import { scaledModifiedBessel } from "./bessel.js";
import { gaussLegendre, type Quadrature } from "./gauss-legendre.js";
import type { RadialIntegrals } from "./gto.js";
import type { RadialFunctions } from "./radial-functions.js";

/** e^{−9²/2} = 3e-18: farther points do not count. */
const reach = 9;
/** Per panel of 2σ: a Gaussian alone would be integrated to 1e-27. */
const panelPoints = 16;
/** Per panel of at most σ/2: a Gaussian alone would be integrated to 1e-15. */
const shortPanelPoints = 6;

/** Adds weights[offset + l·stride + n]·K_l(s, r) and its r-derivative to values and slopes, [l][n]. */
export interface GaussianKernel {
  (s: number, r: number, weights: ArrayLike<number>, offset: number, stride: number, values: Float64Array, slopes: Float64Array): void;
}

/** The kernel K_l for l ≤ lMax, r ≥ 0, s ≥ 0 in Å, with nMax weights for all degrees (stride 0) or for each (stride nMax). */
export function createGaussianKernel(sigma: number, lMax: number, nMax: number): GaussianKernel {
  const bessel = new Float64Array(lMax + 2);
  const perSquare = 1 / (sigma * sigma);
  return (s, r, weights, offset, stride, values, slopes) => {
    const gaussian = exponential(-0.5 * perSquare * (s - r) * (s - r));
    scaledModifiedBessel(lMax + 1, s * r * perSquare, bessel);
    for (let l = 0; l <= lMax; l++) {
      const value = gaussian * bessel[l]!;
      const below = l === 0 ? 0 : l * bessel[l - 1]!;
      const slope = gaussian * perSquare * ((s * (below + (l + 1) * bessel[l + 1]!)) / (2 * l + 1) - r * bessel[l]!);
      for (let n = 0; n < nMax; n++) {
        const weight = weights[offset + l * stride + n]!;
        values[l * nMax + n]! += weight * value;
        slopes[l * nMax + n]! += weight * slope;
      }
    }
  };
}

/** Points and weights for functions that are smooth between their knots, up to `extent`. */
function quadratureOf(knots: Float64Array, extent: number, length: number): Quadrature {
  const [points, weights]: [number[], number[]] = [[], []];
  for (let k = 0; k + 1 < knots.length && knots[k]! < extent; k++) {
    const [from, to] = [knots[k]!, Math.min(knots[k + 1]!, extent)];
    // Splines bring an interval for every few hundredths of an Å: there a Gaussian is nearly a polynomial of low degree.
    const short = to - from <= length / 2;
    const panels = short ? 1 : Math.ceil((to - from) / (2 * length));
    for (let panel = 0; panel < panels; panel++) {
      const width = (to - from) / panels;
      const rule = gaussLegendre(short ? shortPanelPoints : panelPoints, from + panel * width, from + (panel + 1) * width);
      points.push(...rule.points);
      weights.push(...rule.weights);
    }
  }
  return { points: Float64Array.from(points), weights: Float64Array.from(weights) };
}

/**
 * Integrals without f_c and u for a Gaussian density of width σ, for distances 0 ≤ r ≤ radius. The panels are twice as wide as σ or the length
 * on which R_nl varies, whichever is shorter. Lengths in Å.
 */
export function createQuadratureIntegrals(functions: RadialFunctions, sigma: number, radius: number, lMax: number): RadialIntegrals {
  const { nMax, perDegree, knots, detail, evaluate } = functions;
  const { points, weights } = quadratureOf(knots, radius + reach * sigma, Math.min(sigma, detail));
  const size = perDegree ? nMax * (lMax + 1) : nMax;
  const weighted = new Float64Array(points.length * size);
  const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
  points.forEach((s, index) => {
    evaluate(s, values, slopes);
    for (let nl = 0; nl < size; nl++) weighted[index * size + nl] = 4 * Math.PI * weights[index]! * s * s * values[nl]!;
  });
  const kernel = createGaussianKernel(sigma, lMax, nMax);
  return (r, out, outSlopes) => {
    out.fill(0);
    outSlopes.fill(0);
    for (let index = 0; index < points.length; index++) {
      if (Math.abs(points[index]! - r) < reach * sigma) kernel(points[index]!, r, weighted, index * size, perDegree ? nMax : 0, out, outSlopes);
    }
  };
}
