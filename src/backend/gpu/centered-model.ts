// Energies of a sparse GP about a reference μ, Eq. (16), so that float32 is used for what is small. The weights x_m are large and alternate in sign; a plain
// float32 sum Σ_m x_m (z·z_m)^ζ loses what they leave over. With z = μ + δ, a_m = μ·z_m and t_m = δ·z_m,
//   ε(z) = Σ_m x_m a_m^ζ  +  δ·g  +  Σ_m x_m [(a_m + t_m)^ζ − a_m^ζ − ζ a_m^{ζ−1} t_m],   g = Σ_m ζ x_m a_m^{ζ−1} z_m,
// the first two terms have their large sums done here in float64; the bracket is t² times a polynomial without cancellation (shaders/kernel.wgsl).
import type { CenterModel } from "../../model/potential.js";

export interface CenteredModel {
  readonly points: number;
  readonly size: number;
  /** Σ_m x_m a_m^ζ in eV. */
  readonly constant: number;
  /** μ, exact in float32, [component]. */
  readonly mean: Float32Array;
  /** g in eV, [component]. */
  readonly slope: Float64Array;
  /** γ and g⟂ with g = γμ + g⟂, g⟂·μ = 0. */
  readonly parallel: number;
  readonly perpendicular: Float64Array;
  /** a_m, [point]. */
  readonly products: Float64Array;
  /** δ_m = z_m − μ, [point][component]. */
  readonly centered: Float64Array;
}

export function centeredModel({ sparsePoints, weights, size }: CenterModel, zeta: number): CenteredModel {
  const points = weights.length;
  const sum = new Float64Array(size);
  for (let m = 0; m < points; m++) for (let q = 0; q < size; q++) sum[q]! += sparsePoints[m * size + q]!;
  const mean = Float32Array.from(sum, (value) => value / points);
  const slope = new Float64Array(size);
  const products = new Float64Array(points);
  const centered = new Float64Array(points * size);
  let constant = 0;
  for (let m = 0; m < points; m++) {
    let product = 0;
    for (let q = 0, at = m * size; q < size; q++, at++) {
      product += mean[q]! * sparsePoints[at]!;
      centered[at] = sparsePoints[at]! - mean[q]!;
    }
    products[m] = product;
    constant += weights[m]! * product ** zeta;
    const factor = zeta * weights[m]! * product ** (zeta - 1);
    for (let q = 0; q < size; q++) slope[q]! += factor * sparsePoints[m * size + q]!;
  }
  let [square, along] = [0, 0];
  for (let q = 0; q < size; q++) {
    square += mean[q]! * mean[q]!;
    along += mean[q]! * slope[q]!;
  }
  const parallel = square > 0 ? along / square : 0;
  const perpendicular = slope.map((value, q) => value - parallel * mean[q]!);
  return { points, size, constant, mean, slope, parallel, perpendicular, products, centered };
}
