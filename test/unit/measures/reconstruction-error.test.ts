import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import {
  globalReconstructionDistortion, globalReconstructionError, localReconstructionError, trainTestSplit, type FeatureMatrix,
} from "../../../src/measures/reconstruction-error.js";
import { createRandom } from "../../../src/selection/random.js";
import { largestDifference } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

function noise(rows: number, size: number, seed: number): FeatureMatrix {
  const random = createRandom(seed);
  return { size, values: Float64Array.from({ length: rows * size }, () => random.normal()) };
}

/** Rows from the columns that `columns` makes of each row. */
function mapped({ values, size }: FeatureMatrix, columns: (row: Float64Array) => number[]): FeatureMatrix {
  const rows = Array.from({ length: values.length / size }, (_, i) => columns(values.subarray(i * size, (i + 1) * size)));
  return { size: rows[0]!.length, values: Float64Array.from(rows.flat()) };
}

/** Columns of ±1 that are orthogonal to each other and to a constant: the same split for training and test makes results exact. */
const counts = { size: 1, values: Float64Array.from({ length: 8 }, (_, i) => i) };
const design = mapped(counts, ([i]) => [0, 1, 2].map((bit) => ((i! >> bit) & 1 ? 1 : -1)));
const everything = { train: Int32Array.from(counts.values), test: Int32Array.from(counts.values) };

const gfre = (from: FeatureMatrix, to: FeatureMatrix, options = {}): number => globalReconstructionError(algebra, from, to, options).value;
const gfrd = (from: FeatureMatrix, to: FeatureMatrix, options = {}): number => globalReconstructionDistortion(algebra, from, to, options).value;
const lfre = (from: FeatureMatrix, to: FeatureMatrix, k: number, options = {}): number =>
  localReconstructionError(algebra, from, to, k, options).value;

