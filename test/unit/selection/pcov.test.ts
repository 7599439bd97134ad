// PCov-FPS and PCov-CUR against the steps of the paper on the matrices themselves: rows made orthogonal one by one, the target fitted anew each time.
import { beforeAll, describe, expect, test } from "vitest";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { covariateFeatures, covariateSamples, featurePoints, samplePoints, supervisedRows } from "../../../src/selection/pcov.js";
import { eliminate } from "../../reference/elimination.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

type Matrix = number[][];
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const transpose = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const product = (a: Matrix, b: Matrix): Matrix => {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
};
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

function data(count: number, size: number, seed: number): { values: Float64Array; target: Float64Array; x: Matrix; y: number[] } {
  const random = createRandom(seed);
  const raw = Array.from({ length: count }, () => Array.from({ length: size }, (_, f) => 2 + random.normal() / (1 + 0.4 * f)));
  const w = Array.from({ length: size }, () => random.normal());
  const means = transpose(raw).map((column) => sum(column) / count);
  const x = raw.map((row) => row.map((value, f) => value - means[f]!));
  // A target that the rows give exactly: its model is itself.
  const y = x.map((row) => dot(row, w));
  return { values: Float64Array.from(raw.flat()), target: Float64Array.from(y, (value) => value - 7), x, y };
}

const eigen = (a: Matrix): { values: number[]; vectors: Matrix } => {
  const { values, vectors } = algebra.symmetricEigen(Float64Array.from(a.flat()), a.length);
  return { values: [...values], vectors: a.map((_, k) => [...vectors.subarray(k * a.length, (k + 1) * a.length)]) };
};

function inverseRoot(c: Matrix): Matrix {
  const { values, vectors } = eigen(c);
  return c.map((_, i) => c.map((_unused, j) => sum(values.map((value, k) => (value > 1e-9 * values[0]! ? (vectors[k]![i]! * vectors[k]![j]!) / Math.sqrt(value) : 0)))));
}

const square = (x: Matrix): number => sum(x.flat().map((value) => value * value));

function mixedSamples(x: Matrix, y: readonly number[], alpha: number, [xx, yy]: readonly number[]): Matrix {
  return x.map((row, i) => x.map((other, j) => (alpha * dot(row, other)) / xx! + ((1 - alpha) * y[i]! * y[j]!) / yy!));
}

function mixedFeatures(x: Matrix, y: readonly number[], alpha: number, [xx, yy]: readonly number[]): Matrix {
  const c = product(transpose(x), x);
  const b = product(inverseRoot(c), transpose([transpose(x).map((column) => dot(column, y))])).map((row) => row[0]!);
  return c.map((row, i) => row.map((value, j) => (alpha * value) / xx! + ((1 - alpha) * b[i]! * b[j]!) / yy!));
}

const best = (scores: readonly number[], taken: readonly number[]): number =>
  scores.reduce((most, score, i) => (!taken.includes(i) && (most < 0 || score > scores[most]!) ? i : most), -1);

