// Householder reduction of a symmetric matrix, A = Q T Qᵀ with T tridiagonal, in panels of 32 (Dongarra, Hammarling and Sorensen,
// doi:10.1016/0377-0427(89)90367-1): within a panel A − V Wᵀ − W Vᵀ is not formed, A v is corrected instead. H = 1 − τ v vᵀ, τ = 2 / vᵀv.

import { blockReflector } from "./block-reflector";
import { UPPER, gemm, gemmTriangle } from "./gemm";
import { axpy, dot } from "./vector";
import { multiplyAdd } from "./multiply-add";

const PANEL: i32 = 32;
const gram: usize = memory.data(32 * 32 * 8, 64);
const triangle: usize = memory.data(32 * 32 * 8, 64);

// @ts-ignore: decorator
@inline
function at(matrix: usize, ld: i32, i: i32, j: i32): usize {
  return matrix + ((<usize>(i * ld + j)) << 3);
}

/** p ← A v for the upper triangle of A [n × n], two rows per turn: every element is loaded once and used twice. */
function symmetricTimesVector(n: i32, a: usize, lda: i32, v: usize, p: usize): void {
  memory.fill(p, 0, (<usize>n) << 3);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    let x = at(a, lda, i, i);
    let y = at(a, lda, i + 1, i);
    let to = p + ((<usize>i) << 3);
    let from = v + ((<usize>i) << 3);
    const v0 = load<f64>(from);
    const v1 = load<f64>(from, 8);
    const corner = load<f64>(x, 8);
    let sum0 = load<f64>(x) * v0 + corner * v1;
    let sum1 = corner * v0 + load<f64>(y, 8) * v1;
    const own = to;
    const s0 = f64x2.splat(v0);
    const s1 = f64x2.splat(v1);
    let t0 = f64x2.splat(0);
    let t1 = f64x2.splat(0);
    const end = p + ((<usize>(i + ((n - i) & ~1))) << 3);
    x += 16;
    y += 16;
    to += 16;
    from += 16;
    while (to != end) {
      const r0 = v128.load(x);
      const r1 = v128.load(y);
      const w = v128.load(from);
      t0 = multiplyAdd<f64>(t0, r0, w);
      t1 = multiplyAdd<f64>(t1, r1, w);
      v128.store(to, multiplyAdd<f64>(multiplyAdd<f64>(v128.load(to), r0, s0), r1, s1));
      x += 16;
      y += 16;
      to += 16;
      from += 16;
    }
    if ((n - i) & 1) {
      const r0 = load<f64>(x);
      const r1 = load<f64>(y);
      sum0 += r0 * load<f64>(from);
      sum1 += r1 * load<f64>(from);
      store<f64>(to, load<f64>(to) + r0 * v0 + r1 * v1);
    }
    store<f64>(own, load<f64>(own) + sum0 + f64x2.extract_lane(t0, 0) + f64x2.extract_lane(t0, 1));
    store<f64>(own, load<f64>(own, 8) + sum1 + f64x2.extract_lane(t1, 0) + f64x2.extract_lane(t1, 1), 8);
  }
  if (i < n) {
    const own = p + ((<usize>i) << 3);
    store<f64>(own, load<f64>(own) + load<f64>(at(a, lda, i, i)) * load<f64>(v + ((<usize>i) << 3)));
  }
}

/** Makes x [n] the vector v of the reflection that leaves only the first component, β, of x; stores τ, returns β. */
function reflect(n: i32, x: usize, tau: usize): f64 {
  const alpha = load<f64>(x);
  const tail = dot(n - 1, x + 8, x + 8);
  // Largest element of A about one: a column this small is rounding of rounding (a matrix of low rank leaves such columns behind), and τ² would overflow.
  if (tail < 1e-60) {
    store<f64>(x, 0);
    store<f64>(tau, 0);
    return alpha;
  }
  const norm = sqrt(alpha * alpha + tail);
  const beta = alpha > 0 ? -norm : norm;
  store<f64>(x, alpha - beta);
  store<f64>(tau, 2 / (tail + (alpha - beta) * (alpha - beta)));
  return beta;
}

/**
 * Upper triangle of A [n × n] → diagonal [n] and off-diagonal [n] of T; v_j stays in row j of A, columns j + 1 … n − 1, its factor in taus [n].
 * Workspace: 96 n float64.
 */
