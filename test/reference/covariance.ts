/** Eqs. (30), (31) and (42) as they are written, from coefficients [center][species][n][lm]: the slow route to the backends' covariances. */

import { createCovariance, type CoefficientLayout, type DensityCovariance } from "../../src/basis/covariance.js";

export interface ReferenceChoice {
  readonly mixed?: boolean;
  /** w of each center; 1 by default. */
  readonly weights?: ArrayLike<number>;
  /** Elements of the centers with matrices of their own, and the element of each center. */
  readonly centers?: readonly number[];
  readonly elements?: ArrayLike<number>;
}

export function referenceCovariance(
  layout: CoefficientLayout, coefficients: Float64Array, { mixed = false, weights, centers, elements }: ReferenceChoice = {},
): DensityCovariance {
  const { species, nMax, lMax } = layout;
  const covariance = createCovariance(layout, mixed, centers ?? null);
  const [channels, orders] = [species * nMax, (lMax + 1) ** 2];
  const size = mixed ? channels : nMax;
  for (let i = 0; i < coefficients.length / (channels * orders); i++) {
    const center = centers ? centers.indexOf(elements![i]!) : 0;
    if (center < 0) continue;
    const w = weights ? weights[i]! : 1;
    covariance.weight += w;
    for (let row = 0; row < channels; row++) {
      const a = Math.floor(row / nMax);
      const others = Array.from({ length: size }, (_, k) => (mixed ? k : a * nMax + k));
      for (let lm = 0; lm < orders; lm++) {
        const l = Math.floor(Math.sqrt(lm));
        const block = (mixed ? center : center * species + a) * (lMax + 1) + l;
        const at = (block * size + (mixed ? row : row % nMax)) * size;
        const value = w * coefficients[(i * channels + row) * orders + lm]!;
        others.forEach((column, k) => (covariance.sums[at + k]! += value * coefficients[(i * channels + column) * orders + lm]!));
      }
    }
  }
  return covariance;
}
