// Sizes and counts of the GPU's neighbor lists: candidates by walking through all pairs of atoms and images, bytes by hand.
import { expect, test } from "vitest";
import { listCounts, listSizeOf } from "../../../bench/gpu-list-operations.js";
import { diamondSilicon } from "../../../bench/systems.js";
import { boxCoordinates } from "../../../src/backend/gpu/box-coordinates.js";
import { createStructure, type Structure } from "../../../src/index.js";

/** Pairs of atoms, images told apart, whose bins are no farther apart than the reach. */
function candidates(structure: Structure, cutoff: number): number {
  const { coordinates, counts, reach, pbc } = boxCoordinates(structure, cutoff);
  const atoms = structure.species.length;
  let found = 0;
  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      let images = 1;
      for (const [axis, count] of counts.entries()) {
        const [from, to] = [i, j].map((atom) => Math.floor((coordinates[4 * atom + axis]! * count) / 2 ** 32));
        let within = 0;
        for (let turn = pbc[axis] ? -9 : 0; turn <= (pbc[axis] ? 9 : 0); turn++) if (Math.abs(to! + turn * count - from!) <= reach[axis]!) within++;
        images *= within;
      }
      found += images;
    }
  }
  return found;
}

const periodic = diamondSilicon([3, 2, 1]);
const open = createStructure({ species: periodic.species, positions: periodic.positions });

test.each([["periodic", periodic, 5], ["a cutoff beyond the cell", periodic, 9], ["no cell", open, 4]] as const)("candidates: %s", (_, structure, cutoff) => {
  const { counts } = boxCoordinates(structure, cutoff);
  const own = { bins: counts[0] * counts[1] * counts[2], candidates: candidates(structure, cutoff) };
  expect(listSizeOf([structure], cutoff)).toEqual(own);
  expect(listSizeOf([structure, structure], cutoff)).toEqual({ bins: 2 * own.bins, candidates: 2 * own.candidates });
});

test("two centers, eight pairs, two elements, five bins, twenty candidates", () => {
  const two = [{ pairs: 3, elements: 1, atoms: 4 }, { pairs: 5, elements: 1, atoms: 6 }];
  const counts = listCounts(2, two, { bins: 5, candidates: 20 }, true);
  expect(counts).toEqual([
    ["bin-count", 0, 2 * (16 + 8 + 8)],
    ["block-sums: bins", 0, 20],
    ["prefix-sum: bins", 0, 20 + 20],
    ["bin-fill", 0, 2 * (16 + 4 + 8) + 2 * 16],
    ["neighbor-search: count", 20 * 26, 2 * (16 + 16) + 20 + 16],
    ["block-sums: pairs", 0, 16],
    ["prefix-sum: pairs", 0, 16 + 16],
    ["neighbor-search: write", 20 * 26, 2 * (16 + 16) + 20 + 16 + 8 * 8],
    ["neighbor-order", 8 * 44, 2 * 16 + 16 + 8 * (8 + 24)],
    ["reverse-pairs", 0, 2 * 4 + 16 + 8 * (8 + 4)],
  ]);
  expect(listCounts(2, two, { bins: 5, candidates: 20 }, false)).toEqual(counts.slice(0, -1));
});
