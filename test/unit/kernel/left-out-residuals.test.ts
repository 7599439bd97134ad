// Rows left out in closed form, by both routes, against fits without them by Gaussian elimination.
import { beforeAll, expect, test } from "vitest";
import { createLeftOut, type LeftOutProblem } from "../../../src/kernel/left-out-residuals.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { eliminate } from "../../reference/elimination.js";
import { largestDifference } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const [count, points, sides] = [14, 4, 2];
const random = createRandom(4);
const problem: LeftOutProblem = {
  rows: Float64Array.from({ length: count * points }, () => 2 * random.normal()), points,
  targets: Float64Array.from({ length: count * sides }, () => random.normal()), sides,
};

/** y − Φ x of the rows left out, x of the normal equations of the others, [row][side]. */
function missed(fold: readonly number[]): number[] {
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) => !fold.includes(i));
  const row = (i: number): number[] => [...problem.rows.subarray(i * points, (i + 1) * points)];
  const of = (side: number): number[] => {
    const matrix = Array.from({ length: points }, (_, a) => Array.from({ length: points }, (__, b) => kept.reduce((sum, i) => sum + row(i)[a]! * row(i)[b]!, Number(a === b))));
    const x = eliminate(matrix, Array.from({ length: points }, (_, a) => kept.reduce((sum, i) => sum + row(i)[a]! * problem.targets[i * sides + side]!, 0)));
    return fold.map((i) => problem.targets[i * sides + side]! - x.reduce((sum, weight, m) => sum + weight * row(i)[m]!, 0));
  };
  const [first, second] = [of(0), of(1)];
  return fold.flatMap((_, at) => [first[at]!, second[at]!]);
}

test.each([[[5]], [[7, 2, 11]], [[0, 1, 2, 3]], [[13, 4, 6, 8, 9, 10, 12]]])("rows %j", (fold) => {
  expect(largestDifference(createLeftOut(algebra, problem)(Int32Array.from(fold)), missed(fold))).toBeLessThan(1e-12);
});

test("no rows are nothing, and all of them miss their targets whole", () => {
  const leftOut = createLeftOut(algebra, problem);
  expect(leftOut(new Int32Array(0)).length).toBe(0);
  expect(largestDifference(leftOut(Int32Array.from({ length: count }, (_, i) => i)), problem.targets)).toBeLessThan(1e-11);
});

test("more rows than one portion sum up to the same", () => {
  const [rows, n] = [6000, 3];
  const long: LeftOutProblem = { rows: Float64Array.from({ length: rows * n }, () => random.normal()), points: n, targets: Float64Array.from({ length: rows }, () => random.normal()), sides: 1 };
  const normal = Array.from({ length: n }, (_, a) => Array.from({ length: n }, (__, b) => {
    let sum = Number(a === b);
    for (let i = 1; i < rows; i++) sum += long.rows[i * n + a]! * long.rows[i * n + b]!;
    return sum;
  }));
  const right = Array.from({ length: n }, (_, a) => {
    let sum = 0;
    for (let i = 1; i < rows; i++) sum += long.rows[i * n + a]! * long.targets[i]!;
    return sum;
  });
  const x = eliminate(normal, right);
  const expected = long.targets[0]! - x.reduce((sum, weight, m) => sum + weight * long.rows[m]!, 0);
  expect(Math.abs(createLeftOut(algebra, long)(Int32Array.of(0))[0]! - expected)).toBeLessThan(1e-12);
});
