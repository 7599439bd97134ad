import { beforeAll, describe, expect, it } from "vitest";
import { InputError, NumericalError } from "../../../src/errors.js";
import { type LinearAlgebra, createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { WasmKernels } from "../../../src/linalg/wasm-kernels.js";
import { multiplyNaive, randomMatrix, relativeError, transpose } from "./naive.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

describe("least squares", () => {
  const sizes = [[1, 1], [2, 1], [3, 3], [17, 5], [33, 33], [127, 32], [127, 33], [300, 127], [301, 64]] as const;
  it.each(sizes)("%i × %i: the residual is orthogonal to the columns", (rows, columns) => {
    const a = randomMatrix(rows, columns, rows);
    const b = randomMatrix(rows, 1, columns);
    const x = algebra.leastSquares(a, rows, columns, b);
    const residual = multiplyNaive(a, x, rows, 1, columns).map((value, i) => b[i]! - value);
    const along = multiplyNaive(transpose(a, rows, columns), residual, columns, 1, rows);
    expect(Math.hypot(...along)).toBeLessThan(1e-12 * Math.hypot(...b) * Math.sqrt(rows));
  });

  it("finds the exact solution of a consistent system whatever the scale of the columns", () => {
    const [rows, columns] = [80, 40];
    const a = randomMatrix(rows, columns, 1).map((value, i) => value * 10 ** ((i % columns) - 20));
    const exact = Float64Array.from({ length: columns }, (_, j) => (j - 7) * 10 ** (20 - j));
    const x = algebra.leastSquares(a, rows, columns, multiplyNaive(a, exact, rows, 1, columns));
    expect(relativeError(x.map((value, j) => value * 10 ** (j - 20)), exact.map((value, j) => value * 10 ** (j - 20)))).toBeLessThan(1e-12);
  });

  it("solves the Läuchli matrix, whose normal equations are singular in float64", () => {
    const epsilon = 1e-9;
    const a = Float64Array.of(1, 1, epsilon, 0, 0, epsilon);
    expect(relativeError(algebra.leastSquares(a, 3, 2, Float64Array.of(2, epsilon, epsilon)), Float64Array.of(1, 1))).toBeLessThan(1e-6);
  });

  it("names a dependent column", () => {
    const [rows, columns] = [50, 40];
    const a = randomMatrix(rows, columns, 2);
    for (let i = 0; i < rows; i++) a[i * columns + 35] = 2 * a[i * columns + 3]! - 0.1 * a[i * columns + 34]!;
    expect(() => algebra.leastSquares(a, rows, columns, new Float64Array(rows))).toThrow(NumericalError);
    expect(() => algebra.leastSquares(a, rows, columns, new Float64Array(rows))).toThrow("column 35 depends on the columns before it");
    for (let i = 0; i < rows; i++) a[i * columns + 2] = 0;
    expect(() => algebra.leastSquares(a, rows, columns, new Float64Array(rows))).toThrow("column 2 is zero");
  });

  it("refuses fewer rows than columns and what is not finite", () => {
    expect(() => algebra.leastSquares(new Float64Array(6), 2, 3, new Float64Array(2))).toThrow(InputError);
    expect(() => algebra.leastSquares(Float64Array.of(1, 2), 2, 1, Float64Array.of(1, Number.NaN))).toThrow("b is not finite");
  });

  it("leaves [R over zeros | Qᵀ b] with RᵀR = AᵀA, so that chunks can be stacked", async () => {
    const kernels = await WasmKernels.create();
    const [rows, columns, total, ld] = [90, 37, 39, 41];
    const stacked = randomMatrix(rows, ld, 3);
    const pointer = kernels.allocate(rows * ld * 8);
    const workspace = kernels.allocate(kernels.exports.qrWorkspaceBytes(rows, total) >>> 0);
    kernels.float64(pointer, rows * ld).set(stacked);
    kernels.exports.qrReduce(rows, columns, total, pointer, ld, workspace);
    const part = (matrix: Float64Array, first: number, end: number): Float64Array =>
      Float64Array.from({ length: rows * (end - first) }, (_, i) => matrix[Math.floor(i / (end - first)) * ld + first + (i % (end - first))]!);
    const result = kernels.float64(pointer, rows * ld);
    const r = part(result, 0, columns);
    expect(r.every((value, i) => i % columns >= Math.floor(i / columns) || value === 0)).toBe(true);
    const gram = (x: Float64Array, y: Float64Array, m: number, n: number): Float64Array => multiplyNaive(transpose(x, rows, m), y, m, n, rows);
    const [a, b] = [part(stacked, 0, columns), part(stacked, columns, total)];
    expect(relativeError(gram(r, r, columns, columns), gram(a, a, columns, columns))).toBeLessThan(1e-14);
    expect(relativeError(gram(r, part(result, columns, total), columns, 2), gram(a, b, columns, 2))).toBeLessThan(1e-13);
    expect(relativeError(part(result, total, ld), part(stacked, total, ld))).toBe(0);
  });
});
