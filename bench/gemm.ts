/** GFLOP/s of the float64 kernels on one core for the shapes that features, kernels and fits use; the best of many runs, because the machine may be shared. */
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
  const a = matrix(128, 330);
  const b = matrix(330, 1000);
  const c = matrix(128, 1000);
  report("gemm32 (128 × 330) · (330 × 1000)ᵀ", 2 * 128 * 330 * 1000, () => exports.gemm32(0, 1, 128, 1000, 330, 1, a, 330, b, 330, 0, c, 1000));
}
