// C ← α op(A) op(B) + β C, row-major, op(X) = X or Xᵀ, after Goto and van de Geijn, doi:10.1145/1356052.1356053: panels of A for the second-level
// cache, panels of B for the first, a register tile of 2 × 4 vectors.
// V8 leaves 15 xmm registers and may move the arithmetic of a loop body behind all its loads: accumulators + loads + 1 must not exceed 15, hence
// eight accumulators and no unrolling. One spilled accumulator halves the speed; some spills cost a factor of five, depending on where the stack
// happens to lie.
// Every element of C is one sum in ascending p per block of the depth, and the blocks depend on k alone: row i has the same bits whatever rows come
// with it.

import { multiplyAdd } from "./multiply-add";
import { packAcross, packAlong } from "./packing";

const TILE_ROWS: i32 = 2;
/** Bytes of a row of the register tile: 8 float64 or 16 float32. */
const TILE_BYTES: usize = 64;
const MAX_DEPTH: i32 = 384;
const BLOCK_ROWS: i32 = 128;
const BLOCK_BYTES: i32 = 64 * 64;

const ALL: i32 = 0;
export const LOWER: i32 = 1;
export const UPPER: i32 = 2;

const panelsA: usize = memory.data(128 * 384 * 8, 64);
const panelsB: usize = memory.data(64 * 64 * 384, 64);
const tile: usize = memory.data(2 * 64, 64);

// @ts-ignore: decorator
@inline
function tileColumns<T>(): i32 {
  return <i32>(TILE_BYTES / sizeof<T>());
}

/** Depth of a block: k shared out evenly. */
// @ts-ignore: decorator
@inline
function blockDepth(k: i32): i32 {
  const blocks = max(1, (k + MAX_DEPTH - 1) / MAX_DEPTH);
  return max(1, (k + blocks - 1) / blocks);
}

// @ts-ignore: decorator
@inline
function pack<T>(width: i32, across: bool, lanes: i32, depth: i32, source: usize, ld: i32, panels: usize): void {
  if (across) packAcross<T>(width, lanes, depth, source, ld, panels);
  else packAlong<T>(width, lanes, depth, source, ld, panels);
}

// @ts-ignore: decorator
@inline
function storeRow<T>(c: usize, alpha: v128, beta: v128, overwrite: bool, w: v128, x: v128, y: v128, z: v128): void {
  w = v128.mul<T>(alpha, w);
  x = v128.mul<T>(alpha, x);
  y = v128.mul<T>(alpha, y);
  z = v128.mul<T>(alpha, z);
  if (!overwrite) {
    w = v128.add<T>(w, v128.mul<T>(beta, v128.load(c)));
    x = v128.add<T>(x, v128.mul<T>(beta, v128.load(c, 16)));
    y = v128.add<T>(y, v128.mul<T>(beta, v128.load(c, 32)));
    z = v128.add<T>(z, v128.mul<T>(beta, v128.load(c, 48)));
  }
  v128.store(c, w);
  v128.store(c, x, 16);
  v128.store(c, y, 32);
  v128.store(c, z, 48);
}

/** One tile of C, 2 × 4 vectors, from a panel of A and a panel of B. With β = 0 the old C is not read. */
function microKernel<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, strideC: usize): void {
  let c00 = i64x2.splat(0), c01 = i64x2.splat(0), c02 = i64x2.splat(0), c03 = i64x2.splat(0);
  let c10 = i64x2.splat(0), c11 = i64x2.splat(0), c12 = i64x2.splat(0), c13 = i64x2.splat(0);
  const end = a + <usize>(depth * TILE_ROWS) * sizeof<T>();
  while (a != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const a0 = v128.load_splat<T>(a);
    c00 = multiplyAdd<T>(c00, a0, b0);
    c01 = multiplyAdd<T>(c01, a0, b1);
    c02 = multiplyAdd<T>(c02, a0, b2);
    c03 = multiplyAdd<T>(c03, a0, b3);
    const a1 = v128.load_splat<T>(a, sizeof<T>());
    c10 = multiplyAdd<T>(c10, a1, b0);
    c11 = multiplyAdd<T>(c11, a1, b1);
    c12 = multiplyAdd<T>(c12, a1, b2);
    c13 = multiplyAdd<T>(c13, a1, b3);
    a += TILE_ROWS * sizeof<T>();
    b += TILE_BYTES;
  }
  const factor = v128.splat<T>(alpha);
  const keep = v128.splat<T>(beta);
  const overwrite = beta == 0;
  storeRow<T>(c, factor, keep, overwrite, c00, c01, c02, c03);
  storeRow<T>(c + strideC, factor, keep, overwrite, c10, c11, c12, c13);
}

