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

/** The force of a pair whose energy changes by `slope` along it, and by t per unit of its direction (x, y, z), of which the part across counts. */
@inline
function storeForce(out: usize, x: f64, y: f64, z: f64, inverse: f64, slope: f64, tx: f64, ty: f64, tz: f64): void {
  const along = x * tx + y * ty + z * tz;
  f64.store(out, slope * x + (tx - x * along) * inverse);
  f64.store(out, slope * y + (ty - y * along) * inverse, 8);
  f64.store(out, slope * z + (tz - z * along) * inverse, 16);
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
    storeForce(
      forces + <usize>j * 24, x, y, z, inverse, f64x2.extract_lane(radial, 0) + f64x2.extract_lane(radial, 1),
      f64x2.extract_lane(gx, 0) + f64x2.extract_lane(gx, 1), f64x2.extract_lane(gy, 0) + f64x2.extract_lane(gy, 1),
      f64x2.extract_lane(gz, 0) + f64x2.extract_lane(gz, 1),
    );
  }
}

/** Outputs that `pairForcesOfOutputs` takes at once: a cache line. */
const OUTPUTS: i32 = 8;

/** Adjoints of eight outputs side by side, [lm n][output], from [output][lm n] whose outputs are `gap` bytes apart. */
export function interleaveOutputs(count: i32, adjoints: usize, gap: usize, out: usize): void {
  for (const end = out + (<usize>count << 6); out < end; out += 64, adjoints += 8) {
    for (let o: usize = 0; o < 8; o++) f64.store(out + (o << 3), f64.load(adjoints + o * gap));
  }
}

/** Numbers of scratch for `pairForcesOfOutputs`. */
export function outputScratch(nStride: i32, lMax: i32): i32 {
  const degrees = lMax + 1;
  return 2 * degrees * nStride + 4 * ((degrees * degrees + 1) & ~1) + degrees * (degrees + 1) / 2 + 2 + 4 * OUTPUTS;
}

/**
 * As `pairForces` for eight outputs at once, [j][output][3], from adjoints [lm][nStride][output]. What a pair has in common for all of them is computed
 * once, and the sums over n need no sum across lanes.
 */
export function pairForcesOfOutputs(
  nStride: i32, lMax: i32, recurrence: usize, table: usize, start: f64, inverseStep: f64,
  vectors: usize, distances: usize, count: i32, adjoints: usize, scratch: usize, forces: usize,
): void {
  const degrees = lMax + 1;
  const stride = (degrees * degrees + 1) & ~1;
  const gap = <usize>stride << 3;
  const row = <usize>nStride << 3;
  const values = scratch, slopes = values + <usize>degrees * row, angular = slopes + <usize>degrees * row;
  const legendre = angular + 4 * gap;
  // [radial, x, y, z][output]
  const sums = legendre + (<usize>(degrees * (degrees + 1) / 2 + 2) << 3);
  for (let j = 0; j < count; j++) {
    const r = f64.load(distances + (<usize>j << 3));
    const vector = vectors + <usize>j * 24;
    const inverse = 1.0 / r;
    const x = f64.load(vector) * inverse, y = f64.load(vector, 8) * inverse, z = f64.load(vector, 16) * inverse;
    interpolateRadial(degrees * nStride, table, start, inverseStep, r, values, slopes);
    harmonicsGradient(lMax, recurrence, x, y, z, angular, stride, legendre);
    memory.fill(sums, 0, 4 * 64);
    let source = adjoints;
    for (let l = 0; l < degrees; l++) {
      const i = values + <usize>l * row, d = slopes + <usize>l * row;
      for (let lm = l * l; lm <= l * l + 2 * l; lm++) {
        let a0 = f64x2.splat(0), a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0);
        let b0 = f64x2.splat(0), b1 = f64x2.splat(0), b2 = f64x2.splat(0), b3 = f64x2.splat(0);
        for (let n: usize = 0; n < row; n += 8, source += 64) {
          const value = v128.load64_splat(i + n), slope = v128.load64_splat(d + n);
          const c0 = v128.load(source), c1 = v128.load(source, 16);
          a0 = multiplyAdd<f64>(a0, c0, value);
          b0 = multiplyAdd<f64>(b0, c0, slope);
          a1 = multiplyAdd<f64>(a1, c1, value);
          b1 = multiplyAdd<f64>(b1, c1, slope);
          const c2 = v128.load(source, 32), c3 = v128.load(source, 48);
          a2 = multiplyAdd<f64>(a2, c2, value);
          b2 = multiplyAdd<f64>(b2, c2, slope);
          a3 = multiplyAdd<f64>(a3, c3, value);
          b3 = multiplyAdd<f64>(b3, c3, slope);
        }
        const at = angular + (<usize>lm << 3);
        addFour(sums, v128.load64_splat(at), b0, b1, b2, b3);
        addFour(sums + 64, v128.load64_splat(at + gap), a0, a1, a2, a3);
        addFour(sums + 128, v128.load64_splat(at + 2 * gap), a0, a1, a2, a3);
        addFour(sums + 192, v128.load64_splat(at + 3 * gap), a0, a1, a2, a3);
      }
    }
    for (let o = 0; o < OUTPUTS; o++, forces += 24) {
      const own = sums + (<usize>o << 3);
      storeForce(forces, x, y, z, inverse, f64.load(own), f64.load(own, 64), f64.load(own, 128), f64.load(own, 192));
    }
  }
}

/** sums[output] += factor · values. */
@inline
function addFour(sums: usize, factor: v128, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(sums, multiplyAdd<f64>(v128.load(sums), factor, a));
  v128.store(sums, multiplyAdd<f64>(v128.load(sums, 16), factor, b), 16);
  v128.store(sums, multiplyAdd<f64>(v128.load(sums, 32), factor, c), 32);
  v128.store(sums, multiplyAdd<f64>(v128.load(sums, 48), factor, d), 48);
}

/** F_i += f_ij, F_j −= f_ij, Eq. (21), for eight outputs: `pairForces` [j][output][3] to `out` [atom][output][3]; `neighbors` are the atoms j, int32. */
export function addForcesOfOutputs(count: i32, neighbors: usize, pairForces: usize, atom: i32, out: usize): void {
  const own = out + <usize>atom * 192;
  for (let j = 0; j < count; j++, pairForces += 192) {
    const other = out + <usize>i32.load(neighbors + (<usize>j << 2)) * 192;
    for (let at: usize = 0; at < 192; at += 16) {
      const force = v128.load(pairForces + at);
      v128.store(own + at, f64x2.add(v128.load(own + at), force));
      v128.store(other + at, f64x2.sub(v128.load(other + at), force));
    }
  }
}