describe.each([[12, 5], [7, 9]])("%i rows of %i features", (count, size) => {
  const { values, target, x, y } = data(count, size, 11);
  const norms = [square(x), dot(y, y)];

  test.each([0, 0.3, 1])("products of points are the matrices of the paper, α %f", (alpha) => {
    const rows = supervisedRows(algebra, values, size, target, alpha, 1e-12);
    const points = (flat: Float64Array, height: number): Matrix => Array.from({ length: height }, (_, i) => [...flat.subarray(i * (rows.rank + 1), (i + 1) * (rows.rank + 1))]);
    const check = (given: Matrix, expected: Matrix): void => product(given, transpose(given)).forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(expected[i]![j]!, 9)));
    check(points(samplePoints(rows), count), mixedSamples(x, y, alpha, norms));
    check(points(featurePoints(rows), size), mixedFeatures(x, y, alpha, norms));
  });

  test.each([0.1, 0.5, 1])("CUR of samples step by step, α %f", (alpha) => {
    let [left, target0] = [x.map((row) => [...row]), [...y]];
    const taken: number[] = [];
    // Centered rows add up to 0: of the last two that are left, one is as good as the other.
    const steps = Math.min(size, count - 2);
    for (let step = 0; step < steps; step++) {
      const { vectors } = eigen(mixedSamples(left, target0, alpha, norms));
      const next = best(vectors[0]!.map((value) => value * value), taken);
      taken.push(next);
      const direction = left[next]!.map((value) => value / Math.hypot(...left[next]!));
      left = left.map((row) => row.map((value, f) => value - dot(row, direction) * direction[f]!));
      // y less what the smallest model through the rows taken says of it.
      const gram = taken.map((i) => taken.map((j) => dot(x[i]!, x[j]!)));
      const coefficients = eliminate(gram, taken.map((i) => y[i]!));
      const model = x[0]!.map((_, f) => sum(taken.map((i, k) => coefficients[k]! * x[i]![f]!)));
      target0 = x.map((row, i) => y[i]! - dot(row, model));
    }
    const chosen = [...covariateSamples(algebra, supervisedRows(algebra, values, size, target, alpha, 1e-12), steps)];
    expect(chosen).toEqual(taken);
  });

  test.each([0.1, 0.5, 1])("CUR of features step by step, α %f", (alpha) => {
    let [left, target0] = [x.map((row) => [...row]), [...y]];
    const taken: number[] = [];
    const steps = Math.min(size, count - 1) - 1;
    for (let step = 0; step < steps; step++) {
      const { vectors } = eigen(mixedFeatures(left, target0, alpha, norms));
      const next = best(vectors[0]!.map((value) => value * value), taken);
      taken.push(next);
      const column = left.map((row) => row[next]!);
      const length = Math.hypot(...column);
      const direction = column.map((value) => value / length);
      const along = transpose(left).map((other) => dot(other, direction));
      left = left.map((row, i) => row.map((value, f) => value - direction[i]! * along[f]!));
      const own = dot(target0, direction);
      target0 = target0.map((value, i) => value - own * direction[i]!);
    }
    const chosen = [...covariateFeatures(algebra, supervisedRows(algebra, values, size, target, alpha, 1e-12), steps)];
    expect(chosen).toEqual(taken);
  });
});

test("more samples than directions: each once", () => {
  const { values, target } = data(30, 3, 5);
  for (const alpha of [0, 0.5, 1]) {
    const chosen = [...covariateSamples(algebra, supervisedRows(algebra, values, 3, target, alpha), 30)];
    expect(chosen.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, k) => k));
  }
});

test("a feature that the target is made of comes first where the target counts", () => {
  const random = createRandom(3);
  // The last of six columns varies least and is the target.
  const values = Float64Array.from({ length: 50 * 6 }, (_, k) => random.normal() / (1 + (k % 6)));
  const target = Float64Array.from({ length: 50 }, (_, i) => values[6 * i + 5]!);
  const order = (alpha: number): number[] => [...covariateFeatures(algebra, supervisedRows(algebra, values, 6, target, alpha), 5)];
  expect(order(0.05)[0]).toBe(5);
  expect(order(1)[0]).toBe(0);
});

test("what cannot be selected is refused", () => {
  const { values, target } = data(8, 3, 1);
  expect(() => supervisedRows(algebra, values, 3, target, -1)).toThrow('"mixing": mixing of a selection: expected a number from 0 to 1, got -1');
  expect(() => supervisedRows(algebra, values, 3, target.subarray(1), 0.5)).toThrow("expected 8, one per row, got 7");
  expect(() => supervisedRows(algebra, values, 3, target.map((y, k) => (k === 2 ? NaN : y)), 0.5)).toThrow("a target is not finite: expected finite numbers, got NaN for row 2");
  expect(() => supervisedRows(algebra, new Float64Array(24), 3, target, 0.5)).toThrow("nothing varies between the rows");
  expect(() => [...covariateSamples(algebra, supervisedRows(algebra, values, 3, target, 0.5), 9)]).toThrow("expected a whole number from 1 to 8, got 9");
});
