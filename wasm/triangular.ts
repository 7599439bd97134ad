// Solutions with a lower triangular L, row-major; only its lower triangle is read. Blocks of right-hand sides: X L^{-T} by halves, [X₁ X₂] L^{-T} =
// [Y₁ (X₂ − Y₁ L₂₁ᵀ) L₂₂^{-T}] with Y₁ = X₁ L₁₁^{-T}, so that nearly all work is in gemm.

import { gemm } from "./gemm";
import { axpy, dot } from "./vector";
import { multiplySubtract } from "./multiply-add";

const BASE: i32 = 16;
/** Eight rows of X in four vectors, [column][row]. */
const columns: usize = memory.data(16 * 64, 64);

// @ts-ignore: decorator
@inline
function at(matrix: usize, ld: i32, i: i32, j: i32): usize {
  return matrix + ((<usize>(i * ld + j)) << 3);
}

/** X ← X L^{-T} for n ≤ 16 and at most eight rows, two rows per vector: substitution along a row is a chain, the rows are independent. */
function solveEightRows(m: i32, n: i32, l: usize, ldl: i32, x: usize, ldx: i32): void {
  if (m < 8) memory.fill(columns, 0, <usize>n << 6);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) store<f64>(columns + ((<usize>(j * 8 + i)) << 3), load<f64>(at(x, ldx, i, j)));
  }
  for (let j = 0; j < n; j++) {
    const own = columns + ((<usize>j) << 6);
    let x0 = v128.load(own), x1 = v128.load(own, 16), x2 = v128.load(own, 32), x3 = v128.load(own, 48);
    let factor = at(l, ldl, j, 0);
    for (let y = columns; y != own; y += 64) {
      const s = v128.load64_splat(factor);
      x0 = multiplySubtract<f64>(x0, s, v128.load(y));
      x1 = multiplySubtract<f64>(x1, s, v128.load(y, 16));
      x2 = multiplySubtract<f64>(x2, s, v128.load(y, 32));
      x3 = multiplySubtract<f64>(x3, s, v128.load(y, 48));
      factor += 8;
    }
    const pivot = v128.load64_splat(factor);
    v128.store(own, f64x2.div(x0, pivot));
    v128.store(own, f64x2.div(x1, pivot), 16);
    v128.store(own, f64x2.div(x2, pivot), 32);
    v128.store(own, f64x2.div(x3, pivot), 48);
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) store<f64>(at(x, ldx, i, j), load<f64>(columns + ((<usize>(j * 8 + i)) << 3)));
  }
}

/** X [m × n] ← X L^{-T} with L [n × n]; row i has the same bits whatever rows come with it. */
export function trsmRightLowerTransposed(m: i32, n: i32, l: usize, ldl: i32, x: usize, ldx: i32): void {
  if (n <= BASE) {
    for (let i = 0; i < m; i += 8) solveEightRows(min(8, m - i), n, l, ldl, at(x, ldx, i, 0), ldx);
    return;
  }
  const half = ((n / 2 + BASE - 1) / BASE) * BASE;
  trsmRightLowerTransposed(m, half, l, ldl, x, ldx);
  const right = x + ((<usize>half) << 3);
  gemm(0, 1, m, n - half, half, -1, x, ldx, at(l, ldl, half, 0), ldl, 1, right, ldx);
  trsmRightLowerTransposed(m, n - half, at(l, ldl, half, half), ldl, right, ldx);
}

/** x [n] ← L^{-1} x */
export function trsvLower(n: i32, l: usize, ldl: i32, x: usize): void {
  for (let i = 0; i < n; i++) {
    const to = x + ((<usize>i) << 3);
    store<f64>(to, (load<f64>(to) - dot(i, at(l, ldl, i, 0), x)) / load<f64>(at(l, ldl, i, i)));
  }
}

/** x [n] ← L^{-T} x */
export function trsvLowerTransposed(n: i32, l: usize, ldl: i32, x: usize): void {
  for (let i = n - 1; i >= 0; i--) {
    const to = x + ((<usize>i) << 3);
    const value = load<f64>(to) / load<f64>(at(l, ldl, i, i));
    store<f64>(to, value);
    axpy(i, -value, at(l, ldl, i, 0), x);
  }
}