describe("GFRE", () => {
  it("is 0 for a linear map with a constant, into more and into fewer features", () => {
    const x = noise(120, 5, 1);
    expect(gfre(x, mapped(x, ([a, b, c, d, e]) => [3 + a!, 2 * b! - c!, d! + 5, e!, a! - b!, c! + 1e-3 * e!, 100 * d!]))).toBeLessThan(1e-10);
    expect(gfre(x, mapped(x, ([a, b]) => [a! + 0.1 * b!]))).toBeLessThan(1e-10);
  });

  it("is 1 for what is independent: √(1 − share) of orthogonal columns", () => {
    const options = { split: everything, cutoff: 0 };
    expect(gfre(mapped(design, ([a]) => [a!]), mapped(design, ([, b, c]) => [b!, c!]), options)).toBeCloseTo(1, 13);
    expect(gfre(mapped(design, ([a]) => [a!]), design, options)).toBeCloseTo(Math.sqrt(2 / 3), 13);
    // One column of variance 4 of 4 + 1 + 1 is known.
    expect(gfre(mapped(design, ([a]) => [7 * a!]), mapped(design, ([a, b, c]) => [2 * a!, b!, c!]), options)).toBeCloseTo(Math.sqrt(2 / 6), 13);
    const independent = gfre(noise(2000, 3, 2), noise(2000, 4, 3));
    expect(independent).toBeGreaterThan(0.95);
    expect(independent).toBeLessThan(1.05);
  });

  it("is √(s²/(1 + s²)) for features with noise of deviation s", () => {
    const [x, e] = [noise(4000, 3, 4), noise(4000, 3, 5)];
    const noisy = { size: 3, values: x.values.map((value, index) => value + 0.5 * e.values[index]!) };
    expect(Math.abs(gfre(x, noisy) - Math.sqrt(0.25 / 1.25))).toBeLessThan(0.015);
  });

  it("is least squares on the training rows, by QR", () => {
    const [x, e] = [noise(40, 4, 6), noise(40, 2, 7)];
    const y = mapped(x, ([a, b, c, d]) => [a! * b! + c!, d! + a! * a!]);
    y.values.forEach((value, index) => (y.values[index] = value + e.values[index]!));
    const split = trainTestSplit(40, 3);
    const found = globalReconstructionError(algebra, x, y, { split, cutoff: 0 });
    // With a column of ones instead of means taken off; the scale is that of the training rows of y.
    const rowsOf = (indices: Int32Array): Float64Array => Float64Array.from([...indices].flatMap((i) => [1, ...x.values.subarray(4 * i, 4 * i + 4)]));
    const [train, test] = [rowsOf(split.train), rowsOf(split.test)];
    const squares = new Float64Array(split.test.length);
    let variance = 0;
    for (const f of [0, 1]) {
      const target = Float64Array.from(split.train, (i) => y.values[2 * i + f]!);
      const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
      variance += target.reduce((sum, value) => sum + (value - mean) ** 2, 0) / target.length;
      const weights = algebra.leastSquares(train, target.length, 5, target);
      const predicted = (row: number): number => weights.reduce((sum, w, k) => sum + w * test[5 * row + k]!, 0);
      split.test.forEach((i, row) => (squares[row]! += (y.values[2 * i + f]! - predicted(row)) ** 2));
    }
    expect(largestDifference(found.perRow, squares.map((value) => Math.sqrt(value / variance)))).toBeLessThan(1e-12);
    expect(found.value).toBeCloseTo(Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / variance / squares.length), 12);
  });

  it("regularizes where there are more features than rows: noise does not explain noise", () => {
    const [x, y] = [noise(60, 28, 8), noise(60, 20, 9)];
    expect(gfre(x, y, { cutoff: 0 })).toBeGreaterThan(2);
    expect(gfre(x, y)).toBeLessThan(1.3);
    // And linear information in a few strong directions of many survives.
    const latent = noise(60, 2, 10);
    const many = mapped(latent, ([a, b]) => Array.from({ length: 50 }, (_, k) => Math.sin(k) * a! + Math.cos(3 * k) * b!));
    expect(gfre(many, latent)).toBeLessThan(1e-6);
  });

  it("does not change with shift and scale; by columns not even with the scale of each", () => {
    const [x, y] = [noise(80, 3, 11), noise(80, 3, 12)];
    const both = { size: 6, values: Float64Array.from({ length: 480 }, (_, k) => (k % 6 < 3 ? x : y).values[3 * Math.floor(k / 6) + (k % 3)]!) };
    const shifted = mapped(both, (row) => [...row].map((value) => 1e3 * value - 5));
    expect(gfre(x, shifted)).toBeCloseTo(gfre(x, both), 9);
    const scales = [1, 10, 0.1, 3, 1, 7];
    const stretched = mapped(both, (row) => [...row].map((value, k) => scales[k]! * value));
    expect(gfre(x, stretched, { standardization: "columns" })).toBeCloseTo(gfre(x, both, { standardization: "columns" }), 9);
    expect(Math.abs(gfre(x, stretched) - gfre(x, both))).toBeGreaterThan(0.01);
  });

  it("refuses what does not fit", () => {
    const x = noise(10, 2, 13);
    expect(() => gfre(x, noise(9, 2, 1))).toThrow(/differ in rows: expected 10, got 9/);
    expect(() => gfre(mapped(x, () => [4, 5]), x)).toThrow(/"from": features do not vary/);
    expect(() => gfre(x, { size: 3, values: x.values })).toThrow(/"to".*multiple of 3/);
    expect(() => gfre({ ...x, values: x.values.map((value, k) => (k === 7 ? NaN : value)) }, x)).toThrow(/NaN in row 3, column 1/);
    expect(() => gfre(x, x, { split: { train: Int32Array.of(0, 1), test: Int32Array.of(10) } })).toThrow(/"split\.test\.0".*0 to 9, got 10/);
    expect(() => gfre(x, x, { split: { train: new Int32Array(0), test: Int32Array.of(1) } })).toThrow(InputError);
    expect(() => gfre(x, x, { cutoff: 1 })).toThrow(/"cutoff"/);
  });
});

