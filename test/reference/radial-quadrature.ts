/**
 * Radial integrals as two-dimensional integrals over the density itself, without Bessel or hypergeometric functions. With t the cosine between
 * the point and the neighbor, ∫ dΩ g Y_lm = 2π Y_lm(r̂) ∫ P_l(t) g dt, hence
 *   I_nl(r) = 2π ∫ s² R_n(s) ∫_{−1}^{1} P_l(t) e^{−(s² + r² − 2 s r t)/2σ²} dt ds.
 */

import { legendrePolynomials } from "./associated-legendre.js";

/** Tanh–sinh rule on [from, to]: spectrally accurate for analytic integrands (Takahasi and Mori 1974). */
export function tanhSinh(from: number, to: number, visit: (x: number, weight: number) => void): void {
  const [half, center, step] = [(to - from) / 2, (to + from) / 2, 1 / 48];
  for (let k = -160; k <= 160; k++) {
    const u = k * step;
    const inner = (Math.PI / 2) * Math.sinh(u);
    visit(center + half * Math.tanh(inner), (half * step * (Math.PI / 2) * Math.cosh(u)) / Math.cosh(inner) ** 2);
  }
}

/** I_nl(r) [l][n] without cutoff and scaling, for radial functions `basis(s)` [n] and a Gaussian of width σ; lengths in Å. */
export function quadratureIntegrals(basis: (s: number) => Float64Array, sigma: number, lMax: number, r: number): Float64Array {
  let sums = new Float64Array(0);
  const inner = new Float64Array(lMax + 1);
  tanhSinh(Math.max(0, r - 9 * sigma), r + 9 * sigma, (s, weight) => {
    const radial = basis(s);
    if (sums.length === 0) sums = new Float64Array(radial.length * (lMax + 1));
    inner.fill(0);
    // Only angles with a distance below 9σ count.
    const lowest = s * r > 0 ? Math.max(-1, (s * s + r * r - 81 * sigma * sigma) / (2 * s * r)) : -1;
    tanhSinh(Math.min(lowest, 1), 1, (t, angular) => {
      const gaussian = Math.exp(-((s - r) ** 2 + 2 * s * r * (1 - t)) / (2 * sigma * sigma));
      legendrePolynomials(lMax, t).forEach((value, l) => (inner[l]! += angular * gaussian * value));
    });
    for (let l = 0; l <= lMax; l++) {
      radial.forEach((value, n) => (sums[l * radial.length + n]! += 2 * Math.PI * weight * s * s * value * inner[l]!));
    }
  });
  return sums;
}
