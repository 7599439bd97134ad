// Neighbors of a range of centers against the neighbor list, which is tested against brute force.
import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";
import { findRangeNeighbors } from "../../../src/structure/range-neighbors.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { crystal, ethanol, silicon } from "../backend/systems.js";

/** One line per pair, sorted: atom and vector rounded to what two orders of the same sum may differ by. */
function lines(neighbors: ArrayLike<number>, vectors: ArrayLike<number>, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, k) => {
    const pair = from + k;
    const vector = [0, 1, 2].map((axis) => (vectors[3 * pair + axis]! + 0).toFixed(9).replace("-0.000000000", "0.000000000"));
    return `${neighbors[pair]} ${vector.join(" ")}`;
  }).sort();
}

const cases: [string, Structure, number][] = [
  ["a molecule", ethanol(), 3.1],
  ["a thin left-handed crystal, many own images", crystal([6, 14, 8], 6), 7.5],
  ["a single atom in a small cell", createStructure({ species: [14], positions: [9, -4, 0.3], cell: [2, 0, 0, 0.4, 2.2, 0, 0, 0, 2.5] }), 5],
  ["a slab, periodic on two axes", { ...crystal([14], 5), pbc: [true, false, true] }, 6],
  ["silicon", silicon(2, 0.2), 5.4],
  ["a cell sheared to a needle", createStructure({ species: [14, 8], positions: [0, 0, 0, 1, 2, 3], cell: [4, 0, 0, 1200, 5, 0, 0, 450, 6] }), 5],
];

describe.each(cases)("%s", (_, structure, cutoff) => {
  test("any range has the pairs of the whole list", () => {
    const list = createNeighborList(structure, cutoff);
    const size = structure.species.length;
    for (const [first, end] of [
      [0, size],
      [0, Math.ceil(size / 3)],
      [Math.floor(size / 2), size],
    ] as const) {
      const range = findRangeNeighbors(structure, cutoff, first, end);
      expect(range.offsets.length).toBe(end - first + 1);
      for (let center = first; center < end; center++) {
        const ours = lines(range.neighbors, range.vectors, range.offsets[center - first]!, range.offsets[center - first + 1]!);
        expect(ours).toEqual(lines(list.neighbors, list.vectors, list.offsets[center]!, list.offsets[center + 1]!));
      }
      range.distances.forEach((distance, pair) => {
        expect(Math.abs(distance - Math.hypot(...range.vectors.subarray(3 * pair, 3 * pair + 3)))).toBeLessThan(1e-12);
      });
    }
  });
});

test("an atom on the cutoff is no neighbor; two atoms on one site are named", () => {
  const pair = (r: number): Structure => createStructure({ species: [6, 6], positions: [0, 0, 0, r, 0, 0] });
  expect(findRangeNeighbors(pair(3), 3, 0, 2).neighbors.length).toBe(0);
  expect(findRangeNeighbors(pair(3), 3.000001, 0, 2).neighbors.length).toBe(2);
  expect(() => findRangeNeighbors(pair(0), 3, 0, 2)).toThrow(InputError);
  expect(() => findRangeNeighbors(pair(0), 3, 0, 2)).toThrow(/atoms 0 and 1/);
  expect(findRangeNeighbors(createStructure({ species: [], positions: [] }), 3, 0, 0).neighbors.length).toBe(0);
});