describe("GFRD", () => {
  const options = { split: everything, cutoff: 0 };
  const pair = mapped(design, ([a, b]) => [a!, b!]);

  it("is 0 for rotated and mirrored features, also with directions of little variance", () => {
    const x = mapped(noise(90, 3, 20), ([a, b, c]) => [a!, 0.1 * b!, 1e-3 * c!]);
    const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)];
    const rotated = mapped(x, ([a, b, c]) => [cos * a! - sin * b!, -c!, sin * a! + cos * b!]);
    expect(gfre(x, rotated)).toBeLessThan(1e-9);
    expect(gfrd(x, rotated)).toBeLessThan(1e-9);
  });

  it("measures how two columns are stretched: ½ Σ (√2 a_k − 1)² with a² + b² = 1", () => {
    const [a, b] = [0.8, 0.6];
    const expected = Math.sqrt(0.5 * ((Math.SQRT2 * a - 1) ** 2 + (Math.SQRT2 * b - 1) ** 2));
    expect(gfrd(pair, mapped(pair, ([x, y]) => [-b * y!, a * x!]), options)).toBeCloseTo(expected, 13);
  });

  it("counts features that are lost, and none for features that repeat", () => {
    const lost = Math.sqrt((Math.SQRT2 - 1) ** 2 / 2 + 1 / 2);
    expect(gfrd(pair, mapped(pair, ([x]) => [5 * x!]), options)).toBeCloseTo(lost, 13);
    expect(gfrd(mapped(pair, ([x]) => [x!]), mapped(pair, ([x]) => [x!, -x!]), options)).toBeCloseTo(0, 13);
    // Features without any linear relation: x P = 0, and x itself is the distortion.
    expect(gfrd(mapped(design, ([x]) => [x!]), mapped(design, ([, y]) => [y!]), options)).toBeCloseTo(1, 13);
  });

  it("uses the orthogonal matrix that Newton's iteration for the polar factor finds", () => {
    const x = noise(50, 3, 21);
    const y = mapped(x, ([a, b, c]) => [a! + b!, 0.3 * b! - c!, a! * a! + 2 * c!]);
    const split = { train: Int32Array.from({ length: 50 }, (_, i) => i), test: Int32Array.from({ length: 50 }, (_, i) => i) };
    const found = gfrd(x, y, { split, cutoff: 0 });
    const standard = (matrix: FeatureMatrix): Float64Array[] => {
      const columns = [0, 1, 2].map((f) => Float64Array.from({ length: 50 }, (_, i) => matrix.values[3 * i + f]!));
      const centered = columns.map((column) => column.map((value) => value - column.reduce((sum, v) => sum + v, 0) / 50));
      const scale = Math.sqrt(centered.flatMap((column) => [...column]).reduce((sum, value) => sum + value * value, 0) / 50);
      return centered.map((column) => column.map((value) => value / scale));
    };
    const [source, target] = [standard(x), standard(y)];
    const rows = Float64Array.from({ length: 150 }, (_, k) => source[k % 3]![Math.floor(k / 3)]!);
    const weights = target.map((column) => algebra.leastSquares(rows, 50, 3, column));
    const predicted = weights.map((w) => Float64Array.from({ length: 50 }, (_, i) => w.reduce((sum, value, k) => sum + value * source[k]![i]!, 0)));
    // A = Xᵀ(XP); A ← (A + A^{−T})/2 converges to its orthogonal factor, with A^{−T} the cofactors over the determinant.
    let a = source.map((one) => predicted.map((other) => one.reduce((sum, value, i) => sum + value * other[i]!, 0)));
    for (let step = 0; step < 60; step++) {
      const current = a;
      const at = (i: number, j: number): number => current[i % 3]![j % 3]!;
      const minor = (i: number, j: number): number => at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
      const determinant = [0, 1, 2].reduce((sum, j) => sum + current[0]![j]! * minor(0, j), 0);
      a = current.map((row, i) => row.map((value, j) => (value + minor(i, j) / determinant) / 2));
    }
    let square = 0;
    for (let i = 0; i < 50; i++) {
      for (const f of [0, 1, 2]) square += (predicted[f]![i]! - source.reduce((sum, column, k) => sum + column[i]! * a[k]![f]!, 0)) ** 2;
    }
    expect(found).toBeCloseTo(Math.sqrt(square / 50), 12);
  });
});

