// Power spectrum, Eq. (12), of one pair of neighbor elements (a, b), a ≤ b: p_nn'l = (2l+1)^{−1/2} Σ_m c^a_nlm c^b_n'lm.
// Order of a block: [l][n][n'], with n ≤ n' and √2 off the diagonal where a = b, all n' and √2 everywhere where a ≠ b.
// Coefficients are [lm][nStride], nStride a multiple of 4.

import { multiplyAdd } from "./multiply-add";

@inline
const SQRT2: f64 = 1.4142135623730951;

/** T[n][n'] = Σ_m x[m][n] y[m][n'] for one l, [nStride][nStride]; x and y point at the row m = −l. */
@inline
function momentProduct(nMax: i32, nStride: i32, l: i32, x: usize, y: usize, out: usize): void {
  const row = <usize>nStride << 3;
  const end = <usize>(2 * l + 1) * row;
  for (let n = 0; n < nMax; n += 2) {
    const left = x + (<usize>n << 3);
    const target = out + <usize>n * row;
    for (let column: usize = 0; column < row; column += 32) {
      let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
      const right = y + column;
      for (let m: usize = 0; m < end; m += row) {
        const y0 = v128.load(right + m), y1 = v128.load(right + m, 16);
        const xa = v128.load64_splat(left + m), xb = v128.load64_splat(left + m, 8);
        a0 = multiplyAdd<f64>(a0, xa, y0);
        a1 = multiplyAdd<f64>(a1, xa, y1);
        b0 = multiplyAdd<f64>(b0, xb, y0);
        b1 = multiplyAdd<f64>(b1, xb, y1);
      }
      v128.store(target + column, a0);
      v128.store(target + column, a1, 16);
      v128.store(target + row + column, b0);
      v128.store(target + row + column, b1, 16);
    }
  }
}

/** Adds out[m][n] += Σ_n' x[m][n'] g[n'][n] for one l; g is [nStride][nStride]. */
@inline
function applyBlock(nMax: i32, nStride: i32, l: i32, x: usize, g: usize, out: usize): void {
  const row = <usize>nStride << 3;
  const end = <usize>(2 * l + 1) * row;
  for (let column: usize = 0; column < row; column += 32) {
    for (let m: usize = 0; m < end; m += row) {
      let a0 = v128.load(out + m + column), a1 = v128.load(out + m + column, 16);
      let matrix = g + column;
      const source = x + m;
      for (let n = 0; n < nMax; n++, matrix += row) {
        const factor = v128.load64_splat(source + (<usize>n << 3));
        a0 = multiplyAdd<f64>(a0, factor, v128.load(matrix));
        a1 = multiplyAdd<f64>(a1, factor, v128.load(matrix, 16));
      }
      v128.store(out + m + column, a0);
      v128.store(out + m + column, a1, 16);
    }
  }
}

/** Writes the block of the pair (a, b); `same` says a = b. `scratch` holds nStride² numbers. */
export function powerSpectrum(nMax: i32, nStride: i32, lMax: i32, ca: usize, cb: usize, same: bool, scratch: usize, out: usize): void {
  for (let l = 0; l <= lMax; l++) {
    const offset = <usize>(l * l * nStride) << 3;
    momentProduct(nMax, nStride, l, ca + offset, cb + offset, scratch);
    const scale = 1.0 / Math.sqrt(<f64>(2 * l + 1));
    const off = SQRT2 * scale;
    for (let n = 0; n < nMax; n++) {
      const product = scratch + (<usize>(n * nStride) << 3);
      let first = 0;
      if (same) {
        f64.store(out, scale * f64.load(product + (<usize>n << 3)));
        out += 8;
        first = n + 1;
      }
      for (let k = first; k < nMax; k++, out += 8) f64.store(out, off * f64.load(product + (<usize>k << 3)));
    }
  }
}

/**
 * Reverse of `powerSpectrum`: adds ∂E/∂c^a and ∂E/∂c^b to `da` and `db` ([lm][nStride]) from the block's ∂E/∂p.
 * `scratch` holds 2·nStride² numbers.
 */
export function powerSpectrumAdjoint(
  nMax: i32, nStride: i32, lMax: i32, ca: usize, cb: usize, same: bool, gradient: usize, scratch: usize, da: usize, db: usize,
): void {
  const square = <usize>(nStride * nStride) << 3;
  memory.fill(scratch, 0, 2 * square);
  const transposed = scratch + square;
  for (let l = 0; l <= lMax; l++) {
    const offset = <usize>(l * l * nStride) << 3;
    const scale = 1.0 / Math.sqrt(<f64>(2 * l + 1));
    const off = SQRT2 * scale;
    for (let n = 0; n < nMax; n++) {
      let first = 0;
      if (same) {
        f64.store(scratch + (<usize>(n * nStride + n) << 3), 2.0 * scale * f64.load(gradient));
        gradient += 8;
        first = n + 1;
      }
      for (let k = first; k < nMax; k++, gradient += 8) {
        const value = off * f64.load(gradient);
        f64.store((same ? scratch : transposed) + (<usize>(n * nStride + k) << 3), value);
        f64.store(scratch + (<usize>(k * nStride + n) << 3), value);
      }
    }
    // ∂E/∂c^a_n = Σ_n' g_nn' c^b_n': the matrix is read [n'][n].
    applyBlock(nMax, nStride, l, cb + offset, scratch, da + offset);
    if (!same) applyBlock(nMax, nStride, l, ca + offset, transposed, db + offset);
  }
}

/**
 * Derivative of the block (a, b) along one direction in which only one element's coefficients change.
 * same: `c` and `dc` belong to a = b. Otherwise `moving` tells which of the two changes: 0 for a, 1 for b; `c` is the other one.
 * Writes the block; `scratch` holds nStride² numbers.
 */
export function powerSpectrumGradient(nMax: i32, nStride: i32, lMax: i32, c: usize, dc: usize, same: bool, moving: i32, scratch: usize, out: usize): void {
  for (let l = 0; l <= lMax; l++) {
    const offset = <usize>(l * l * nStride) << 3;
    if (moving == 0 && !same) momentProduct(nMax, nStride, l, dc + offset, c + offset, scratch);
    else momentProduct(nMax, nStride, l, c + offset, dc + offset, scratch);
    const scale = 1.0 / Math.sqrt(<f64>(2 * l + 1));
    const off = SQRT2 * scale;
    for (let n = 0; n < nMax; n++) {
      const product = scratch + (<usize>(n * nStride) << 3);
      let first = 0;
      if (same) {
        f64.store(out, 2.0 * scale * f64.load(product + (<usize>n << 3)));
        out += 8;
        first = n + 1;
      }
      for (let k = first; k < nMax; k++, out += 8) {
        let value = f64.load(product + (<usize>k << 3));
        if (same) value += f64.load(scratch + (<usize>(k * nStride + n) << 3));
        f64.store(out, off * value);
      }
    }
  }
}
