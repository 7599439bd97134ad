import { describe, expect, it } from "vitest";
import { earthMoverDistance, sortedDistances } from "../../../src/measures/earth-mover.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure } from "../../../src/structure/structure.js";
import { neighborsOf } from "../../reference/symmetry-functions.js";
import { crystal, ethanol } from "../backend/systems.js";

function distances(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => 1 + 4 * random.uniform()).sort();
}

/** Cheapest way to carry each of a to one of b, over all permutations: transport itself. */
function cheapest(a: readonly number[], b: readonly number[], order: number): number {
  if (a.length === 0) return 0;
  const [first, ...rest] = a as [number, ...number[]];
  return Math.min(...b.map((value, k) => Math.abs(first - value) ** order + cheapest(rest, b.filter((_, other) => other !== k), order)));
}

/** ∫ |P_a(x) − P_b(x)| dx, the same distance for p = 1 seen along the other axis. */
function betweenCumulatives(a: Float64Array, b: Float64Array): number {
  const edges = [...a, ...b].sort((x, y) => x - y);
  const below = (values: Float64Array, x: number): number => values.filter((value) => value <= x).length / values.length;
  return edges.slice(1).reduce((sum, edge, k) => sum + (edge - edges[k]!) * Math.abs(below(a, edges[k]!) - below(b, edges[k]!)), 0);
}

describe("earth mover's distance", () => {
  it.each([1, 2, 3.5])("of equal numbers is the cheapest transport, order %d", (order) => {
    for (const seed of [1, 2, 3]) {
      const [a, b] = [distances(6, seed), distances(6, seed + 10)];
      expect(earthMoverDistance(a, b, order)).toBeCloseTo((cheapest([...a], [...b], order) / 6) ** (1 / order), 13);
      const sorted = a.reduce((sum, value, k) => sum + Math.abs(value - b[k]!) ** order, 0);
      expect(earthMoverDistance(a, b, order)).toBeCloseTo((sorted / 6) ** (1 / order), 13);
    }
  });

  it.each([[1, 7], [4, 6], [5, 3], [12, 12], [17, 4]])("of %d and %d distances is the area between cumulative distributions, and has the laws of a distance", (n, m) => {
    const [a, b, c] = [distances(n, n), distances(m, m + 100), distances(9, 5)];
    expect(earthMoverDistance(a, b)).toBeCloseTo(betweenCumulatives(a, b), 13);
    expect(earthMoverDistance(b, a, 2)).toBeCloseTo(earthMoverDistance(a, b, 2), 13);
    expect(earthMoverDistance(a, a.map((r) => r + 0.25), 2)).toBeCloseTo(0.25, 13);
    expect(earthMoverDistance(a, Float64Array.from([...a, ...a].sort((x, y) => x - y)))).toBeCloseTo(0, 13);
    for (const order of [1, 2]) expect(earthMoverDistance(a, b, order)).toBeLessThanOrEqual(earthMoverDistance(a, c, order) + earthMoverDistance(c, b, order) + 1e-13);
  });

  it("refuses what is no distribution", () => {
    expect(() => earthMoverDistance([], [1])).toThrow(/"a".*without neighbors/);
    expect(() => earthMoverDistance([1], [2, 1])).toThrow(/"b\.1".*not sorted/);
    expect(() => earthMoverDistance([1], [Number.NaN])).toThrow(/"b\.0"/);
    expect(() => earthMoverDistance([1], [2], 0.5)).toThrow(/order/);
  });
});

describe("sorted distances", () => {
  it.each([["a molecule", ethanol()], ["a small left-handed cell", crystal([6, 14], 5)]])("are those of every image: %s", (_, structure) => {
    for (const element of [undefined, 6]) {
      const found = sortedDistances(structure, 4.3, element);
      expect(found.length).toBe(structure.species.length);
      found.forEach((row, i) => {
        const expected = neighborsOf(structure, i, 4.3).filter((neighbor) => element === undefined || neighbor.element === element).map(({ r }) => r).sort((a, b) => a - b);
        expect(row.length).toBe(expected.length);
        row.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 12));
      });
    }
  });

  it("are empty where there is no neighbor", () => {
    expect(sortedDistances(createStructure({ species: [14], positions: [0, 0, 0] }), 5)).toEqual([new Float64Array(0)]);
  });
});
