import { beforeAll, describe, expect, it } from "vitest";
import { InputError, NumericalError } from "../../../src/errors.js";
import { type LinearAlgebra, createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { WasmKernels } from "../../../src/linalg/wasm-kernels.js";
import { multiplyNaive, randomMatrix, relativeError, transpose } from "./naive.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

function positiveDefinite(n: number, seed: number): Float64Array {
  const rows = randomMatrix(n, n, seed);
  const a = multiplyNaive(rows, transpose(rows, n, n), n, n, n);
  for (let i = 0; i < n; i++) a[i * n + i]! += 0.1;
  return a;
}

/** 1/(i + j + 1): condition number 1e16 at n = 12. */
function hilbert(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => 1 / (Math.floor(i / n) + (i % n) + 1));
}

const sizes = [1, 2, 3, 5, 17, 33, 127, 300];

describe("Cholesky factor", () => {
  it.each(sizes)("n = %i: L Lᵀ = A, lower, positive diagonal", (n) => {
    const a = positiveDefinite(n, n);
    // Only the lower triangle may matter.
    const lower = a.map((value, i) => (i % n > Math.floor(i / n) ? 1e30 : value));
    const l = algebra.cholesky(lower, n);
    expect(relativeError(multiplyNaive(l, transpose(l, n, n), n, n, n), a)).toBeLessThan(1e-14);
    expect(l.every((value, i) => (i % n > Math.floor(i / n) ? value === 0 : i % n < Math.floor(i / n) || value > 0))).toBe(true);
  });

  it("survives a Hilbert matrix with the residual of a well-conditioned one", () => {
    const n = 11;
    const l = algebra.cholesky(hilbert(n), n);
    expect(relativeError(multiplyNaive(l, transpose(l, n, n), n, n, n), hilbert(n))).toBeLessThan(1e-15);
  });

  it.each([[3, 1], [40, 39], [200, 130]])("names the first bad pivot: n = %i, pivot %i", (n, index) => {
    const a = positiveDefinite(n, 3);
    // An exact minor: without row and column `index` the matrix is definite, with the entry lowered it is not.
    a[index * n + index] = -1;
    expect(() => algebra.cholesky(a, n)).toThrow(NumericalError);
    expect(() => algebra.cholesky(a, n)).toThrow(`pivot ${index} of ${n} is -`);
    expect(() => algebra.cholesky(a, n)).toThrow("jitter");
  });

  it("refuses a singular matrix", () => {
    expect(() => algebra.cholesky(Float64Array.of(1, 1, 1, 1), 2)).toThrow("pivot 1 of 2 is 0");
    expect(() => algebra.cholesky(new Float64Array(9), 3)).toThrow("pivot 0 of 3");
  });

  it("refuses what is not finite or has another size", () => {
    expect(() => algebra.cholesky(Float64Array.of(1, 0, Number.NaN, 1), 2)).toThrow("NaN in row 1, column 0");
    expect(() => algebra.cholesky(new Float64Array(5), 2)).toThrow(InputError);
    expect(() => algebra.multiply(new Float64Array(4), new Float64Array(4), { m: 2, n: 2, k: 3 })).toThrow("expected 2 × 3 numbers, got 4");
    expect(() => algebra.multiply(Float64Array.of(1), Float64Array.of(Infinity), { m: 1, n: 1, k: 1 })).toThrow(NumericalError);
  });
});

describe("triangular solutions", () => {
  it.each(sizes)("n = %i: L x = b, Lᵀ x = b, and rows times L^{-T}", (n) => {
    const m = 13;
    const l = algebra.cholesky(positiveDefinite(n, n + 1), n);
    const b = randomMatrix(n, 1, 4);
    expect(relativeError(multiplyNaive(l, algebra.solveLower(l, b, n), n, 1, n), b)).toBeLessThan(1e-11);
    expect(relativeError(multiplyNaive(transpose(l, n, n), algebra.solveLowerTransposed(l, b, n), n, 1, n), b)).toBeLessThan(1e-11);
    const x = randomMatrix(m, n, 5);
    const y = algebra.whitenRows(x, l, m, n);
    expect(relativeError(multiplyNaive(y, transpose(l, n, n), m, n, n), x)).toBeLessThan(1e-13);
  });

  it("gives a row the same bits alone and among others, with any leading dimension", async () => {
    const kernels = await WasmKernels.create();
    const [m, n, ldx] = [67, 131, 140];
    const l = kernels.allocate(n * n * 8);
    kernels.float64(l, n * n).set(algebra.cholesky(positiveDefinite(n, 9), n));
    const x = randomMatrix(m, ldx, 10);
    const [together, alone] = [kernels.allocate(m * ldx * 8), kernels.allocate(m * ldx * 8)];
    kernels.float64(together, m * ldx).set(x);
    kernels.float64(alone, m * ldx).set(x);
    kernels.exports.trsmRightLowerTransposed(m, n, l, n, together, ldx);
    for (let i = 0; i < m; i++) kernels.exports.trsmRightLowerTransposed(1, n, l, n, alone + i * ldx * 8, ldx);
    expect(kernels.float64(alone, m * ldx)).toEqual(kernels.float64(together, m * ldx));
    expect(kernels.float64(together, m * ldx).every((value, i) => i % ldx < n || value === x[i])).toBe(true);
  });

  it("names a zero on the diagonal", () => {
    expect(() => algebra.solveLower(Float64Array.of(1, 0, 2, 0), Float64Array.of(1, 1), 2)).toThrow("0 in row 1 of 2");
  });
});