/** A tile that C holds in part only: at its edge, or across the diagonal of a triangular part. */
function partialTile<T>(
  part: i32, row: i32, column: i32, rows: i32, columns: i32, depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, strideC: usize,
): void {
  microKernel<T>(depth, alpha, a, b, 0, tile, TILE_BYTES);
  for (let i = 0; i < rows; i++) {
    const first = part == UPPER ? max(0, row + i - column) : 0;
    const end = part == LOWER ? min(columns, row + i - column + 1) : columns;
    for (let j = first; j < end; j++) {
      const to = c + <usize>i * strideC + <usize>j * sizeof<T>();
      const value = load<T>(tile + <usize>i * TILE_BYTES + <usize>j * sizeof<T>());
      store<T>(to, beta == 0 ? value : value + beta * load<T>(to));
    }
  }
}

/** All tiles of an m × n block of C whose corner is element (row, column) of C. */
function macroKernel<T>(
  part: i32, row: i32, column: i32, m: i32, n: i32, depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, ldc: i32,
): void {
  const strideC = <usize>ldc * sizeof<T>();
  const width = tileColumns<T>();
  const panelA = <usize>(depth * TILE_ROWS) * sizeof<T>();
  for (let j = 0; j < n; j += width) {
    const columns = min(width, n - j);
    let panel = a;
    for (let i = 0; i < m; i += TILE_ROWS) {
      const rows = min(TILE_ROWS, m - i);
      const r = row + i;
      const s = column + j;
      const outside = (part == LOWER && s >= r + rows) || (part == UPPER && s + columns <= r);
      if (!outside) {
        const inside = part == ALL || (part == LOWER ? s + columns - 1 <= r : s >= r + rows - 1);
        const to = c + <usize>i * strideC + <usize>j * sizeof<T>();
        if (inside && rows == TILE_ROWS && columns == width) microKernel<T>(depth, alpha, panel, b, beta, to, strideC);
        else partialTile<T>(part, r, s, rows, columns, depth, alpha, panel, b, beta, to, strideC);
      }
      panel += panelA;
    }
    b += <usize>depth * TILE_BYTES;
  }
}

/** C ← α op(A) op(B) + β C on all of C or on one triangle of it, diagonal included. */
// @ts-ignore: decorator
@inline
function blockedGemm<T>(
  part: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32, alpha: T, a: usize, lda: i32, b: usize, ldb: i32, beta: T, c: usize, ldc: i32,
): void {
  const depth = blockDepth(k);
  const blockColumns = <i32>(BLOCK_BYTES / sizeof<T>());
  for (let j = 0; j < n; j += blockColumns) {
    const columns = min(blockColumns, n - j);
    let p = 0;
    do {
      const count = min(depth, k - p);
      const keep: T = p == 0 ? beta : 1;
      const fromB = b + <usize>(transB ? j * ldb + p : p * ldb + j) * sizeof<T>();
      pack<T>(tileColumns<T>(), !transB, columns, count, fromB, ldb, panelsB);
      for (let i = 0; i < m; i += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, m - i);
        if ((part == LOWER && j >= i + rows) || (part == UPPER && j + columns <= i)) continue;
        const fromA = a + <usize>(transA ? p * lda + i : i * lda + p) * sizeof<T>();
        pack<T>(TILE_ROWS, <bool>transA, rows, count, fromA, lda, panelsA);
        macroKernel<T>(part, i, j, rows, columns, count, alpha, panelsA, panelsB, keep, c + <usize>(i * ldc + j) * sizeof<T>(), ldc);
      }
      p += depth;
    } while (p < k);
  }
}

