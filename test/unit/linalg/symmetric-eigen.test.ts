import { beforeAll, describe, expect, it } from "vitest";
import { NumericalError } from "../../../src/errors.js";
import { type LinearAlgebra, createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { multiplyNaive, randomMatrix, relativeError, transpose } from "./naive.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

function symmetric(n: number, seed: number): Float64Array {
  const a = randomMatrix(n, n, seed);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
  return a;
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** |A − Σ λ u uᵀ| and |U Uᵀ − 1|, order and signs. */
function check(a: Float64Array, n: number, tolerance = 1e-13): Float64Array {
  const { values, vectors } = algebra.symmetricEigen(a, n);
  // Squares of extreme elements would leave the range of float64 in the norm.
  const unit = Math.max(...a.map(Math.abs)) || 1;
  const scaled = vectors.map((value, i) => value * (values[Math.floor(i / n)]! / unit));
  expect(relativeError(multiplyNaive(transpose(vectors, n, n), scaled, n, n, n), a.map((value) => value / unit))).toBeLessThan(tolerance);
  expect(relativeError(multiplyNaive(vectors, transpose(vectors, n, n), n, n, n), identity(n))).toBeLessThan(tolerance);
  expect(values.every((value, c) => c === 0 || value <= values[c - 1]!)).toBe(true);
  for (let c = 0; c < n; c++) {
    const row = vectors.subarray(c * n, (c + 1) * n);
    expect(Math.max(...row)).toBe(Math.max(...row.map(Math.abs)));
  }
  return values;
}

describe("symmetric eigenvalues and eigenvectors", () => {
  it.each([1, 2, 3, 5, 8, 17, 31, 32, 33, 34, 65, 127, 300])("n = %i: reconstruction, orthogonality, order, signs", (n) => {
    check(symmetric(n, n), n);
  });

  it("finds the eigenvalues 2 − 2 cos(kπ/(n + 1)) of the discrete Laplacian", () => {
    const n = 100;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    const exact = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)));
    expect(relativeError(check(a, n), exact)).toBeLessThan(1e-14);
  });

  it.each([1e-40, 1e-90, 1e-160])("a block beside one of elements about %f, whose reflections would overflow", (tiny) => {
    const n = 60;
    const a = symmetric(n, 3).map((value, i) => (i % n < n / 2 && i / n < n / 2 ? value : tiny * value));
    check(a, n);
  });

  it("handles degenerate, diagonal, zero and rank-deficient matrices", () => {
    const n = 40;
    expect([...check(identity(n), n)]).toEqual(Array.from({ length: n }, () => 1));
    expect([...check(new Float64Array(n * n), n)]).toEqual(Array.from({ length: n }, () => 0));
    const diagonal = identity(n).map((value, i) => value * (((i % n) * 7) % n));
    expect(relativeError(check(diagonal, n), Float64Array.from({ length: n }, (_, c) => n - 1 - c))).toBeLessThan(1e-15);
    const rank = 3;
    const rows = randomMatrix(rank, n, 1);
    const values = check(multiplyNaive(transpose(rows, rank, n), rows, n, n, rank), n);
    expect(Math.max(...values.subarray(rank).map(Math.abs))).toBeLessThan(1e-15 * n * values[0]!);
    // A covariance of 330 features that span 10 dimensions: most of the spectrum is rounding noise.
    const wide = randomMatrix(10, 330, 2);
    check(multiplyNaive(transpose(wide, 10, 330), wide, 330, 330, 10), 330);
  });

  it("converges on graded and smooth matrices, small elements first or last", () => {
    const n = 150;
    const smooth = Float64Array.from({ length: n * n }, (_, i) => Math.exp(-(((Math.floor(i / n) - (i % n)) / 20) ** 2)));
    check(smooth, n);
    const noise = symmetric(n, 6);
    check(noise.map((value, i) => value * 10 ** (-(Math.floor(i / n) + (i % n)) / 10)), n);
    check(noise.map((value, i) => value * 10 ** ((Math.floor(i / n) + (i % n)) / 10)), n);
  });

  it.each([1e-200, 1e-30, 1e30, 1e200])("is independent of the scale %s", (scale) => {
    const n = 20;
    const a = symmetric(n, 4);
    const values = check(a.map((value) => value * scale), n);
    expect(relativeError(values.map((value) => value / scale), algebra.symmetricEigen(a, n).values)).toBeLessThan(1e-14);
  });

  it("reads the upper triangle only and repeats bit for bit", () => {
    const n = 70;
    const a = symmetric(n, 5);
    const upper = a.map((value, i) => (i % n < Math.floor(i / n) ? -3 : value));
    expect(algebra.symmetricEigen(upper, n)).toEqual(algebra.symmetricEigen(a, n));
  });

  it("refuses what is not finite", () => {
    expect(() => algebra.symmetricEigen(Float64Array.of(1, 2, 2, Infinity), 2)).toThrow(NumericalError);
  });
});
