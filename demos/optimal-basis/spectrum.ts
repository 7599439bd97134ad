// Residual variance RV(q) = Σ_{q' > q} λ_q' / Σ λ (doi:10.1063/5.0057229) of the directions. Sums from the small end lose no digits.
import type { BasisResult } from "./basis-job.js";

/** One degree of one element, or of all elements mixed. */
export interface Spectrum {
  /** λ in Å³, falling, [q]. */
  readonly eigenvalues: Float64Array;
  /** Share of the variance left out by the first q functions, q = 0 … rank, [q]. */
  readonly residuals: Float64Array;
  readonly total: number;
}

/** Σ over the tail, [q], one longer than the eigenvalues. */
function tails(eigenvalues: Float64Array): Float64Array {
  const sums = new Float64Array(eigenvalues.length + 1);
  for (let q = eigenvalues.length - 1; q >= 0; q--) sums[q] = sums[q + 1]! + Math.max(0, eigenvalues[q]!);
  return sums;
}

/** Spectra of all degrees for one element (any, where they are mixed), [l]. */
export function spectraOf({ directions }: BasisResult, element: number): Spectrum[] {
  const { lMax, mixed, blocks } = directions;
  return Array.from({ length: lMax + 1 }, (_, l) => {
    const { variances, total } = blocks[mixed ? l : element * (lMax + 1) + l]!;
    const residuals = tails(variances);
    return { eigenvalues: variances, residuals: residuals.map((sum) => (residuals[0]! > 0 ? sum / residuals[0]! : 0)), total };
  });
}

export function residualAt({ residuals }: Spectrum, q: number): number {
  return residuals[Math.min(q, residuals.length - 1)]!;
}

/** Residual variance of all degrees together when each keeps its first q functions. */
export function jointResidual(spectra: readonly Spectrum[], q: number): number {
  const variance = ({ eigenvalues }: Spectrum): number => (eigenvalues.length > 0 ? 1 : 0);
  const all = spectra.reduce((sum, spectrum) => sum + variance(spectrum) * spectrum.total, 0);
  const left = spectra.reduce((sum, spectrum) => sum + variance(spectrum) * spectrum.total * residualAt(spectrum, q), 0);
  return all > 0 ? left / all : 0;
}

/** Fewest functions that leave out no more than `threshold`; null when there is no variance. */
export function functionsNeeded({ residuals }: Spectrum, threshold: number): number | null {
  return residuals.length === 1 ? null : residuals.findIndex((residual) => residual <= threshold);
}
