// Density coefficients of one center and one neighbor element, Eq. (5): c_nlm = Σ_j I_nl(r_j) Y_lm(r̂_j), stored [lm][nStride].
// nStride is nMax rounded up to a multiple of 4; the padding is zero because the table's is.
import { interpolateRadial } from "./radial-table";
import { harmonics, harmonicsGradient } from "./spherical-harmonics";
import { multiplyAdd } from "./multiply-add";

/**
 * Overwrites `out` [lm][nStride] with the sum over `count` neighbors.
 * `vectors` [j][3] and `distances` [j] in Å; `scratch` holds count·((lMax+1)·nStride + (lMax+1)²) numbers.
 * `center` [nStride] is added to the row lm = 0, unless it is 0.
 */
export function densityCoefficients(
  nStride: i32, lMax: i32, recurrence: usize, table: usize, start: f64, inverseStep: f64,
  vectors: usize, distances: usize, count: i32, center: usize, scratch: usize, out: usize,
): void {
  const degrees = lMax + 1;
  const orders = degrees * degrees;
  const radialBytes = <usize>(degrees * nStride) << 3;
  const angularBytes = <usize>orders << 3;
  const radial = scratch;
  const angular = scratch + <usize>count * radialBytes;
  for (let j = 0; j < count; j++) {
    const r = f64.load(distances + (<usize>j << 3));
    const vector = vectors + <usize>j * 24;
    const inverse = 1.0 / r;
    interpolateRadial(degrees * nStride, table, start, inverseStep, r, radial + <usize>j * radialBytes, 0);
    harmonics(lMax, recurrence, f64.load(vector) * inverse, f64.load(vector, 8) * inverse, f64.load(vector, 16) * inverse, angular + <usize>j * angularBytes);
  }
  const radialEnd = angular;
  const row = <usize>nStride << 3;
  for (let l = 0; l < degrees; l++) {
    const last = l * l + 2 * l;
    for (let n = 0; n < nStride; n += 4) {
      const column = radial + (<usize>(l * nStride + n) << 3);
      let target = out + (<usize>(l * l * nStride + n) << 3);
      let lm = l * l;
      for (; lm < last; lm += 2) {
        let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
        let y = angular + (<usize>lm << 3);
        for (let i = column; i < radialEnd; i += radialBytes, y += angularBytes) {
          const i0 = v128.load(i), i1 = v128.load(i, 16);
          const ya = v128.load64_splat(y), yb = v128.load64_splat(y, 8);
          a0 = multiplyAdd<f64>(a0, i0, ya);
          a1 = multiplyAdd<f64>(a1, i1, ya);
          b0 = multiplyAdd<f64>(b0, i0, yb);
          b1 = multiplyAdd<f64>(b1, i1, yb);
        }
        v128.store(target, a0);
        v128.store(target, a1, 16);
        v128.store(target + row, b0);
        v128.store(target + row, b1, 16);
        target += row << 1;
      }
      let a0 = f64x2.splat(0), a1 = f64x2.splat(0);
      let y = angular + (<usize>lm << 3);
      for (let i = column; i < radialEnd; i += radialBytes, y += angularBytes) {
        const ya = v128.load64_splat(y);
        a0 = multiplyAdd<f64>(a0, v128.load(i), ya);
        a1 = multiplyAdd<f64>(a1, v128.load(i, 16), ya);
      }
      v128.store(target, a0);
      v128.store(target, a1, 16);
    }
  }
  if (center != 0) {
    const y00 = f64x2.splat(0.28209479177387814);
    for (let n: usize = 0; n < row; n += 16) v128.store(out + n, multiplyAdd<f64>(v128.load(out + n), v128.load(center + n), y00));
  }
}

/** Derivative of the coefficients with respect to one neighbor's position: ∂c_nlm/∂r_α, [α][lm][nStride]. `scratch` as `pairScratch`. */
export function densityCoefficientsGradient(
  nStride: i32, lMax: i32, recurrence: usize, table: usize, start: f64, inverseStep: f64,
  vector: usize, distance: f64, scratch: usize, out: usize,
): void {
  const degrees = lMax + 1;
  const orders = degrees * degrees;
  const values = scratch;
  const slopes = values + (<usize>(degrees * nStride) << 3);
  const angular = slopes + (<usize>(degrees * nStride) << 3);
  const stride = (orders + 1) & ~1;
  const inverse = 1.0 / distance;
  const x = f64.load(vector) * inverse, y = f64.load(vector, 8) * inverse, z = f64.load(vector, 16) * inverse;
  interpolateRadial(degrees * nStride, table, start, inverseStep, distance, values, slopes);
  harmonicsGradient(lMax, recurrence, x, y, z, angular, stride, angular + (<usize>(4 * stride) << 3));
  const gap = <usize>stride << 3;
  const block = <usize>(orders * nStride) << 3;
  const row = <usize>nStride << 3;
  for (let l = 0; l < degrees; l++) {
    const i = values + (<usize>(l * nStride) << 3), d = slopes + (<usize>(l * nStride) << 3);
    for (let lm = l * l; lm <= l * l + 2 * l; lm++) {
      const source = angular + (<usize>lm << 3);
      const gx = f64.load(source + gap), gy = f64.load(source + 2 * gap), gz = f64.load(source + 3 * gap);
      const along = x * gx + y * gy + z * gz;
      const value = f64.load(source);
      const yx = f64x2.splat(value * x), yy = f64x2.splat(value * y), yz = f64x2.splat(value * z);
      const tx = f64x2.splat((gx - x * along) * inverse), ty = f64x2.splat((gy - y * along) * inverse), tz = f64x2.splat((gz - z * along) * inverse);
      const target = out + <usize>lm * row;
      for (let n: usize = 0; n < row; n += 16) {
        const radial = v128.load(i + n), slope = v128.load(d + n);
        v128.store(target + n, multiplyAdd<f64>(f64x2.mul(slope, yx), radial, tx));
        v128.store(target + block + n, multiplyAdd<f64>(f64x2.mul(slope, yy), radial, ty));
        v128.store(target + 2 * block + n, multiplyAdd<f64>(f64x2.mul(slope, yz), radial, tz));
      }
    }
  }
}
