// Maps against the matrices between all rows, which the library never forms: centered kernels, their eigenvectors, regression by elimination.
import { beforeAll, describe, expect, test } from "vitest";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { fitMap, predictOnMap, projectOnMap, type MapMethod } from "../../../src/maps/low-dimensional-map.js";
import { createRandom } from "../../../src/selection/random.js";
import { eliminate } from "../../reference/elimination.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

/** Rows whose columns differ in size, off the origin. */
function someRows(count: number, size: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count * size }, (_, k) => 0.3 + random.normal() / (1 + (k % size)));
}

function targetOf(rows: Float64Array, size: number, noise = 0): Float64Array {
  const random = createRandom(99);
  return Float64Array.from({ length: rows.length / size }, (_, i) => 5 + rows[i * size + size - 1]! - 0.5 * rows[i * size]! * rows[i * size + 1]! + noise * random.normal());
}

/** (x · x')^ζ without its means, and those of new rows with the old ones. */
function centeredKernel(rows: Float64Array, size: number, zeta: number, others = rows): number[][] {
  const [n, m] = [rows.length / size, others.length / size];
  const k = (a: Float64Array, i: number, b: Float64Array, j: number): number => {
    let sum = 0;
    for (let f = 0; f < size; f++) sum += a[i * size + f]! * b[j * size + f]!;
    return sum ** zeta;
  };
  const own = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => k(rows, i, rows, j)));
  const columns = own.map((_, j) => own.reduce((sum, row) => sum + row[j]! / n, 0));
  const all = columns.reduce((sum, value) => sum + value / n, 0);
  return Array.from({ length: m }, (_, i) => {
    const row = Array.from({ length: n }, (_unused, j) => k(others, i, rows, j));
    const mean = row.reduce((sum, value) => sum + value / n, 0);
    return row.map((value, j) => value - mean - columns[j]! + all);
  });
}

/** Places are known up to the sign of each component. */
function expectPlaces(scores: Float64Array, components: number, expected: readonly (readonly number[])[], tolerance: number): void {
  for (let c = 0; c < components; c++) {
    const own = expected.map((_, row) => scores[row * components + c]!);
    const other = expected.map((row) => row[c]!);
    const sign = Math.sign(own.reduce((sum, value, k) => sum + value * other[k]!, 0));
    const scale = Math.hypot(...other);
    own.forEach((value, k) => expect(Math.abs(sign * value - other[k]!) <= tolerance * scale, `component ${c}, row ${k}: ${sign * value} and ${other[k]}`).toBe(true));
  }
}

/** √λ u of the leading eigenvectors. */
function places(matrix: readonly (readonly number[])[], components: number, factor = 1): number[][] {
  const n = matrix.length;
  const { values, vectors } = algebra.symmetricEigen(Float64Array.from(matrix.flat()), n);
  return matrix.map((_, i) => Array.from({ length: components }, (_unused, c) => Math.sqrt(factor * values[c]!) * vectors[c * n + i]!));
}

const trace = (matrix: readonly (readonly number[])[]): number => matrix.reduce((sum, row, i) => sum + row[i]!, 0);

/** ŷ of kernel ridge regression without the mean, K (K + s²)^{−1} (y − ȳ). */
function ridgeModel(matrix: readonly (readonly number[])[], target: Float64Array, s2: number): { fitted: number[]; weights: number[] } {
  const mean = target.reduce((sum, y) => sum + y / target.length, 0);
  const weights = eliminate(matrix.map((row, i) => row.map((value, j) => value + (i === j ? s2 : 0))), [...target].map((y) => y - mean));
  return { weights, fitted: matrix.map((row) => row.reduce((sum, value, j) => sum + value * weights[j]!, 0)) };
}

const cases: readonly [rows: number, size: number][] = [[40, 6], [9, 14], [30, 30]];

