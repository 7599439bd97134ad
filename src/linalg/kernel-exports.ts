/**
 * Exports of the WebAssembly module (wasm/index.ts). Pointers are byte addresses in its memory, `ld…` the distance of two rows in elements, matrices row-major float64.
 * The kernels check nothing: whoever calls them answers for sizes and finite values.
 */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;

  /** C [m × n] ← α op(A) op(B) + β C with op(X) = Xᵀ where trans is 1; with β = 0 the old C is not read. */
  gemm(transA: number, transB: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, b: number, ldb: number, beta: number, c: number, ldc: number): void;
  /** gemm in float32. */
  gemm32(transA: number, transB: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, b: number, ldb: number, beta: number, c: number, ldc: number): void;
  /** Lower triangle of C [n × n] ← α AᵀA + β C for A [k × n]. */
  syrk(n: number, k: number, alpha: number, a: number, lda: number, beta: number, c: number, ldc: number): void;
  /** The upper triangle becomes the transpose of the lower one. */
  mirrorLower(n: number, c: number, ldc: number): void;
  /** Bytes that packB writes for op(B) [k × n]. */
  packedBytes(n: number, k: number): number;
  packB(transB: number, n: number, k: number, b: number, ldb: number, packed: number): void;
  /** gemm with op(B) from packB, bit for bit the same. */
  gemmPacked(transA: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, packed: number, beta: number, c: number, ldc: number): void;
}
