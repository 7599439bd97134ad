// A term with ζ = 1 is linear in z: Σ_m x_m (z · z_m) = z · v with v = Σ_m x_m z_m, Eq. (57). Predictions then cost the same for any number of points.
import type { CenterModel } from "../model/potential.js";

/** The centers of a term as predictions need them: for ζ = 1 one point v of weight 1, otherwise as they are. */
export function collapsed(centers: readonly CenterModel[], zeta: number): readonly CenterModel[] {
  if (zeta !== 1) return centers;
  return centers.map((center) => {
    const { size, sparsePoints, weights } = center;
    if (weights.length <= 1) return center;
    const sum = new Float64Array(size);
    weights.forEach((weight, m) => {
      for (let q = 0; q < size; q++) sum[q]! += weight * sparsePoints[m * size + q]!;
    });
    return { ...center, sparsePoints: sum, weights: Float64Array.of(1) };
  });
}