describe.each(cases)("%i rows of %i features", (count, size) => {
  const rows = someRows(count, size, 3);
  const others = someRows(7, size, 4);
  const target = targetOf(rows, size, 0.05);

  test("principal components are those of the products of centered rows; new rows are placed by the same axes", async () => {
    const matrix = centeredKernel(rows, size, 1);
    const map = await fitMap(algebra, rows, size, { method: "pca", components: 4 });
    expectPlaces(await projectOnMap(algebra, map, rows), 4, places(matrix, 4), 1e-9);
    const { values } = algebra.symmetricEigen(Float64Array.from(matrix.flat()), count);
    map.shares.forEach((share, c) => expect(share).toBeCloseTo(values[c]! / trace(matrix), 10));
    expect(map.kernel).toBe(null);
    // Old and new rows on one map: the products of places with 4 components of 4-dimensional rows.
    const mean = Array.from({ length: size }, (_, f) => Array.from({ length: count }, (_unused, i) => rows[i * size + f]! / count).reduce((a, b) => a + b, 0));
    const zero = await projectOnMap(algebra, map, Float64Array.from(mean));
    zero.forEach((value) => expect(Math.abs(value) <= 1e-12).toBe(true));
  });

  test.each([1, 2])("kernel principal components, old rows and new ones, ζ %i", async (zeta) => {
    const matrix = centeredKernel(rows, size, zeta);
    const map = await fitMap(algebra, rows, size, { method: "kpca", components: 3, zeta });
    expectPlaces(await projectOnMap(algebra, map, rows), 3, places(matrix, 3), 1e-8);
    // k_c(x) · u/√λ for the new ones.
    const { values, vectors } = algebra.symmetricEigen(Float64Array.from(matrix.flat()), count);
    const expected = centeredKernel(rows, size, zeta, others).map((row) => [0, 1, 2].map((c) => row.reduce((sum, value, j) => sum + value * vectors[c * count + j]!, 0) / Math.sqrt(values[c]!)));
    expectPlaces(await projectOnMap(algebra, map, others), 3, expected, 1e-8);
  });

  test.each<[MapMethod, number, number]>([["pcovr", 1, 0.5], ["pcovr", 1, 0.1], ["kpcovr", 2, 0.5], ["kpcovr", 2, 0.9]])(
    "%s, ζ %i: eigenvectors of the mixed matrix of all rows, α %f", async (method, zeta, mixing) => {
      const matrix = centeredKernel(rows, size, zeta);
      const s2 = 1e-3 * trace(matrix) / count;
      const { fitted } = ridgeModel(matrix, target, s2);
      const mean = target.reduce((sum, y) => sum + y / count, 0);
      const square = target.reduce((sum, y) => sum + (y - mean) ** 2, 0);
      const total = trace(matrix);
      const mixed = matrix.map((row, i) => row.map((value, j) => (mixing * value) / total + ((1 - mixing) * fitted[i]! * fitted[j]!) / square));
      const map = await fitMap(algebra, rows, size, { method, zeta, mixing, components: 3, target, ridge: s2 });
      const scores = await projectOnMap(algebra, map, rows);
      expectPlaces(scores, 3, places(mixed, 3, total), 1e-8);
      // Least squares of ŷ on T by elimination.
      const column = (c: number): number[] => Array.from({ length: count }, (_, i) => scores[i * 3 + c]!);
      const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
      const weights = eliminate([0, 1, 2].map((a) => [0, 1, 2].map((b) => dot(column(a), column(b)))), [0, 1, 2].map((a) => dot(column(a), fitted)));
      const predicted = predictOnMap(map, scores)!;
      predicted.forEach((value, i) => expect(value).toBeCloseTo(mean + [0, 1, 2].reduce((sum, c) => sum + weights[c]! * scores[i * 3 + c]!, 0), 9));
      const missed = target.reduce((sum, y, i) => sum + (y - predicted[i]!) ** 2, 0);
      expect(map.regression!.explained).toBeCloseTo(1 - missed / square, 9);
    },
  );

  test.each([1, 2])("mixing 1 is kernel principal components, mixing 0 kernel ridge regression, for new rows too, ζ %i", async (zeta) => {
    const matrix = centeredKernel(rows, size, zeta);
    const s2 = 1e-2 * trace(matrix) / count;
    const [one, plain] = await Promise.all([
      fitMap(algebra, rows, size, { method: "kpcovr", zeta, mixing: 1, target, ridge: s2 }), fitMap(algebra, rows, size, { method: "kpca", zeta }),
    ]);
    expect(await projectOnMap(algebra, one, others)).toEqual(await projectOnMap(algebra, plain, others));
    const zero = await fitMap(algebra, rows, size, { method: "kpcovr", zeta, mixing: 0, components: 1, target, ridge: s2 });
    const { weights, fitted } = ridgeModel(matrix, target, s2);
    const mean = target.reduce((sum, y) => sum + y / count, 0);
    const check = (predicted: Float64Array, expected: readonly number[]): void => predicted.forEach((value, i) => expect(value).toBeCloseTo(mean + expected[i]!, 8));
    check(predictOnMap(zero, await projectOnMap(algebra, zero, rows))!, fitted);
    const ofOthers = centeredKernel(rows, size, zeta, others).map((row) => row.reduce((sum, value, j) => sum + value * weights[j]!, 0));
    check(predictOnMap(zero, await projectOnMap(algebra, zero, others))!, ofOthers);
  });
});

