// Sums over contiguous float64 vectors. The order of the sums depends on the length alone.

import { multiplyAdd } from "./multiply-add";

/** x · y */
export function dot(n: i32, x: usize, y: usize): f64 {
  let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), sum2 = f64x2.splat(0), sum3 = f64x2.splat(0);
  const end = x + ((<usize>n) << 3);
  const blocks = x + ((<usize>(n & ~7)) << 3);
  while (x != blocks) {
    sum0 = multiplyAdd<f64>(sum0, v128.load(x), v128.load(y));
    sum1 = multiplyAdd<f64>(sum1, v128.load(x, 16), v128.load(y, 16));
    sum2 = multiplyAdd<f64>(sum2, v128.load(x, 32), v128.load(y, 32));
    sum3 = multiplyAdd<f64>(sum3, v128.load(x, 48), v128.load(y, 48));
    x += 64;
    y += 64;
  }
  sum0 = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  let sum = f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1);
  while (x != end) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y ← y + α x */
export function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  const factor = f64x2.splat(alpha);
  const end = x + ((<usize>n) << 3);
  const blocks = x + ((<usize>(n & ~3)) << 3);
  while (x != blocks) {
    v128.store(y, multiplyAdd<f64>(v128.load(y), factor, v128.load(x)));
    v128.store(y, multiplyAdd<f64>(v128.load(y, 16), factor, v128.load(x, 16)), 16);
    x += 32;
    y += 32;
  }
  while (x != end) {
    store<f64>(y, load<f64>(y) + alpha * load<f64>(x));
    x += 8;
    y += 8;
  }
}

/** y [m] ← A x for A [m × n] with rows `lda` apart */
export function gemv(m: i32, n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  for (let i = 0; i < m; i++) store<f64>(y + ((<usize>i) << 3), dot(n, a + ((<usize>(i * lda)) << 3), x));
}
