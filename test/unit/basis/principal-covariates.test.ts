import { beforeAll, describe, expect, it } from "vitest";
import { decomposeCovariance } from "../../../src/basis/contraction.js";
import { accumulateTarget, createTargetSums, fitTarget, type TargetModel } from "../../../src/basis/principal-covariates.js";
import { InputError } from "../../../src/errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { referenceCovariance } from "../../reference/covariance.js";
import { largestDifference, largestMagnitude } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const [centers, nMax] = [30, 6];
const layout = { species: 1, nMax, lMax: 1 };
const random = createRandom(8);
/** [center][n][lm] with a spread of variances between the n. */
const coefficients = Float64Array.from({ length: centers * nMax * 4 }, (_, index) => random.normal() * 2 ** -(Math.floor(index / 4) % nMax));
const rows = Array.from({ length: centers }, (_, i) => Array.from({ length: nMax }, (__, n) => coefficients[(i * nMax + n) * 4]!));
/** Mostly the fourth and fifth channel, which have little variance, and noise. */
const target = Float64Array.from(rows, (row) => 8 * row[3]! - 20 * row[4]! + 0.3 * random.normal());

function modelOf(y: Float64Array, tolerance?: number): TargetModel {
  const sums = createTargetSums(layout);
  accumulateTarget(algebra, sums, Float64Array.from(rows.flat()), y);
  return fitTarget(algebra, sums, tolerance);
}

/** U of l = 0, [q][n], and of l = 1. */
function directions(gamma: number | null, y = target, mixed = false): { rows: number[][]; degreeOne: Float64Array; variances: Float64Array } {
  const covariance = referenceCovariance(layout, coefficients, { mixed });
  const { blocks } = decomposeCovariance(algebra, covariance, gamma === null ? null : { model: modelOf(y), gamma });
  const { vectors, variances } = blocks[0]!;
  return { rows: Array.from(variances, (_, q) => [...vectors.subarray(q * nMax, (q + 1) * nMax)]), degreeOne: blocks[1]!.vectors, variances };
}

function project(vectors: readonly (readonly number[])[]): number[][] {
  return rows.map((row) => vectors.map((vector) => vector.reduce((sum, value, n) => sum + value * row[n]!, 0)));
}

/** Share of y² that least squares on the columns of x explains. */
function explainedBy(x: number[][], y: ArrayLike<number>): number {
  const weights = algebra.leastSquares(Float64Array.from(x.flat()), x.length, x[0]!.length, Float64Array.from(y));
  const predicted = x.map((row) => row.reduce((sum, value, k) => sum + value * weights[k]!, 0));
  const square = (residual: (i: number) => number): number => predicted.reduce((sum, _, i) => sum + residual(i) ** 2, 0);
  return 1 - square((i) => y[i]! - predicted[i]!) / square((i) => y[i]!);
}

describe("fitTarget", () => {
  it("is least squares, by QR on the rows themselves", () => {
    const { weights, explained } = modelOf(target);
    const expected = algebra.leastSquares(Float64Array.from(rows.flat()), centers, nMax, target);
    expect(largestDifference(weights, expected)).toBeLessThan(1e-11);
    expect(Math.abs(explained - explainedBy(rows, target))).toBeLessThan(1e-12);
    expect(explained).toBeGreaterThan(0.9);
  });

  it("explains nothing of a target that is zero, and refuses targets that do not fit", () => {
    expect(modelOf(new Float64Array(centers))).toEqual({ weights: new Float64Array(nMax), explained: 0 });
    expect(() => modelOf(new Float64Array(3))).toThrow(/expected 30, one per row, got 3/);
    expect(() => modelOf(target.map(() => NaN))).toThrow(/not finite/);
  });
});

