// Eigenvalues and eigenvectors of a symmetric matrix: A = Q T Qᵀ (tridiagonal.ts), then implicit QL steps with Wilkinson's shift on T (Dubrulle,
// Martin and Wilkinson, doi:10.1007/BF02165404). The rotations are collected and applied to the eigenvectors 32 n at a time, eight columns at a
// time, so that the columns stay in cache.

import { formTransformation, tridiagonalize } from "./tridiagonal";

const MAX_SWEEPS: i32 = 50;
const CAPACITY: i32 = 32;
/** First and last row of each collected sweep. */
const MAX_RANGES: i32 = 1024;
const ranges: usize = memory.data(1024 * 8, 64);

let rangeCount: i32 = 0;
let rotationCount: i32 = 0;

/** Bytes of workspace of symmetricEigen. */
export function eigenWorkspaceBytes(n: i32): usize {
  return (<usize>n * <usize>(2 + 96 + 2 * CAPACITY + 8)) << 3;
}

/** Rotates rows last … first of the eight columns in `strip` [n × 8]; row i + 1 is kept in registers until its second rotation. */
function rotateStrip(first: i32, last: i32, rotation: usize, strip: usize): void {
  let row = strip + ((<usize>last) << 6);
  const end = strip + ((<usize>first) << 6);
  let x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
  while (row != end) {
    const c = v128.load64_splat(rotation);
    const s = v128.load64_splat(rotation, 8);
    let y = v128.load(row - 64);
    v128.store(row, f64x2.add(f64x2.mul(s, y), f64x2.mul(c, x0)));
    x0 = f64x2.sub(f64x2.mul(c, y), f64x2.mul(s, x0));
    y = v128.load(row - 48);
    v128.store(row, f64x2.add(f64x2.mul(s, y), f64x2.mul(c, x1)), 16);
    x1 = f64x2.sub(f64x2.mul(c, y), f64x2.mul(s, x1));
    y = v128.load(row - 32);
    v128.store(row, f64x2.add(f64x2.mul(s, y), f64x2.mul(c, x2)), 32);
    x2 = f64x2.sub(f64x2.mul(c, y), f64x2.mul(s, x2));
    y = v128.load(row - 16);
    v128.store(row, f64x2.add(f64x2.mul(s, y), f64x2.mul(c, x3)), 48);
    x3 = f64x2.sub(f64x2.mul(c, y), f64x2.mul(s, x3));
    row -= 64;
    rotation += 16;
  }
  v128.store(row, x0);
  v128.store(row, x1, 16);
  v128.store(row, x2, 32);
  v128.store(row, x3, 48);
}

/** Applies the collected rotations to the rows of Z [n × n]. */
function applyRotations(n: i32, z: usize, rotations: usize, strip: usize): void {
  for (let j = 0; j < n; j += 8) {
    const width = (<usize>min(8, n - j)) << 3;
    let column = z + ((<usize>j) << 3);
    // A copy: in place, the rows of a matrix with a power of two as size would share one cache set.
    for (let i = 0; i < n; i++) memory.copy(strip + ((<usize>i) << 6), column + ((<usize>(i * n)) << 3), width);
    let rotation = rotations;
    for (let k = 0; k < rangeCount; k++) {
      const first = load<i32>(ranges + ((<usize>k) << 3));
      const last = load<i32>(ranges + ((<usize>k) << 3), 4);
      rotateStrip(first, last, rotation, strip);
      rotation += (<usize>(last - first)) << 4;
    }
    for (let i = 0; i < n; i++) memory.copy(column + ((<usize>(i * n)) << 3), strip + ((<usize>i) << 6), width);
  }
  rangeCount = 0;
  rotationCount = 0;
}

/** √(x² + y²); T is scaled to about one, so nothing overflows. */
// @ts-ignore: decorator
@inline
function length(x: f64, y: f64): f64 {
  return sqrt(x * x + y * y);
}

