// Farthest-point sampling and CUR against their definitions, written out plainly.
import { beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { curPoints, drawPoints, leverageSpace } from "../../../src/selection/cur.js";
import { farthestPoints } from "../../../src/selection/fps.js";
import { createRandom } from "../../../src/selection/random.js";
import { selectPoints } from "../../../src/training/select-points.js";
import { eliminate } from "../../reference/elimination.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

function randomPoints(count: number, size: number, seed = 5): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count * size }, () => random.normal());
}

const row = (points: Float64Array, size: number, i: number): number[] => [...points.subarray(i * size, (i + 1) * size)];
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

async function all(indices: AsyncGenerator<number>): Promise<number[]> {
  const out: number[] = [];
  for await (const index of indices) out.push(index);
  return out;
}

describe("farthest points", () => {
  test.each([1, 3])("each one maximizes the kernel distance to those before, ζ = %i", async (zeta) => {
    const [count, size] = [60, 7];
    const points = randomPoints(count, size);
    const taken = await all(farthestPoints(algebra, points, size, 20, zeta, 11));
    const distance = (i: number, j: number): number => {
      const [a, b] = [row(points, size, i), row(points, size, j)];
      return dot(a, a) ** zeta + dot(b, b) ** zeta - 2 * dot(a, b) ** zeta;
    };
    expect(taken[0]).toBe(11);
    expect(new Set(taken).size).toBe(20);
    for (let k = 1; k < taken.length; k++) {
      const before = taken.slice(0, k);
      const gaps = Array.from({ length: count }, (_, i) => Math.min(...before.map((j) => distance(i, j))));
      expect(gaps[taken[k]!]! >= Math.max(...gaps) * (1 - 1e-12)).toBe(true);
    }
  });

  test("copies of points taken are not taken", async () => {
    const unique = randomPoints(6, 4);
    const points = new Float64Array([...unique, ...unique, ...unique]);
    const taken = await all(farthestPoints(algebra, points, 4, 18, 2, 0));
    expect(taken.map((index) => index % 6).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("points taken before are taken again, and the others behind them", async () => {
    const points = randomPoints(60, 7);
    const taken = await all(farthestPoints(algebra, points, 7, 20, 2, 11));
    expect(await all(farthestPoints(algebra, points, 7, 20, 2, taken.slice(0, 8)))).toEqual(taken);
    expect((await all(farthestPoints(algebra, points, 7, 4, 2, [5, 6, 7]))).slice(0, 3)).toEqual([5, 6, 7]);
  });

  test("more points than there are is an error", async () => {
    await expect(all(farthestPoints(algebra, randomPoints(3, 2), 2, 4, 1, 0))).rejects.toThrow(InputError);
  });
});

describe("leverage", () => {
  test("is the diagonal of the projector X (XᵀX)⁻¹ Xᵀ", () => {
    const [count, size] = [25, 6];
    const points = randomPoints(count, size);
    const { scores, rank } = leverageSpace(algebra, points, size);
    const gram = Array.from({ length: size }, (_, a) =>
      Array.from({ length: size }, (__, b) =>
        Array.from({ length: count }, (___, i) => points[i * size + a]! * points[i * size + b]!).reduce((sum, value) => sum + value, 0),
      ),
    );
    expect(rank).toBe(size);
    for (let i = 0; i < count; i++) {
      const x = row(points, size, i);
      expect(Math.abs(scores[i]! - dot(x, eliminate(gram, x)))).toBeLessThan(1e-10);
    }
  });

  test("of a matrix of lower rank sums up to the rank", () => {
    const [left, right] = [randomPoints(30, 3, 1), randomPoints(3, 8, 2)];
    const points = algebra.multiply(left, right, { m: 30, n: 8, k: 3 });
    const { scores, rank } = leverageSpace(algebra, points, 8);
    expect(rank).toBe(3);
    expect(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 3)).toBeLessThan(1e-9);
  });
});

describe("CUR", () => {
  test("takes the row of largest leverage, then those most orthogonal to the rows taken", async () => {
    const [count, size] = [40, 5];
    const space = leverageSpace(algebra, randomPoints(count, size), size);
    const taken = await all(curPoints(algebra, space, size));
    const basis: number[][] = [];
    for (const index of taken) {
      const residual = (i: number): number[] =>
        basis.reduce((rest, direction) => rest.map((value, k) => value - dot(rest, direction) * direction[k]!), row(space.rows, space.rank, i));
      const squares = Array.from({ length: count }, (_, i) => dot(residual(i), residual(i)));
      expect(squares[index]! >= Math.max(...squares) * (1 - 1e-9)).toBe(true);
      const own = residual(index);
      basis.push(own.map((value) => value / Math.hypot(...own)));
    }
  });

  test("beyond the rank goes on with a new round, never twice with one row", async () => {
    const space = leverageSpace(algebra, randomPoints(30, 4), 4);
    const taken = await all(curPoints(algebra, space, 30));
    expect([...taken].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, k) => k));
  });
});

describe("drawing", () => {
  test("follows the weights", () => {
    const scores = Float64Array.from([1, 2, 4, 0]);
    const counts = [0, 0, 0, 0];
    const random = createRandom(3);
    for (let k = 0; k < 7000; k++) counts[drawPoints(scores, 1, random)[0]!]!++;
    expect(counts[3]).toBe(0);
    for (const [index, expected] of [
      [0, 1000],
      [1, 2000],
      [2, 4000],
    ] as const)
      expect(Math.abs(counts[index]! - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  test("never gives a point twice, and repeats with the seed", async () => {
    const points = randomPoints(50, 3);
    for (const method of ["fps", "cur", "leverage", "random"] as const) {
      const [a, b] = [await selectPoints(points, 3, 20, { method, seed: 2 }), await selectPoints(points, 3, 20, { method, seed: 2 })];
      expect(a).toEqual(b);
      expect(new Set(a).size).toBe(20);
    }
  });
});