export function tridiagonalize(n: i32, a: usize, diagonal: usize, offDiagonal: usize, taus: usize, workspace: usize): void {
  const vectors = workspace;
  const partners = workspace + ((<usize>(PANEL * n)) << 3);
  for (let j0 = 0; j0 < n; j0 += PANEL) {
    const width = min(PANEL, n - j0);
    memory.fill(workspace, 0, (<usize>(3 * PANEL * n)) << 3);
    for (let q = 0; q < width; q++) {
      const j = j0 + q;
      const row = at(a, n, j, j);
      for (let i = 0; i < q; i++) {
        const v = at(vectors, n, i, j);
        const w = at(partners, n, i, j);
        axpy(n - j, -load<f64>(v), w, row);
        axpy(n - j, -load<f64>(w), v, row);
      }
      store<f64>(diagonal + ((<usize>j) << 3), load<f64>(row));
      const tau = taus + ((<usize>j) << 3);
      store<f64>(tau, 0);
      store<f64>(offDiagonal + ((<usize>j) << 3), 0);
      const rest = n - j - 1;
      if (rest == 0) break;
      store<f64>(offDiagonal + ((<usize>j) << 3), reflect(rest, row + 8, tau));
      const factor = load<f64>(tau);
      const v = at(vectors, n, q, j + 1);
      const w = at(partners, n, q, j + 1);
      memory.copy(v, row + 8, (<usize>rest) << 3);
      if (factor == 0) continue;
      symmetricTimesVector(rest, at(a, n, j + 1, j + 1), n, v, w);
      for (let i = 0; i < q; i++) {
        const otherV = at(vectors, n, i, j + 1);
        const otherW = at(partners, n, i, j + 1);
        const alongW = dot(rest, otherW, v);
        const alongV = dot(rest, otherV, v);
        axpy(rest, -alongW, otherV, w);
        axpy(rest, -alongV, otherW, w);
      }
      // w = τ A v − ½ τ² (vᵀ A v) v
      const half = 0.5 * factor * factor * dot(rest, v, w);
      for (let c = 0; c < rest; c++) {
        const offset = (<usize>c) << 3;
        store<f64>(w + offset, factor * load<f64>(w + offset) - half * load<f64>(v + offset));
      }
    }
    const next = j0 + width;
    if (next >= n) break;
    // [V W] [W V]ᵀ in one product: V is repeated behind W.
    memory.copy(at(workspace, n, 2 * PANEL, 0), vectors, (<usize>(PANEL * n)) << 3);
    gemmTriangle(UPPER, 1, 0, n - next, 2 * PANEL, -1, at(vectors, n, 0, next), n, at(partners, n, 0, next), n, 1, at(a, n, next, next), n);
  }
}

/** Qᵀ [n × n] from what tridiagonalize left in A and taus. Workspace: 96 n float64. */
export function formTransformation(n: i32, a: usize, taus: usize, transformation: usize, workspace: usize): void {
  memory.fill(transformation, 0, (<usize>n * <usize>n) << 3);
  for (let i = 0; i < n; i++) store<f64>(at(transformation, n, i, i), 1);
  const first = at(workspace, n, PANEL, 0);
  const second = at(workspace, n, 2 * PANEL, 0);
  for (let j0 = ((n - 1) / PANEL) * PANEL; j0 >= 0; j0 -= PANEL) {
    const size = n - j0 - 1;
    const width = min(PANEL, size);
    if (width == 0) continue;
    memory.fill(workspace, 0, (<usize>(width * size)) << 3);
    for (let q = 0; q < width; q++) memory.copy(at(workspace, size, q, q), at(a, n, j0 + q, j0 + q + 1), (<usize>(size - q)) << 3);
    gemm(0, 1, width, width, size, 1, workspace, size, workspace, size, 0, gram, width);
    blockReflector(width, taus + ((<usize>j0) << 3), gram, triangle);
    const block = at(transformation, n, j0 + 1, j0 + 1);
    gemm(0, 1, size, width, size, 1, block, n, workspace, size, 0, first, width);
    gemm(0, 1, size, width, width, 1, first, width, triangle, width, 0, second, width);
    gemm(0, 0, size, size, width, -1, second, width, workspace, size, 1, block, n);
  }
}