/** One QL sweep on rows first … last of T, its rotations collected. */
function sweep(first: i32, last: i32, d: usize, e: usize, rotations: usize): void {
  const from = (<usize>first) << 3;
  // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that is closer to d_first.
  const ratio = (load<f64>(d + from, 8) - load<f64>(d + from)) / (2 * load<f64>(e + from));
  const root = length(ratio, 1);
  const shifted = load<f64>(d + from) - load<f64>(e + from) / (ratio + (ratio < 0 ? -root : root));
  let g = load<f64>(d + ((<usize>last) << 3)) - shifted;
  let s = 1.0;
  let c = 1.0;
  let correction = 0.0;
  let rotation = rotations + ((<usize>rotationCount) << 4);
  let i = last - 1;
  for (; i >= first; i--) {
    const here = (<usize>i) << 3;
    const f = s * load<f64>(e + here);
    const b = c * load<f64>(e + here);
    const r = length(f, g);
    store<f64>(e + here, r, 8);
    // T has split at i + 1: what remains of this sweep is for the next one.
    if (r == 0) {
      store<f64>(d + here, load<f64>(d + here, 8) - correction, 8);
      break;
    }
    s = f / r;
    c = g / r;
    const h = load<f64>(d + here, 8) - correction;
    const t = (load<f64>(d + here) - h) * s + 2 * c * b;
    correction = s * t;
    store<f64>(d + here, h + correction, 8);
    g = c * t - b;
    store<f64>(rotation, c);
    store<f64>(rotation, s, 8);
    rotation += 16;
  }
  if (i < first) {
    store<f64>(d + from, load<f64>(d + from) - correction);
    store<f64>(e + from, g);
  }
  store<f64>(e + ((<usize>last) << 3), 0);
  const reached = i + 1;
  if (reached == last) return;
  const range = ranges + ((<usize>rangeCount) << 3);
  store<i32>(range, reached);
  store<i32>(range, last, 4);
  rangeCount++;
  rotationCount += last - reached;
}

/**
 * A [n × n], of which the upper triangle is read and destroyed → values [n] in no order, vectors [n × n] with one eigenvector per row.
 * The largest element of A should be about one. Returns −1, or the index of an eigenvalue that did not converge.
 */
export function symmetricEigen(n: i32, a: usize, values: usize, vectors: usize, workspace: usize): i32 {
  const offDiagonal = workspace;
  const taus = workspace + ((<usize>n) << 3);
  const rotations = taus + ((<usize>n) << 3);
  const strip = rotations + ((<usize>(2 * CAPACITY * n)) << 3);
  const panels = strip + ((<usize>n) << 6);
  tridiagonalize(n, a, values, offDiagonal, taus, panels);
  formTransformation(n, a, taus, vectors, panels);

  let norm = 0.0;
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3;
    norm = max(norm, abs(load<f64>(values + at)) + abs(load<f64>(offDiagonal + at)));
  }
  // Rounding errors of large elements keep refilling the off-diagonal between tiny ones (most of a rank-deficient covariance):
  // relative to those it never vanishes.
  const negligible = 0.5 * f64.EPSILON * norm;
  rangeCount = 0;
  rotationCount = 0;
  for (let first = 0; first < n; first++) {
    for (let sweeps = 0; ; sweeps++) {
      let last = first;
      for (; last < n - 1; last++) {
        const at = (<usize>last) << 3;
        const size = abs(load<f64>(offDiagonal + at));
        if (size <= negligible || size <= f64.EPSILON * (abs(load<f64>(values + at)) + abs(load<f64>(values + at, 8)))) break;
      }
      if (last == first) break;
      if (sweeps == MAX_SWEEPS) return first;
      if (rangeCount == MAX_RANGES || rotationCount + last - first > CAPACITY * n) applyRotations(n, vectors, rotations, strip);
      sweep(first, last, values, offDiagonal, rotations);
    }
  }
  applyRotations(n, vectors, rotations, strip);
  return -1;
}
