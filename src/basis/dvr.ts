/**
 * Discrete variable representation, THEORY.md Eq. (8): Gauss–Legendre points x_n and weights w_n on [0, r_c + 3σ].
 * s R_n(s) is the Lagrange polynomial of point n over √w_n, orthonormal under ∫ s² ds; with the same points as quadrature the integral of
 * Eq. (6) becomes one term, I_nl(r) = 4π √w_n x_n K_l(x_n, r), which is the definition here (Light, Hamilton and Lill, doi:10.1063/1.448462).
 */

import { gaussLegendre, type Quadrature } from "./gauss-legendre.js";
import { createGaussianKernel } from "./gaussian-density.js";
import type { RadialIntegrals } from "./gto.js";

/** Points x_n and weights w_n in Å for a cutoff radius and a Gaussian width σ. */
export function dvrPoints(radius: number, sigma: number, nMax: number): Quadrature {
  return gaussLegendre(nMax, 0, radius + 3 * sigma);
}

/** Integrals without f_c and u, [l][n]; r ≥ 0. */
export function createDvrIntegrals({ points, weights }: Quadrature, sigma: number, lMax: number): RadialIntegrals {
  const nMax = points.length;
  const kernel = createGaussianKernel(sigma, lMax, 1);
  const [value, slope] = [new Float64Array(lMax + 1), new Float64Array(lMax + 1)];
  return (r, values, slopes) => {
    for (let n = 0; n < nMax; n++) {
      value.fill(0);
      slope.fill(0);
      kernel(points[n]!, r, [4 * Math.PI * Math.sqrt(weights[n]!) * points[n]!], 0, 0, value, slope);
      for (let l = 0; l <= lMax; l++) {
        values[l * nMax + n] = value[l]!;
        slopes[l * nMax + n] = slope[l]!;
      }
    }
  };
}

/** R_n(s) in Å^{−3/2}, [n], for 0 < s ≤ r_c + 3σ; grows as 1/s toward 0. */
export function evaluateDvr({ points, weights }: Quadrature, s: number): Float64Array {
  return points.map((center, n) => {
    const lagrange = points.reduce((product, point, k) => (k === n ? product : (product * (s - point)) / (center - point)), 1);
    return lagrange / (Math.sqrt(weights[n]!) * s);
  });
}
