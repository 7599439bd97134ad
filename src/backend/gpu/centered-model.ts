// Energies of a sparse GP about a reference μ, Eq. (16), so that float32 is used for what is small. The weights x_m are large and alternate
// in sign; a plain float32 sum Σ_m x_m (z·z_m)^ζ loses what they leave over. With z = μ + δ, z_m = μ + δ_m, a_m = μ·z_m and t_m = δ·z_m = δ·μ + δ·δ_m,
//   ε(z) = Σ x_m a_m^ζ + g·δ + ½ δ·S δ + Σ x_m t_m³ H_m,   g = Σ ζ x_m a_m^{ζ−1} z_m,   S = Σ ζ(ζ−1) x_m a_m^{ζ−2} z_m z_mᵀ,
// where H is a polynomial without cancellation (shaders/kernel.wgsl). The large sums, in the constant, g and S, are taken here in float64; what
// is left of them has the size of energies. S takes q² numbers; for very long z it is left out, and the sum over m begins with t².
// Measured on a silicon fit with M = 1000, ζ = 4 and Σ|x| = 1.2e6: rms error of an environment's energy 1.6 meV without S, 0.05 meV with it.
import type { LinearAlgebra } from "../../linalg/linear-algebra.js";
import type { CenterModel } from "../../model/potential.js";

export interface CenteredModel {
  readonly points: number;
  readonly size: number;
  readonly zeta: number;
  /** Σ_m x_m a_m^ζ in eV. */
  readonly constant: number;
  /** μ, exact in float32, [component]. */
  readonly mean: Float32Array;
  /** g in eV, [component], and its parts γμ and g⟂. */
  readonly slope: Float64Array;
  readonly parallel: number;
  readonly perpendicular: Float64Array;
  /** S δ = μ (s·δ) + S' δ with s = Σ ζ(ζ−1) x_m a_m^{ζ−2} z_m; [component], and S' [component][component]; null when S is zero or left out. */
  readonly curvature: { readonly parallel: Float64Array; readonly matrix: Float64Array } | null;
  /** Power of t with which the sum over the sparse points begins; above ζ there is no such sum. */
  readonly order: 2 | 3;
  /** a_m, [point]. */
  readonly products: Float64Array;
  /** δ_m, [point][component]. */
  readonly centered: Float64Array;
}

/** Components above which S would cost more than the sparse points do. */
const MAX_CURVATURE = 1024;

export function centeredModel(algebra: LinearAlgebra, { sparsePoints, weights, size }: CenterModel, zeta: number): CenteredModel {
  const points = weights.length;
  const mean = new Float32Array(weightedSum(sparsePoints, size, new Float64Array(points).fill(1 / points)));
  const products = Float64Array.from({ length: points }, (_, m) => mean.reduce((sum, value, q) => sum + value * sparsePoints[m * size + q]!, 0));
  const centered = sparsePoints.map((value, k) => value - mean[k % size]!);
  /** ζ(ζ−1)…(ζ−n+1) x_m a_m^{ζ−n}, n = 0, 1, 2. */
  const derivative = (n: number): Float64Array => {
    const factor = n === 0 ? 1 : n === 1 ? zeta : zeta * (zeta - 1);
    return weights.map((weight, m) => (factor === 0 ? 0 : factor * weight * products[m]! ** (zeta - n)));
  };
  const slope = weightedSum(sparsePoints, size, derivative(1));
  const square = mean.reduce((sum, value) => sum + value * value, 0);
  const parallel = square > 0 ? mean.reduce((sum, value, q) => sum + value * slope[q]!, 0) / square : 0;
  const second = derivative(2);
  const curved = zeta >= 2 && size <= MAX_CURVATURE;
  return {
    points,
    size,
    zeta,
    mean,
    slope,
    parallel,
    products,
    centered,
    constant: derivative(0).reduce((sum, value) => sum + value, 0),
    perpendicular: slope.map((value, q) => value - parallel * mean[q]!),
    curvature: curved
      ? {
          parallel: weightedSum(sparsePoints, size, second),
          matrix: algebra.multiply(
            centered.map((value, k) => value * second[Math.floor(k / size)]!),
            sparsePoints,
            { m: size, n: size, k: points, transA: true },
          ),
        }
      : null,
    order: curved ? 3 : 2,
  };
}

/** Σ_m w_m z_m, [component]. */
function weightedSum(rows: Float64Array, size: number, weights: Float64Array): Float64Array {
  const sum = new Float64Array(size);
  weights.forEach((weight, m) => {
    for (let q = 0, at = m * size; q < size; q++, at++) sum[q]! += weight * rows[at]!;
  });
  return sum;
}
