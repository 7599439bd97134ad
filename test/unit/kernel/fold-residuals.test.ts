// Folds left out in closed form: against fits without them, and the gradient against finite differences.
import { beforeAll, expect, test } from "vitest";
import { NumericalError } from "../../../src/errors.js";
import { foldResiduals, type WhitenedRegression } from "../../../src/kernel/fold-residuals.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { eliminate } from "../../reference/elimination.js";
import { largestDifference } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const [n, points] = [11, 4];
const random = createRandom(2);
const root = Float64Array.from({ length: points * points }, () => random.normal());
const problem: WhitenedRegression = {
  rows: Float64Array.from({ length: n * points }, () => 2 * random.normal()),
  prior: Float64Array.from({ length: points * points }, (_, index) => {
    const [i, j] = [Math.floor(index / points), index % points];
    return [0, 1, 2, 3].reduce((sum, k) => sum + root[i * points + k]! * root[j * points + k]!, i === j ? 0.1 : 0);
  }),
  targets: Float64Array.from({ length: n }, () => random.normal()),
  // One of them a single row, and not in order.
  folds: [[3, 0, 8], [1], [2, 4, 5, 6], [10, 9, 7]].map((rows) => Int32Array.from(rows)),
};

/** x of the normal equations on some of the rows. */
function weightsOf(kept: readonly number[]): number[] {
  const row = (i: number): number[] => [...problem.rows.subarray(i * points, (i + 1) * points)];
  const matrix = Array.from({ length: points }, (_, a) => Array.from({ length: points }, (__, b) =>
    kept.reduce((sum, i) => sum + row(i)[a]! * row(i)[b]!, problem.prior[a * points + b]!)));
  return eliminate(matrix, Array.from({ length: points }, (_, a) => kept.reduce((sum, i) => sum + row(i)[a]! * problem.targets[i]!, 0)));
}

const missed = (i: number, weights: readonly number[]): number =>
  problem.targets[i]! - weights.reduce((sum, weight, m) => sum + weight * problem.rows[i * points + m]!, 0);
const all = Array.from({ length: n }, (_, i) => i);
const meanSquare = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0) / values.length;

test("residuals are those of fits without the fold", () => {
  const expected = new Float64Array(n);
  for (const fold of problem.folds) {
    const weights = weightsOf(all.filter((i) => !fold.includes(i)));
    for (const i of fold) expected[i] = missed(i, weights);
  }
  const { loss, residuals, training, weights } = foldResiduals(algebra, problem);
  expect(largestDifference(residuals, expected)).toBeLessThan(1e-12);
  expect(Math.abs(loss - meanSquare([...expected]))).toBeLessThan(1e-12);
  expect(largestDifference(weights, weightsOf(all))).toBeLessThan(1e-12);
  expect(Math.abs(training - meanSquare(all.map((i) => missed(i, weightsOf(all)))))).toBeLessThan(1e-12);
  expect(loss).toBeGreaterThan(training);
});

test("the gradient is the derivative by the rows and by the prior", () => {
  const gradient = foldResiduals(algebra, problem).gradient();
  const h = 1e-5;
  const slopeAlong = (change: (t: number) => Partial<WhitenedRegression>): number => {
    const at = (t: number): number => foldResiduals(algebra, { ...problem, ...change(t) }).loss;
    return (at(h) - at(-h)) / (2 * h);
  };
  const rowSlopes = problem.rows.map((_, k) => slopeAlong((t) => ({ rows: problem.rows.map((value, index) => (index === k ? value + t : value)) })));
  expect(largestDifference(gradient.rows, rowSlopes)).toBeLessThan(1e-8);
  for (let i = 0; i < points; i++) {
    for (let j = 0; j <= i; j++) {
      const mine = (index: number): boolean => index === i * points + j || index === j * points + i;
      const slope = slopeAlong((t) => ({ prior: problem.prior.map((value, index) => (mine(index) ? value + t : value)) }));
      const own = gradient.prior[i * points + j]! + (i === j ? 0 : gradient.prior[j * points + i]!);
      expect(Math.abs(own - slope)).toBeLessThan(1e-7);
    }
  }
});

test("a prior that is not positive definite is refused", () => {
  expect(() => foldResiduals(algebra, { ...problem, prior: problem.prior.map((value) => -value) })).toThrow(NumericalError);
});