describe("LFRE", () => {
  const line = mapped(noise(400, 1, 30), ([t]) => [t!]);
  const parabola = mapped(line, ([t]) => [t!, t! * t!]);

  it("is small where a smooth map is nearly linear, which the GFRE does not see", () => {
    expect(gfre(line, parabola)).toBeGreaterThan(0.5);
    const [near, wide] = [lfre(line, parabola, 8), lfre(line, parabola, 150)];
    expect(near).toBeLessThan(0.1);
    expect(wide).toBeGreaterThan(2 * near);
  });

  it("is 0 for a linear map and not below 1 for noise", () => {
    const x = noise(100, 3, 31);
    expect(lfre(x, mapped(x, ([a, b, c]) => [a! + b!, c!, b! - 2 * c!, 4]), 12)).toBeLessThan(1e-9);
    expect(lfre(x, noise(100, 2, 32), 12)).toBeGreaterThan(0.95);
  });

  it("does not extrapolate along differences between near copies, which only one half of a cross-validation each has", () => {
    const [centers, shifts, errors, away] = [noise(40, 6, 34), noise(80, 6, 35), noise(80, 1, 36), noise(20, 6, 37)];
    // 40 pairs of rows 1e-6 apart whose targets differ by 1e-3, and 20 rows anywhere to be predicted.
    const x = { size: 6, values: Float64Array.from({ length: 600 }, (_, k) =>
      k < 480 ? centers.values[6 * (Math.floor(k / 6) >> 1) + (k % 6)]! + 1e-6 * shifts.values[k]! : away.values[k - 480]!) };
    const y = mapped(x, ([a, b]) => [a! + b!]);
    errors.values.forEach((error, row) => (y.values[row]! += 1e-3 * error));
    const split = { train: Int32Array.from({ length: 80 }, (_, i) => i), test: Int32Array.from({ length: 20 }, (_, i) => 80 + i) };
    const error = localReconstructionError(algebra, x, y, 8, { split });
    expect(Math.max(...error.perRow)).toBeLessThan(5);
    // Without cross-validation the differences count.
    expect(lfre(x, y, 8, { split, cutoff: 0 })).toBeGreaterThan(50);
  });

  it("bears neighbors that all coincide: their mean is then the prediction", () => {
    const steps = mapped(noise(60, 1, 33), ([t]) => [t! > 0 ? 1 : 0]);
    const error = localReconstructionError(algebra, steps, mapped(steps, ([s]) => [s! * 3]), 4);
    expect(error.value).toBeLessThan(1e-12);
  });

  it("is the distance from the local mean when all neighbors are taken and nothing is explained", () => {
    const [x, y] = [mapped(design, ([a]) => [a!]), mapped(design, ([, b, c]) => [b!, c!])];
    expect(lfre(x, y, 8, { split: everything, cutoff: 0 })).toBeCloseTo(1, 12);
  });

  it("refuses numbers of neighbors that are not there", () => {
    for (const k of [1, 2.5, 201]) expect(() => lfre(line, parabola, k)).toThrow(InputError);
  });
});

describe("trainTestSplit", () => {
  it("takes every row once, the same for the same seed", () => {
    const { train, test } = trainTestSplit(101, 5, 0.3);
    expect([train.length, test.length]).toEqual([30, 71]);
    expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(trainTestSplit(101, 5, 0.3)).toEqual({ train, test });
    expect(trainTestSplit(101, 6, 0.3)).not.toEqual({ train, test });
    expect([...trainTestSplit(2, 1, 0.01).train].length).toBe(1);
    expect(() => trainTestSplit(1, 1)).toThrow(InputError);
    expect(() => trainTestSplit(10, 1, 1)).toThrow(InputError);
  });
});
