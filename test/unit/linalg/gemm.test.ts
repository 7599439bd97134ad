import { beforeAll, describe, expect, it, test } from "vitest";
import { bestKernelBuild, compileKernels, WasmKernels, type KernelBuild } from "../../../src/linalg/wasm-kernels.js";
import { multiplyNaive, randomMatrix, relativeError, transpose } from "./naive.js";

let kernels: WasmKernels;

/** Stores a rows × columns matrix with leading dimension ld; the gap holds NaN, which no kernel may read into a result. */
function place(values: ArrayLike<number>, rows: number, columns: number, ld: number): number {
  const pointer = kernels.allocate(rows * ld * 8);
  const view = kernels.float64(pointer, rows * ld).fill(Number.NaN);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) view[i * ld + j] = values[i * columns + j]!;
  return pointer;
}

function fetch(pointer: number, rows: number, columns: number, ld: number): Float64Array {
  const view = kernels.float64(pointer, rows * ld);
  return Float64Array.from({ length: rows * columns }, (_, i) => view[Math.floor(i / columns) * ld + (i % columns)]!);
}

const sizes: [number, number, number][] = [
  [1, 1, 1], [2, 3, 5], [3, 2, 0], [5, 17, 3], [1, 33, 300], [17, 1, 33], [33, 127, 17], [127, 33, 2], [129, 65, 385], [300, 9, 800], [2, 520, 127],
];

test("the engine of the tests takes the fused build", () => {
  expect(bestKernelBuild()).toBe("fused");
});

