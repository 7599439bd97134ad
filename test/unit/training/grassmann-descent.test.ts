// Descent on subspaces: on a quadratic function, whose minimum are the leading eigenvectors.
import { beforeAll, expect, test } from "vitest";
import type { SubspaceShape } from "../../../src/basis/grassmann.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { minimizeOnSubspaces, type Evaluation } from "../../../src/training/grassmann-descent.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const size = 6;
const shapes: readonly SubspaceShape[] = [{ rows: 2, columns: size }, { rows: 1, columns: size }];
const random = createRandom(3);
/** One covariance per subspace. To take in the first axis instead of the last is worth some thousand times what the second is worth over the third. */
const scales = [10, 0.8, 0.7, 0.3, 0.2, 0.1];
const covariances = shapes.map(() => {
  const rows = Array.from({ length: 12 }, () => Array.from({ length: size }, (_, n) => random.normal() * scales[n]!));
  return Float64Array.from({ length: size * size }, (_, k) => rows.reduce((sum, row) => sum + row[Math.floor(k / size)]! * row[k % size]!, 0));
});
const traces = covariances.map((c) => c.reduce((sum, value, k) => (k % (size + 1) === 0 ? sum + value : sum), 0));

/** Σ tr C − tr U C Uᵀ: the variance that the subspaces leave out. */
function leftOut(point: Float64Array): Evaluation {
  const gradient = new Float64Array(point.length);
  let [loss, at] = [0, 0];
  shapes.forEach(({ rows }, block) => {
    loss += traces[block]!;
    for (let q = 0; q < rows; q++, at += size) {
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) gradient[at + i]! -= 2 * covariances[block]![i * size + j]! * point[at + j]!;
        loss += 0.5 * gradient[at + i]! * point[at + i]!;
      }
    }
  });
  return { loss, gradient: () => gradient };
}

/** The last unit vectors, which have the least variance. */
const start = Float64Array.from({ length: 3 * size }, (_, k) => ([4, size + 5, 2 * size + 4].includes(k) ? 1 : 0));

async function descend(evaluate: (point: Float64Array) => Evaluation, iterations: number, tolerance = 1e-10, most = Infinity) {
  const losses: number[] = [];
  const end = await minimizeOnSubspaces(algebra, shapes, start, evaluate, {
    iterations, tolerance,
    onPoint: async (_, { loss }, iteration) => {
      expect(iteration).toBe(losses.length);
      return losses.push(loss) <= most;
    },
  });
  return { end, losses };
}

test("finds the leading eigenvectors, falling all the way", async () => {
  const { end, losses } = await descend(leftOut, 200, 1e-5);
  expect(end).toBe("gradient");
  for (let k = 1; k < losses.length; k++) expect(losses[k]!).toBeLessThan(losses[k - 1]!);
  const least = covariances.reduce((sum, c, block) => {
    const { values } = algebra.symmetricEigen(c, size);
    return sum + values.subarray(shapes[block]!.rows).reduce((left, value) => left + value, 0);
  }, 0);
  expect(Math.abs(losses.at(-1)! / least - 1)).toBeLessThan(1e-9);
  // Steepest descent has not arrived after 200.
  expect(losses.length).toBeLessThan(120);
});

test("ends when the steps are used up, and when the caller says so", async () => {
  for (const [iterations, most, end, steps] of [[3, Infinity, "iterations", 3], [50, 2, "caller", 2], [0, Infinity, "iterations", 0]] as const) {
    const found = await descend(leftOut, iterations, 1e-10, most);
    expect([found.end, found.losses.length - 1]).toEqual([end, steps]);
  }
});

test("ends where no step leads down, whatever the gradient promises", async () => {
  const higher = (point: Float64Array): number => (point.every((value, k) => value === start[k]) ? 0 : 1);
  const found = await descend((point) => ({ loss: leftOut(start).loss + higher(point), gradient: leftOut(point).gradient }), 50);
  expect([found.end, found.losses.length - 1]).toEqual(["line search", 0]);
});
