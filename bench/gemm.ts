/**
 * GFLOP/s of the linear-algebra kernels on one core for the shapes that features, kernels and fits use; the best of many runs, because the machine
 * may be shared.
 */
import { WasmKernels } from "../src/linalg/wasm-kernels.js";

const kernels = await WasmKernels.create();
const { exports } = kernels;
let state = 1;
const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;

function matrix(rows: number, columns: number): number {
  const pointer = kernels.allocate(rows * columns * 8);
  const view = kernels.float64(pointer, rows * columns);
  for (let i = 0; i < view.length; i++) view[i] = random();
  return pointer;
}

function report(name: string, flops: number, run: () => void): void {
  let best = Infinity;
  const end = performance.now() + 400;
  for (let i = 0; i < 3 || performance.now() < end; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${name.padEnd(44)} ${(best * 1000).toFixed(0).padStart(9)} µs ${(flops / best / 1e6).toFixed(2).padStart(7)} GFLOP/s`);
}

function product(m: number, n: number, k: number, transA = 0, transB = 0): void {
  const mark = kernels.mark();
  const a = matrix(m, k);
  const b = matrix(k, n);
  const c = matrix(m, n);
  const lda = transA ? m : k;
  const ldb = transB ? k : n;
  const name = `(${m} × ${k})${transA ? "ᵀ" : ""} · (${k} × ${n})${transB ? "ᵀ" : ""}`;
  report(`gemm ${name}`, 2 * m * n * k, () => exports.gemm(transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, n));
  const packed = kernels.allocate(exports.packedBytes(n, k) >>> 0);
  exports.packB(transB, n, k, b, ldb, packed);
  report(`  B packed beforehand`, 2 * m * n * k, () => exports.gemmPacked(transA, m, n, k, 1, a, lda, packed, 0, c, n));
  kernels.release(mark);
}

product(600, 600, 600);
for (const m of [32, 64, 128]) product(m, 1000, 200, 0, 1);
product(128, 1000, 330, 0, 1);
product(64, 500, 60, 0, 1);
for (const m of [32, 128]) product(m, 200, 1000);
product(90, 100, 330);
product(90, 1000, 100, 0, 1);
product(90, 1000, 100, 1, 0);
product(1000, 1000, 16);
product(1, 1000, 200, 0, 1);

for (const [n, k] of [[500, 64], [1000, 256], [3000, 512]] as const) {
  const mark = kernels.mark();
  const a = matrix(k, n);
  const c = matrix(n, n);
  report(`syrk n = ${n}, k = ${k}`, n * (n + 1) * k, () => exports.syrk(n, k, 1, a, n, 1, c, n));
  kernels.release(mark);
}

{
  const mark = kernels.mark();
  const [a, b, c] = [128 * 330, 1000 * 330, 128 * 1000].map((length) => {
    const pointer = kernels.allocate(length * 4);
    kernels.float32(pointer, length).set(Float32Array.from({ length }, random));
    return pointer;
  }) as [number, number, number];
  report("gemm32 (128 × 330) · (330 × 1000)ᵀ", 2 * 128 * 330 * 1000, () => exports.gemm32(0, 1, 128, 1000, 330, 1, a, 330, b, 330, 0, c, 1000));
  kernels.release(mark);
}

for (const n of [330, 1000, 3000]) {
  const mark = kernels.mark();
  const gram = matrix(n, n);
  const view = kernels.float64(gram, n * n);
  for (let i = 0; i < n; i++) view[i * n + i]! += n;
  const factor = kernels.allocate(n * n * 8);
  report(`cholesky n = ${n}`, n ** 3 / 3, () => {
    kernels.float64(factor, n * n).set(kernels.float64(gram, n * n));
    exports.cholesky(n, factor, n);
  });
  for (const m of [64, 1000]) {
    const rows = matrix(m, n);
    const x = kernels.allocate(m * n * 8);
    report(`trsm m = ${m}, n = ${n}`, m * n * n, () => {
      kernels.float64(x, m * n).set(kernels.float64(rows, m * n));
      exports.trsmRightLowerTransposed(m, n, factor, n, x, n);
    });
  }
  kernels.release(mark);
}

for (const [rows, columns] of [[3000, 300], [6000, 1000]] as const) {
  const mark = kernels.mark();
  const a = matrix(rows, columns);
  const work = kernels.allocate(rows * columns * 8);
  const workspace = kernels.allocate(exports.qrWorkspaceBytes(rows, columns) >>> 0);
  report(`qr ${rows} × ${columns}`, 2 * columns ** 2 * (rows - columns / 3), () => {
    kernels.float64(work, rows * columns).set(kernels.float64(a, rows * columns));
    exports.qrReduce(rows, columns, columns, work, columns, workspace);
  });
  kernels.release(mark);
}

for (const n of [324, 1000, 1500]) {
  const mark = kernels.mark();
  const a = matrix(n, n);
  const [work, values, vectors] = [n * n, n, n * n].map((length) => kernels.allocate(length * 8)) as [number, number, number];
  const workspace = kernels.allocate(exports.eigenWorkspaceBytes(n) >>> 0);
  // Reduction, transformation and rotations, nominally 4/3 + 4/3 + 5 n³.
  report(`eigen n = ${n}`, 7.7 * n ** 3, () => {
    kernels.float64(work, n * n).set(kernels.float64(a, n * n));
    exports.symmetricEigen(n, work, values, vectors, workspace);
  });
  kernels.release(mark);
}
