/**
 * Exports of the WebAssembly module (wasm/index.ts). Pointers are byte addresses in its memory, `ld…` the distance of two rows in elements,
 * matrices row-major float64.
 * The kernels check nothing: whoever calls them answers for sizes and finite values.
 */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;

  /** C [m × n] ← α op(A) op(B) + β C with op(X) = Xᵀ where trans is 1; with β = 0 the old C is not read. */
  gemm(
    transA: number, transB: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, b: number, ldb: number, beta: number,
    c: number, ldc: number,
  ): void;
  /** gemm in float32. */
  gemm32(
    transA: number, transB: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, b: number, ldb: number, beta: number,
    c: number, ldc: number,
  ): void;
  /** Lower triangle of C [n × n] ← α AᵀA + β C for A [k × n]. */
  syrk(n: number, k: number, alpha: number, a: number, lda: number, beta: number, c: number, ldc: number): void;
  /** The upper triangle becomes the transpose of the lower one. */
  mirrorLower(n: number, c: number, ldc: number): void;
  /** Bytes that packB writes for op(B) [k × n]. */
  packedBytes(n: number, k: number): number;
  packB(transB: number, n: number, k: number, b: number, ldb: number, packed: number): void;
  /** gemm with op(B) from packB, bit for bit the same. */
  gemmPacked(
    transA: number, m: number, n: number, k: number, alpha: number, a: number, lda: number, packed: number, beta: number, c: number, ldc: number,
  ): void;
  /** One triangle (part 1: lower, 2: upper) of the square C [n × n] ← α op(A) op(B) + β C; the caller knows the product to be symmetric. */
  gemmTriangle(
    part: number, transA: number, transB: number, n: number, k: number, alpha: number, a: number, lda: number, b: number, ldb: number, beta: number,
    c: number, ldc: number,
  ): void;

  /** X [m × n] ← X L^{-T}; a row has the same bits in any company. Of L [n × n] the lower triangle is read, here and below. */
  trsmRightLowerTransposed(m: number, n: number, l: number, ldl: number, x: number, ldx: number): void;
  /** x [n] ← L^{-1} x */
  trsvLower(n: number, l: number, ldl: number, x: number): void;
  /** x [n] ← L^{-T} x */
  trsvLowerTransposed(n: number, l: number, ldl: number, x: number): void;
  /** A = L Lᵀ in place on the lower triangle. −1, or the index of the first pivot that is not positive; its value then stands on the diagonal. */
  cholesky(n: number, a: number, lda: number): number;

  /** A [rows × total] ← Qᵀ A for A's first `columns` ≤ rows columns = Q R: they become R over zeros, the others Qᵀ b. */
  qrReduce(rows: number, columns: number, total: number, a: number, lda: number, workspace: number): void;
  qrWorkspaceBytes(rows: number, total: number): number;
  /**
   * A [n × n], largest element about 1, upper triangle read, destroyed → values [n] unordered, vectors [value][n]. −1, or the index of a value that
   * did not converge.
   */
  symmetricEigen(n: number, a: number, values: number, vectors: number, workspace: number): number;
  eigenWorkspaceBytes(n: number): number;

  /** Eq. (5) for one center and one neighbor element, c [lm][nStride]; wasm/density-coefficients.ts. */
  densityCoefficients(
    nStride: number, lMax: number, recurrence: number, table: number, start: number, inverseStep: number,
    vectors: number, distances: number, count: number, center: number, scratch: number, out: number,
  ): void;
  /** ∂c/∂r_α of one pair, [α][lm][nStride]; scratch of `pairScratch` numbers. */
  densityCoefficientsGradient(
    nStride: number, lMax: number, recurrence: number, table: number, start: number, inverseStep: number,
    vector: number, distance: number, scratch: number, out: number,
  ): void;
  /** Eq. (12) for one pair of elements, [l][n][n']; wasm/power-spectrum.ts. */
  powerSpectrum(nMax: number, nStride: number, lMax: number, ca: number, cb: number, same: number, scratch: number, out: number): void;
  powerSpectrumAdjoint(
    nMax: number, nStride: number, lMax: number, ca: number, cb: number, same: number, gradient: number, scratch: number, da: number, db: number,
  ): void;
  powerSpectrumGradient(
    nMax: number, nStride: number, lMax: number, c: number, dc: number, same: number, moving: number, scratch: number, out: number,
  ): void;
  /** Eqs. (49) and (52): out += Σ C x y over channel pairs and terms, on [row][lane]; wasm/couple.ts. */
  couple(pairs: number, count: number, terms: number, termCount: number, lanes: number, x: number, y: number, out: number): void;
  /** The same with one lane of y. */
  coupleOne(pairs: number, count: number, terms: number, termCount: number, lanes: number, x: number, y: number, out: number): void;
  /** c [lm][nStride] to the rows of its channels, one lane, and back. */
  spreadLane(nMax: number, nStride: number, lMax: number, source: number, rows: number, lanes: number, lane: number, out: number): void;
  gatherLane(nMax: number, nStride: number, lMax: number, source: number, rows: number, lanes: number, lane: number, target: number): void;
  /** features[μ channels + q] = scale_q A_qμ of one lane, and its adjoint, which adds. */
  joinLane(channels: number, components: number, lanes: number, lane: number, source: number, scale: number, features: number): void;
  splitLane(channels: number, components: number, lanes: number, lane: number, gradient: number, scale: number, target: number): void;
  /** Numbers of scratch for `pairForces` and `densityCoefficientsGradient`. */
  pairScratch(nStride: number, lMax: number): number;
  /** Eq. (21): f_ij, [j][3], from ∂E/∂c [lm][nStride]. */
  pairForces(
    nStride: number, lMax: number, recurrence: number, table: number, start: number, inverseStep: number,
    vectors: number, distances: number, count: number, adjoint: number, scratch: number, forces: number,
  ): void;
  /** Adjoints of eight outputs side by side, [count][output]; `gap` bytes between two outputs of the source. */
  interleaveOutputs(count: number, adjoints: number, gap: number, out: number): void;
  /** Numbers of scratch for `pairForcesOfOutputs`. */
  outputScratch(nStride: number, lMax: number): number;
  /** `pairForces` for eight outputs, [j][output][3], from adjoints [lm][nStride][output]. */
  pairForcesOfOutputs(
    nStride: number, lMax: number, recurrence: number, table: number, start: number, inverseStep: number,
    vectors: number, distances: number, count: number, adjoints: number, scratch: number, forces: number,
  ): void;
  /** Pair forces of eight outputs around one atom, [j][output][3], summed to [atom][output][3]; neighbors are int32. */
  addForcesOfOutputs(count: number, neighbors: number, pairForces: number, atom: number, out: number): void;
  /** Eq. (16): energies[i] = Σ_m x_m s_im^ζ; s_im becomes ζ x_m s_im^{ζ−1}; wasm/polynomial-kernel.ts. */
  kernelEnergies(rows: number, stride: number, zeta: number, weights: number, products: number, energies: number): void;
  /** powers ← s^ζ and, unless `slopes` is 0, slopes ← ζ s^{ζ−1}; [rows][stride]. */
  kernelPowers(rows: number, stride: number, zeta: number, products: number, powers: number, slopes: number): void;
  /** target[i][m] = factors[m] source[i][m]; [rows][stride], stride even. */
  scaleColumns(rows: number, stride: number, factors: number, source: number, target: number): void;
  /** row[m] += scale Σ_i s_im^ζ; s_im becomes ζ s_im^{ζ−1}. */
  kernelRow(rows: number, stride: number, zeta: number, scale: number, products: number, row: number): void;
  /** target[m] += scale factors[m] source[m], count even. */
  addScaled(count: number, scale: number, factors: number, source: number, target: number): void;
  dot(count: number, a: number, b: number): number;
  axpy(count: number, scale: number, x: number, y: number): void;
  /** y [m] ← A x. */
  gemv(m: number, n: number, a: number, lda: number, x: number, y: number): void;
  scaleBy(count: number, scale: number, x: number): void;
}