test("points that span the features are as good as all rows; some that do not are near", async () => {
  // 2,100 rows: more than a block. With ζ = 2 and 4 features the kernel has rank 10.
  const rows = someRows(2100, 4, 8);
  const all = await fitMap(algebra, rows, 4, { method: "kpca", zeta: 2, points: Array.from({ length: 60 }, (_, k) => 35 * k) });
  const few = await fitMap(algebra, rows, 4, { method: "kpca", zeta: 2, points: Array.from({ length: 10 }, (_, k) => 200 * k + 7) });
  const [a, b] = [await projectOnMap(algebra, all, rows), await projectOnMap(algebra, few, rows)];
  expectPlaces(a, 2, Array.from({ length: 2100 }, (_, i) => [b[2 * i]!, b[2 * i + 1]!]), 1e-7);
  const poor = await fitMap(algebra, rows, 4, { method: "kpca", zeta: 2, points: [0, 1, 2] });
  expect(poor.shares[0]!).toBeGreaterThan(all.shares[0]!);
  // PCA of 2,100 rows in blocks: variances are those of the places.
  const map = await fitMap(algebra, rows, 4, { method: "pca", components: 4 });
  const scores = await projectOnMap(algebra, map, rows);
  for (let c = 0; c < 4; c++) for (let d = 0; d < c; d++) expect(Math.abs(Array.from({ length: 2100 }, (_, i) => scores[4 * i + c]! * scores[4 * i + d]!).reduce((x, y) => x + y, 0)) <= 1e-8).toBe(true);
});

test("the ridge of cross-validation does not learn noise", async () => {
  const rows = someRows(60, 40, 5);
  const random = createRandom(6);
  const map = await fitMap(algebra, rows, 40, { method: "pcovr", target: Float64Array.from({ length: 60 }, () => random.normal()) });
  expect(map.regression!.explained < 0.5).toBe(true);
});

test("far from the origin nothing is lost", async () => {
  for (const [count, size] of [[30, 5], [5, 30]] as const) {
    const rows = someRows(count, size, 2);
    const near = await projectOnMap(algebra, await fitMap(algebra, rows, size, { method: "pca" }), rows);
    const moved = rows.map((value) => value + 1e6);
    const far = await projectOnMap(algebra, await fitMap(algebra, moved, size, { method: "pca" }), moved);
    expectPlaces(far, 2, Array.from({ length: count }, (_, i) => [near[2 * i]!, near[2 * i + 1]!]), 1e-7);
  }
});

test("what makes no map is refused", async () => {
  const rows = someRows(10, 4, 1);
  const refused = (options: object, message: string, values = rows): Promise<void> =>
    expect(fitMap(algebra, values, 4, { method: "pca", ...options })).rejects.toThrow(message);
  await refused({ method: "pcovr" }, '"target": principal covariates need a target');
  await refused({ method: "pcovr", target: new Float64Array(3) }, "expected 10, one per row, got 3");
  await refused({ method: "pcovr", target: targetOf(rows, 4), mixing: 1.5 }, '"mixing": mixing of a map: expected a number from 0 to 1, got 1.5');
  await refused({ method: "pcovr", target: targetOf(rows, 4), mixing: 0 }, "has those of its targets: expected a whole number from 1 to 1, got 2");
  await refused({ components: 5 }, "expected a whole number from 1 to 4, got 5");
  await refused({}, "nothing varies between the rows of the map", new Float64Array(40).fill(0.1));
  await refused({}, "expected a multiple of 4 features, got 5", new Float64Array(5));
  await refused({}, "too few rows", new Float64Array(4));
  await refused({}, "is not finite", rows.map((value, k) => (k === 9 ? NaN : value)));
  await expect(projectOnMap(algebra, await fitMap(algebra, rows, 4, { method: "pca" }), new Float64Array(6))).rejects.toThrow("expected a multiple of 4 features, got 6");
});