/** C [m × n] ← α op(A) op(B) + β C; float64, leading dimensions in elements. */
export function gemm(
  transA: i32, transB: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, lda: i32, b: usize, ldb: i32, beta: f64, c: usize, ldc: i32,
): void {
  blockedGemm<f64>(ALL, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/** The same in float32. */
export function gemm32(
  transA: i32, transB: i32, m: i32, n: i32, k: i32, alpha: f32, a: usize, lda: i32, b: usize, ldb: i32, beta: f32, c: usize, ldc: i32,
): void {
  blockedGemm<f32>(ALL, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/** One triangle (LOWER or UPPER, with the diagonal) of the square C [n × n] ← α op(A) op(B) + β C, whose product the caller knows to be symmetric. */
export function gemmTriangle(
  part: i32, transA: i32, transB: i32, n: i32, k: i32, alpha: f64, a: usize, lda: i32, b: usize, ldb: i32, beta: f64, c: usize, ldc: i32,
): void {
  blockedGemm<f64>(part, transA, transB, n, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/** Lower triangle of C [n × n] ← α AᵀA + β C for A [k × n]; mirrorLower completes C. */
export function syrk(n: i32, k: i32, alpha: f64, a: usize, lda: i32, beta: f64, c: usize, ldc: i32): void {
  blockedGemm<f64>(LOWER, 1, 0, n, n, k, alpha, a, lda, a, lda, beta, c, ldc);
}

/** C_ij ← C_ji for j > i. */
export function mirrorLower(n: i32, c: usize, ldc: i32): void {
  // Square blocks keep the strided side in the first-level cache.
  for (let i0 = 0; i0 < n; i0 += 32) {
    for (let j0 = i0; j0 < n; j0 += 32) {
      for (let i = i0; i < min(n, i0 + 32); i++) {
        for (let j = max(i + 1, j0); j < min(n, j0 + 32); j++) {
          store<f64>(c + ((<usize>(i * ldc + j)) << 3), load<f64>(c + ((<usize>(j * ldc + i)) << 3)));
        }
      }
    }
  }
}

/** Bytes that packB writes for B of depth k and n columns. */
export function packedBytes(n: i32, k: i32): usize {
  return <usize>((n + 7) / 8) * <usize>k * TILE_BYTES;
}

/** Panels of op(B) [k × n] for gemmPacked: block of the depth, then eight columns each. */
export function packB(transB: i32, n: i32, k: i32, b: usize, ldb: i32, packed: usize): void {
  const depth = blockDepth(k);
  const panels = <usize>((n + 7) / 8) * TILE_BYTES;
  for (let p = 0; p < k; p += depth) {
    const count = min(depth, k - p);
    pack<f64>(tileColumns<f64>(), !transB, n, count, b + ((<usize>(transB ? p : p * ldb)) << 3), ldb, packed);
    packed += panels * <usize>count;
  }
}

/** C ← α op(A) op(B) + β C with op(B) from packB; the same bits as gemm. */
export function gemmPacked(transA: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, lda: i32, packed: usize, beta: f64, c: usize, ldc: i32): void {
  const depth = blockDepth(k);
  const panels = <usize>((n + 7) / 8) * TILE_BYTES;
  let p = 0;
  do {
    const count = min(depth, k - p);
    for (let i = 0; i < m; i += BLOCK_ROWS) {
      const rows = min(BLOCK_ROWS, m - i);
      pack<f64>(TILE_ROWS, <bool>transA, rows, count, a + ((<usize>(transA ? p * lda + i : i * lda + p)) << 3), lda, panelsA);
      macroKernel<f64>(ALL, i, 0, rows, n, count, alpha, panelsA, packed, p == 0 ? beta : 1, c + ((<usize>(i * ldc)) << 3), ldc);
    }
    packed += panels * <usize>count;
    p += depth;
  } while (p < k);
}
