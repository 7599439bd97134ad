// Polynomial kernel, Eq. (15), on rows of scalar products s = z·z_m, and the vector steps around it.

import { multiplyAdd } from "./multiply-add";

/** s^ζ for a whole ζ ≥ 0, both lanes. */
@inline
function power(s: v128, zeta: i32): v128 {
  let result = f64x2.splat(1.0);
  for (let k = 0; k < zeta; k++) result = f64x2.mul(result, s);
  return result;
}

/**
 * Environment energies and their derivative, Eq. (16): energies[i] = Σ_m x_m s_im^ζ, and s_im is replaced by ∂ε/∂s_im = ζ x_m s_im^{ζ−1}.
 * `products` [rows][stride] with an even stride; `weights` [stride], 0 in the padding.
 */
export function kernelEnergies(rows: i32, stride: i32, zeta: i32, weights: usize, products: usize, energies: usize): void {
  const factor = f64x2.splat(<f64>zeta);
  const bytes = <usize>stride << 3;
  for (let i = 0; i < rows; i++, products += bytes) {
    let sum = f64x2.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const s = v128.load(products + at);
      const slope = f64x2.mul(v128.load(weights + at), power(s, zeta - 1));
      sum = multiplyAdd<f64>(sum, slope, s);
      v128.store(products + at, f64x2.mul(slope, factor));
    }
    f64.store(energies + (<usize>i << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}

/** Adds Σ_i s_im^ζ·scale to row[m] and replaces s_im by ζ s_im^{ζ−1}: one energy row of K_NM and what its derivatives need, Eq. (23). */
export function kernelRow(rows: i32, stride: i32, zeta: i32, scale: f64, products: usize, row: usize): void {
  const factor = f64x2.splat(<f64>zeta), weight = f64x2.splat(scale);
  const bytes = <usize>stride << 3;
  for (let i = 0; i < rows; i++, products += bytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const s = v128.load(products + at);
      const slope = power(s, zeta - 1);
      v128.store(row + at, multiplyAdd<f64>(v128.load(row + at), weight, f64x2.mul(slope, s)));
      v128.store(products + at, f64x2.mul(slope, factor));
    }
  }
}

/** powers ← s^ζ and, unless `slopes` is 0, slopes ← ζ s^{ζ−1}, for weights of several outputs, Eq. (80); all [rows][stride], stride even. */
export function kernelPowers(rows: i32, stride: i32, zeta: i32, products: usize, powers: usize, slopes: usize): void {
  const factor = f64x2.splat(<f64>zeta);
  for (let at: usize = 0, end = <usize>(rows * stride) << 3; at < end; at += 16) {
    const s = v128.load(products + at);
    const below = power(s, zeta - 1);
    v128.store(powers + at, f64x2.mul(below, s));
    if (slopes != 0) v128.store(slopes + at, f64x2.mul(below, factor));
  }
}

/** target[i][m] = factors[m] · source[i][m], [rows][stride], stride even. */
export function scaleColumns(rows: i32, stride: i32, factors: usize, source: usize, target: usize): void {
  const bytes = <usize>stride << 3;
  for (let i = 0; i < rows; i++, source += bytes, target += bytes) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(target + at, f64x2.mul(v128.load(factors + at), v128.load(source + at)));
  }
}

/** target[m] += scale · factors[m] · source[m], `count` even. */
export function addScaled(count: i32, scale: f64, factors: usize, source: usize, target: usize): void {
  const weight = f64x2.splat(scale);
  for (let at: usize = 0, end = <usize>count << 3; at < end; at += 16) {
    const value = f64x2.mul(v128.load(factors + at), v128.load(source + at));
    v128.store(target + at, multiplyAdd<f64>(v128.load(target + at), weight, value));
  }
}

/** x *= scale over `count` numbers. */
export function scaleBy(count: i32, scale: f64, x: usize): void {
  for (const end = x + (<usize>count << 3); x < end; x += 8) f64.store(x, f64.load(x) * scale);
}