describe.each<KernelBuild>(["plain", "fused"])("%s build", (build) => {
  beforeAll(async () => {
    kernels = await WasmKernels.create(await compileKernels(build));
  });

  describe("gemm", () => {
    it.each(sizes)("m = %i, n = %i, k = %i: all transposes, α, β and leading dimensions", (m, n, k) => {
      const a = randomMatrix(m, k, 1 + m);
      const b = randomMatrix(k, n, 2 + n);
      const c = randomMatrix(m, n, 3 + k);
      const product = multiplyNaive(a, b, m, n, k);
      for (const [transA, transB] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
        for (const [alpha, beta, gap] of [[1, 0, 0], [-0.7, 1, 3], [1.5, -0.3, 1]] as const) {
          const mark = kernels.mark();
          const [lda, ldb, ldc] = [(transA ? m : k) + gap, (transB ? k : n) + gap, n + gap];
          const pointerA = transA ? place(transpose(a, m, k), k, m, lda) : place(a, m, k, lda);
          const pointerB = transB ? place(transpose(b, k, n), n, k, ldb) : place(b, k, n, ldb);
          const expected = product.map((value, i) => alpha * value + (beta === 0 ? 0 : beta * c[i]!));
          // With β = 0 the old C may be anything.
          const old = beta === 0 ? c.map(() => Number.NaN) : c;
          const direct = place(old, m, n, ldc);
          kernels.exports.gemm(transA, transB, m, n, k, alpha, pointerA, lda, pointerB, ldb, beta, direct, ldc);
          expect(relativeError(fetch(direct, m, n, ldc), expected)).toBeLessThan(1e-14);
          const packed = kernels.allocate(kernels.exports.packedBytes(n, k) >>> 0);
          kernels.exports.packB(transB, n, k, pointerB, ldb, packed);
          const prepared = place(old, m, n, ldc);
          kernels.exports.gemmPacked(transA, m, n, k, alpha, pointerA, lda, packed, beta, prepared, ldc);
          expect(fetch(prepared, m, n, ldc)).toEqual(fetch(direct, m, n, ldc));
          expect(kernels.float64(direct, m * ldc).every((value, i) => i % ldc < n || Number.isNaN(value))).toBe(true);
          kernels.release(mark);
        }
      }
    });

    it("gives a row the same bits alone and among others", () => {
      const [m, n, k] = [131, 77, 901];
      const a = place(randomMatrix(m, k, 5), m, k, k);
      const b = place(randomMatrix(n, k, 6), n, k, k);
      const together = kernels.allocate(m * n * 8);
      const alone = kernels.allocate(m * n * 8);
      kernels.exports.gemm(0, 1, m, n, k, 0.3, a, k, b, k, 0, together, n);
      for (let first = 0; first < m; ) {
        const count = Math.min([1, 2, 3, 8, 31][first % 5]!, m - first);
        kernels.exports.gemm(0, 1, count, n, k, 0.3, a + first * k * 8, k, b, k, 0, alone + first * n * 8, n);
        first += count;
      }
      expect(kernels.float64(alone, m * n)).toEqual(kernels.float64(together, m * n));
      expect(kernels.float64(together, m * n).every(Number.isFinite)).toBe(true);
    });

    it("gives a column the same bits among other columns", () => {
      const [m, n, k] = [5, 1100, 33];
      const a = place(randomMatrix(m, k, 5), m, k, k);
      const b = place(randomMatrix(k, n, 6), k, n, n);
      const wide = kernels.allocate(m * n * 8);
      const narrow = kernels.allocate(m * n * 8);
      kernels.exports.gemm(0, 0, m, n, k, 1, a, k, b, n, 0, wide, n);
      for (let j = 0; j < n; j += 7) kernels.exports.gemm(0, 0, m, Math.min(7, n - j), k, 1, a, k, b + 8 * j, n, 0, narrow + 8 * j, n);
      expect(kernels.float64(narrow, m * n)).toEqual(kernels.float64(wide, m * n));
    });

    it("keeps infinities and NaN of one row out of the others", () => {
      const a = place([1, 2, Number.NaN, 1, 3, 4], 3, 2, 2);
      const b = place([1, 2, 3, 4], 2, 2, 2);
      const c = kernels.allocate(6 * 8);
      kernels.exports.gemm(0, 0, 3, 2, 2, 1, a, 2, b, 2, 0, c, 2);
      expect([...kernels.float64(c, 6)]).toEqual([7, 10, Number.NaN, Number.NaN, 15, 22]);
    });
  });

  describe("syrk", () => {
    it.each([[1, 1], [2, 5], [17, 3], [127, 300], [530, 70]])("n = %i, k = %i: lower triangle only, then mirrored", (n, k) => {
      const mark = kernels.mark();
      const ld = n + 2;
      const a = randomMatrix(k, n, 7);
      const old = randomMatrix(n, n, 8);
      const pointerA = place(a, k, n, ld);
      const c = place(old, n, n, ld);
      kernels.exports.syrk(n, k, 0.5, pointerA, ld, 2, c, ld);
      const product = multiplyNaive(transpose(a, k, n), a, n, n, k);
      const expected = old.map((value, i) => (i % n > Math.floor(i / n) ? value : 0.5 * product[i]! + 2 * value));
      const result = fetch(c, n, n, ld);
      expect(relativeError(result, expected)).toBeLessThan(1e-14);
      expect(result.every((value, i) => i % n <= Math.floor(i / n) || value === old[i])).toBe(true);
      kernels.exports.mirrorLower(n, c, ld);
      const full = fetch(c, n, n, ld);
      expect(full.every((value, i) => value === result[Math.max(Math.floor(i / n), i % n) * n + Math.min(Math.floor(i / n), i % n)])).toBe(true);
      kernels.release(mark);
    });
  });

  describe("gemm32", () => {
    it.each(sizes)("m = %i, n = %i, k = %i in float32", (m, n, k) => {
      const a = Float32Array.from(randomMatrix(m, k, 1));
      const b = Float32Array.from(randomMatrix(k, n, 2));
      const expected = multiplyNaive(a, b, m, n, k);
      for (const [transA, transB] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
        const mark = kernels.mark();
        const pointers = [m * k, k * n, m * n].map((length) => kernels.allocate(4 * length)) as [number, number, number];
        kernels.float32(pointers[0], m * k).set(transA ? transpose(a, m, k) : a);
        kernels.float32(pointers[1], k * n).set(transB ? transpose(b, k, n) : b);
        kernels.float32(pointers[2], m * n).fill(Number.NaN);
        kernels.exports.gemm32(transA, transB, m, n, k, 1, pointers[0], transA ? m : k, pointers[1], transB ? k : n, 0, pointers[2], n);
        expect(relativeError(kernels.float32(pointers[2], m * n), expected)).toBeLessThan(1e-6);
        kernels.release(mark);
      }
    });
  });
});