describe("principal covariates", () => {
  it("have orthonormal rows with a positive largest component, and leave l = 1 alone", () => {
    const plain = directions(null);
    for (const gamma of [0, 1e-9, 0.1, 0.5, 1]) {
      const { rows: u, degreeOne } = directions(gamma);
      expect(u.length).toBe(nMax);
      const gram = u.flatMap((one) => u.map((other) => one.reduce((sum, value, n) => sum + value * other[n]!, 0)));
      expect(largestDifference(gram, gram.map((_, k) => (k % (nMax + 1) === 0 ? 1 : 0)))).toBeLessThan(1e-13);
      for (const row of u) expect(Math.max(...row)).toBe(largestMagnitude(row));
      expect(largestDifference(degreeOne, plain.degreeOne)).toBe(0);
    }
  });

  it("span what the leading eigenvectors of γ XXᵀ/tr + (1 − γ) ŷŷᵀ/|y|² span, the route through samples", () => {
    const weights = modelOf(target).weights;
    const predicted = rows.map((row) => row.reduce((sum, value, n) => sum + value * weights[n]!, 0));
    const trace = rows.flat().reduce((sum, value) => sum + value * value, 0);
    const square = target.reduce((sum, value) => sum + value * value, 0);
    for (const gamma of [0.02, 0.3, 0.8]) {
      const kernel = Float64Array.from({ length: centers * centers }, (_, index) => {
        const [i, j] = [Math.floor(index / centers), index % centers];
        const product = rows[i]!.reduce((sum, value, n) => sum + value * rows[j]![n]!, 0);
        return (gamma * product) / trace + ((1 - gamma) * predicted[i]! * predicted[j]!) / square;
      });
      const samples = algebra.symmetricEigen(kernel, centers).vectors;
      const { rows: u } = directions(gamma);
      for (let q = 1; q < nMax; q++) {
        for (const column of Array.from({ length: q }, (_, k) => project([u[k]!]).map(([value]) => value!))) {
          let inside = 0;
          for (let k = 0; k < q; k++) inside += column.reduce((sum, value, i) => sum + value * samples[k * centers + i]!, 0) ** 2;
          expect(Math.abs(inside / column.reduce((sum, value) => sum + value * value, 0) - 1)).toBeLessThan(1e-11);
        }
      }
    }
  });

  it("are the principal components at γ = 1", () => {
    const [supervised, plain] = [directions(1), directions(null)];
    expect(largestDifference(supervised.rows.flat(), plain.rows.flat())).toBeLessThan(1e-12);
    expect(largestDifference(supervised.variances, plain.variances)).toBeLessThan(1e-12);
  });

  it("are the regression at γ = 0: one function explains all that all functions explain; then variance decides", () => {
    const { rows: u, variances } = directions(0);
    expect(Math.abs(explainedBy(project(u.slice(0, 1)), target) - explainedBy(rows, target))).toBeLessThan(1e-12);
    // Behind the first, the whitened directions orthogonal to it come in order of variance: at γ → 0 nothing jumps.
    for (const gamma of [1e-8, 1e-6]) expect(largestDifference(directions(gamma).rows.flat(), u.flat())).toBeLessThan(2e3 * gamma);
    expect(variances.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
  });

  it("trade variance for the target as γ falls", () => {
    const series = [1, 0.5, 0.1, 0.01, 0].map((gamma) => {
      const { rows: u, variances } = directions(gamma);
      return { variance: variances[0]!, explained: explainedBy(project(u.slice(0, 1)), target) };
    });
    for (let k = 1; k < series.length; k++) {
      expect(series[k]!.variance).toBeLessThan(series[k - 1]!.variance * (1 + 1e-9));
      expect(series[k]!.explained).toBeGreaterThan(series[k - 1]!.explained - 1e-9);
    }
    expect(series[0]!.explained).toBeLessThan(0.5);
    expect(series[4]!.explained).toBeGreaterThan(0.9);
  });

  it("are principal components for a target that the channels do not explain at all", () => {
    expect(largestDifference(directions(0, new Float64Array(centers)).rows.flat(), directions(null).rows.flat())).toBeLessThan(1e-12);
  });

  it("work on mixed channels, where one element is the same problem", () => {
    expect(largestDifference(directions(0.1, target, true).rows.flat(), directions(0.1).rows.flat())).toBeLessThan(1e-12);
  });

  it("refuse γ outside 0 to 1", () => {
    for (const gamma of [-0.1, 1.1, NaN]) expect(() => directions(gamma)).toThrow(InputError);
  });
});
