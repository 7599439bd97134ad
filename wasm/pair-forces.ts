// Last step of the reverse pass, Eq. (21): f_ij = Σ_nlm ∂E_i/∂c_nlm ∂(I_nl Y_lm)/∂r_ij for the neighbors of one element around one center.
// Everything that the forward pass knew of the pair is computed again: that is cheaper than keeping it.
import { interpolateRadial } from "./radial-table";
import { harmonicsGradient } from "./spherical-harmonics";
import { multiplyAdd } from "./multiply-add";

/** Numbers of scratch that one pair needs here and in `densityCoefficientsGradient`. */
export function pairScratch(nStride: i32, lMax: i32): i32 {
  const degrees = lMax + 1;
  const orders = (degrees * degrees + 1) & ~1;
  return 2 * degrees * nStride + 6 * orders + degrees * (degrees + 1) / 2 + 2;
}

/** Writes f_ij in eV/Å, [j][3]. `adjoint` is ∂E_i/∂c [lm][nStride] in eV. */
export function pairForces(
  nStride: i32, lMax: i32, recurrence: usize, table: usize, start: f64, inverseStep: f64,
  vectors: usize, distances: usize, count: i32, adjoint: usize, scratch: usize, forces: usize,
): void {
  const degrees = lMax + 1;
  const orders = degrees * degrees;
  const stride = (orders + 1) & ~1;
  const gap = <usize>stride << 3;
  const values = scratch;
  const slopes = values + (<usize>(degrees * nStride) << 3);
  const angular = slopes + (<usize>(degrees * nStride) << 3);
  // [lm]: Σ_n ∂E/∂c I_nl and Σ_n ∂E/∂c dI_nl/dr
  const radialSum = angular + 4 * gap, slopeSum = radialSum + gap;
  const legendre = slopeSum + gap;
  const row = <usize>nStride << 3;
  // The rows of `angular` and the sums are padded to an even length; the last element must not hold NaN.
  for (let k: usize = 0; k < 6; k++) f64.store(angular + (k + 1) * gap - 8, 0);
  for (let j = 0; j < count; j++) {
    const r = f64.load(distances + (<usize>j << 3));
    const vector = vectors + <usize>j * 24;
    const inverse = 1.0 / r;
    const x = f64.load(vector) * inverse, y = f64.load(vector, 8) * inverse, z = f64.load(vector, 16) * inverse;
    interpolateRadial(degrees * nStride, table, start, inverseStep, r, values, slopes);
    harmonicsGradient(lMax, recurrence, x, y, z, angular, stride, legendre);
    let source = adjoint;
    for (let l = 0; l < degrees; l++) {
      const i = values + <usize>l * row, d = slopes + <usize>l * row;
      for (let lm = l * l; lm <= l * l + 2 * l; lm++, source += row) {
        let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
        for (let n: usize = 0; n < row; n += 32) {
          const c0 = v128.load(source + n), c1 = v128.load(source + n, 16);
          a0 = multiplyAdd<f64>(a0, c0, v128.load(i + n));
          b0 = multiplyAdd<f64>(b0, c0, v128.load(d + n));
          a1 = multiplyAdd<f64>(a1, c1, v128.load(i + n, 16));
          b1 = multiplyAdd<f64>(b1, c1, v128.load(d + n, 16));
        }
        a0 = f64x2.add(a0, a1);
        b0 = f64x2.add(b0, b1);
        const at = <usize>lm << 3;
        f64.store(radialSum + at, f64x2.extract_lane(a0, 0) + f64x2.extract_lane(a0, 1));
        f64.store(slopeSum + at, f64x2.extract_lane(b0, 0) + f64x2.extract_lane(b0, 1));
      }
    }
    let radial = f64x2.splat(0), gx = f64x2.splat(0), gy = f64x2.splat(0), gz = f64x2.splat(0);
    for (let at: usize = 0; at < gap; at += 16) {
      const a = v128.load(radialSum + at);
      radial = multiplyAdd<f64>(radial, v128.load(slopeSum + at), v128.load(angular + at));
      gx = multiplyAdd<f64>(gx, a, v128.load(angular + gap + at));
      gy = multiplyAdd<f64>(gy, a, v128.load(angular + 2 * gap + at));
      gz = multiplyAdd<f64>(gz, a, v128.load(angular + 3 * gap + at));
    }
    const slope = f64x2.extract_lane(radial, 0) + f64x2.extract_lane(radial, 1);
    const tx = f64x2.extract_lane(gx, 0) + f64x2.extract_lane(gx, 1);
    const ty = f64x2.extract_lane(gy, 0) + f64x2.extract_lane(gy, 1);
    const tz = f64x2.extract_lane(gz, 0) + f64x2.extract_lane(gz, 1);
    const along = x * tx + y * ty + z * tz;
    const out = forces + <usize>j * 24;
    f64.store(out, slope * x + (tx - x * along) * inverse);
    f64.store(out, slope * y + (ty - y * along) * inverse, 8);
    f64.store(out, slope * z + (tz - z * along) * inverse, 16);
  }
}
