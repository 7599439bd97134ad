// Nearest neighbors tile by tile against all pairs, with sets that are no multiple of a tile.
import { expect, test } from "vitest";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createNearest, quantile, updateNearest, type GroupedRows } from "../../../src/measures/nearest-distances.js";
import { createRandom } from "../../../src/selection/random.js";

function rows(count: number, size: number, seed: number): GroupedRows {
  const random = createRandom(seed);
  return { values: Float64Array.from({ length: count * size }, () => random.normal()), size, groups: Int32Array.from({ length: count }, (_, k) => 7 * k) };
}

const distance = (a: GroupedRows, i: number, b: GroupedRows, j: number): number =>
  Math.hypot(...Array.from({ length: a.size }, (_, f) => a.values[i * a.size + f]! - b.values[j * b.size + f]!));

test("both ways, distances and groups", async () => {
  const algebra = await createLinearAlgebra();
  const [a, b] = [rows(530, 4, 1), rows(1030, 4, 2)];
  // A copy, and a point that differs from another in its eighth digit: products alone would lose that.
  b.values.set(a.values.subarray(0, 4), 40);
  b.values.set(a.values.subarray(4, 8), 44);
  b.values[44]! += 1e-8;
  const [ofA, ofB] = [createNearest(530), createNearest(1030)];
  updateNearest(algebra, a, b, ofA, ofB);
  for (let i = 0; i < 530; i++) {
    const all = Array.from({ length: 1030 }, (_, j) => distance(a, i, b, j));
    const least = Math.min(...all);
    expect(Math.abs(ofA.distances[i]! - least) <= 1e-12 * (1 + least)).toBe(true);
    expect(ofA.groups[i]).toBe(7 * all.indexOf(least));
  }
  for (let j = 0; j < 1030; j++) {
    const all = Array.from({ length: 530 }, (_, i) => distance(a, i, b, j));
    expect(ofB.groups[j]).toBe(7 * all.indexOf(Math.min(...all)));
  }
  expect(ofA.distances[0]).toBe(0);
  expect(ofA.distances[1]).toBeCloseTo(1e-8, 15);
});

test("quantiles are values that occur", () => {
  const values = Float64Array.of(3, 1, 2, 4);
  expect([0, 0.25, 0.26, 0.95, 1].map((share) => quantile(values, share))).toEqual([1, 1, 2, 4, 4]);
  expect(quantile(new Float64Array(0), 0.5)).toBe(null);
});
