// Householder reduction of a tall matrix, A = Q R, in panels of 32 reflectors H = 1 − τ v vᵀ, τ = 2 / vᵀv, whose product is 1 − V T Vᵀ with
// triangular T (Schreiber and Van Loan, doi:10.1137/0910005): the rest of the matrix then changes by products of matrices.

import { gemm } from "./gemm";
import { blockReflector } from "./block-reflector";
import { multiplyAdd } from "./multiply-add";

const PANEL: i32 = 32;
const taus: usize = memory.data(32 * 8, 64);
const sums: usize = memory.data(32 * 8, 64);

/** Bytes of workspace of qrReduce. */
export function qrWorkspaceBytes(rows: i32, total: i32): usize {
  return (<usize>(rows * PANEL + 2 * PANEL * PANEL + 2 * PANEL * total)) << 3;
}

/** Reduces the panel P [rows × width], contiguous, to v_j on and below the diagonal and R above it; R_jj goes to `diagonal`. */
function reducePanel(rows: i32, width: i32, panel: usize, diagonal: usize, strideDiagonal: usize): void {
  const stride = (<usize>width) << 3;
  const end = panel + <usize>rows * stride;
  for (let j = 0; j < width; j++) {
    const first = panel + <usize>j * (stride + 8);
    const alpha = load<f64>(first);
    let tail = 0.0;
    for (let at = first + stride; at < end; at += stride) tail += load<f64>(at) * load<f64>(at);
    // A column that is zero below its diagonal needs no reflection.
    const norm = sqrt(alpha * alpha + tail);
    const beta = tail == 0 ? alpha : alpha > 0 ? -norm : norm;
    const head = alpha - beta;
    const tau = tail == 0 ? 0 : 2 / (tail + head * head);
    store<f64>(diagonal + <usize>j * strideDiagonal, beta);
    store<f64>(taus + ((<usize>j) << 3), tau);
    store<f64>(first, tail == 0 ? 0 : head);
    if (tau == 0) continue;
    const rest = width - j - 1;
    memory.fill(sums, 0, (<usize>rest) << 3);
    for (let row = first; row < end; row += stride) addRow(rest, load<f64>(row), row + 8, sums);
    for (let row = first; row < end; row += stride) addRow(rest, -tau * load<f64>(row), sums, row + 8);
  }
}

/** y ← y + α x for the short rows of a panel. */
// @ts-ignore: decorator
@inline
function addRow(n: i32, alpha: f64, x: usize, y: usize): void {
  const factor = f64x2.splat(alpha);
  let c = 0;
  for (; c + 2 <= n; c += 2) {
    const offset = (<usize>c) << 3;
    v128.store(y + offset, multiplyAdd<f64>(v128.load(y + offset), factor, v128.load(x + offset)));
  }
  if (c < n) {
    const offset = (<usize>c) << 3;
    store<f64>(y + offset, load<f64>(y + offset) + alpha * load<f64>(x + offset));
  }
}

/**
 * A [rows × total] ← Qᵀ A, where Q R is the factorization of its first `columns` ≤ rows columns: these become R above zeros,
 * the others (right-hand sides) Qᵀ b.
 */
export function qrReduce(rows: i32, columns: i32, total: i32, a: usize, lda: i32, workspace: usize): void {
  const gram = workspace + ((<usize>(rows * PANEL)) << 3);
  const triangle = gram + PANEL * PANEL * 8;
  const first = triangle + PANEL * PANEL * 8;
  const second = first + ((<usize>(PANEL * total)) << 3);
  const strideA = (<usize>lda) << 3;
  for (let j = 0; j < columns; j += PANEL) {
    const width = min(PANEL, columns - j);
    const height = rows - j;
    const bytes = (<usize>width) << 3;
    const corner = a + ((<usize>(j * lda + j)) << 3);
    for (let i = 0; i < height; i++) memory.copy(workspace + <usize>i * bytes, corner + <usize>i * strideA, bytes);
    reducePanel(height, width, workspace, corner, strideA + 8);
    for (let i = 0; i < height; i++) {
      const row = corner + <usize>i * strideA;
      const reflectors = workspace + <usize>i * bytes;
      // R to A without the diagonal, which is there already, and zeros to V: i entries left of the diagonal of A, the rest right of that of V.
      const left = (<usize>min(i, width)) << 3;
      memory.fill(row, 0, left);
      if (i < width) {
        memory.copy(row + left + 8, reflectors + left + 8, bytes - left - 8);
        memory.fill(reflectors + left + 8, 0, bytes - left - 8);
      }
    }
    const rest = total - j - width;
    if (rest == 0) continue;
    const right = corner + bytes;
    gemm(1, 0, width, width, height, 1, workspace, width, workspace, width, 0, gram, width);
    blockReflector(width, taus, gram, triangle);
    gemm(1, 0, width, rest, height, 1, workspace, width, right, lda, 0, first, rest);
    gemm(1, 0, width, rest, width, 1, triangle, width, first, rest, 0, second, rest);
    gemm(0, 0, height, rest, width, -1, workspace, width, second, rest, 1, right, lda);
  }
}
