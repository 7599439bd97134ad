// Every entry of public/gallery.json against textbook composition, bond lengths and coordination.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { symbolOf } from "../../../src/structure/elements.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly xyz: string;
}

const file = readFileSync(new URL("../../../public/gallery.json", import.meta.url));
const { structures } = JSON.parse(file.toString()) as { structures: Entry[] };

/** Composition, and for some elements: [element, cutoff in Å, neighbors of each atom within it, shortest distance in Å]. */
const expected: Record<string, [string, ...[string, number, number, number][]]> = {
  silicon: ["Si8", ["Si", 3, 4, 2.352]],
  diamond: ["C8", ["C", 2, 4, 1.545]],
  graphite: ["C4", ["C", 2, 3, 1.421]],
  "beta-tin": ["Sn4", ["Sn", 3.1, 4, 3.022], ["Sn", 3.3, 6, 3.022]],
  copper: ["Cu4", ["Cu", 3, 12, 2.556]],
  tungsten: ["W2", ["W", 3, 8, 2.741]],
  magnesium: ["Mg2", ["Mg", 3.3, 12, 3.197]],
  "rock-salt": ["Cl4Na4", ["Na", 3.5, 6, 2.82], ["Cl", 3.5, 6, 2.82]],
  "caesium-chloride": ["Cl1Cs1", ["Cs", 3.8, 8, 3.571]],
  fluorite: ["Ca4F8", ["Ca", 2.6, 8, 2.366], ["F", 2.6, 4, 2.366]],
  zincblende: ["As4Ga4", ["Ga", 3, 4, 2.448], ["As", 3, 4, 2.448]],
  wurtzite: ["O2Zn2", ["Zn", 2.2, 4, 1.974], ["O", 2.2, 4, 1.974]],
  perovskite: ["O3Sr1Ti1", ["Ti", 2.1, 6, 1.953], ["Sr", 2.9, 12, 2.761], ["O", 2.1, 2, 1.953]],
  rutile: ["O4Ti2", ["Ti", 2.2, 6, 1.948], ["O", 2.2, 3, 1.948]],
  quartz: ["O6Si3", ["Si", 1.8, 4, 1.605], ["O", 1.8, 2, 1.605]],
  water: ["H2O1", ["O", 1.2, 2, 0.957], ["H", 1.6, 2, 0.957]],
  ammonia: ["H3N1", ["N", 1.2, 3, 1.012], ["H", 1.7, 3, 1.012]],
  methane: ["C1H4", ["C", 1.2, 4, 1.087]],
  ethanol: ["C2H6O1", ["C", 1.6, 4, 1.09], ["O", 1.6, 2, 0.971]],
  benzene: ["C6H6", ["C", 1.5, 3, 1.084], ["H", 1.5, 1, 1.084]],
  aspirin: ["C9H8O4", ["H", 1.3, 1, 0.97]],
  caffeine: ["C8H10N4O2", ["N", 1.6, NaN, 1.39], ["H", 1.3, 1, 1.08], ["O", 1.4, 1, 1.22]],
  c60: ["C60", ["C", 1.5, 3, 1.4]],
};

describe("gallery of structures", () => {
  it("is small and has a title and a description for each entry, under names of its own", () => {
    expect(file.length).toBeLessThan(100_000);
    expect(structures.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
    for (const { title, description } of structures) expect([title.length > 3, description.length > 10, description.includes("\n")]).toEqual([true, true, false]);
  });

  it.each(structures.map((entry) => [entry.name, entry] as const))("%s loads, with its composition, bonds and coordination", (name, { xyz }) => {
    const [structure, ...more] = parseExtxyz(xyz);
    expect(more.length).toBe(0);
    const symbols = Array.from(structure.species, symbolOf);
    const composition = [...new Set(symbols)].sort().map((symbol) => `${symbol}${symbols.filter((other) => other === symbol).length}`).join("");
    const [formula, ...checks] = expected[name];
    expect(composition).toBe(formula);
    const all = createNeighborList(structure, 3.6);
    expect(Math.min(...all.distances)).toBeGreaterThan(0.7);
    for (const [element, cutoff, coordination, shortest] of checks) {
      const list = createNeighborList(structure, cutoff);
      let least = Infinity;
      symbols.forEach((symbol, atom) => {
        if (symbol !== element) return;
        const count = list.offsets[atom + 1] - list.offsets[atom];
        if (!Number.isNaN(coordination)) expect(count, `neighbors of ${symbol} ${atom}`).toBe(coordination);
        least = Math.min(least, ...list.distances.subarray(list.offsets[atom], list.offsets[atom + 1]));
      });
      if (!(Math.abs(least - shortest) <= 0.012)) expect.fail(`shortest distance of ${element} is ${least} instead of ${shortest} Å`);
    }
  });

  it.each(["aspirin", "caffeine", "ethanol"])("%s is one molecule in which every carbon has its valence and nothing else is close", (name) => {
    const [structure] = parseExtxyz(structures.find((entry) => entry.name === name)!.xyz);
    const symbols = Array.from(structure.species, symbolOf);
    const list = createNeighborList(structure, 2.4);
    const bonded: number[][] = symbols.map(() => []);
    for (let i = 0; i < symbols.length; i++) {
      for (let pair = list.offsets[i]; pair < list.offsets[i + 1]; pair++) {
        const limit = symbols[i] === "H" || symbols[list.neighbors[pair]] === "H" ? 1.25 : 1.6;
        if (list.distances[pair] < limit) bonded[i].push(list.neighbors[pair]);
      }
    }
    const reached = new Set([0]);
    for (const atom of reached) bonded[atom].forEach((next) => reached.add(next));
    expect(reached.size).toBe(symbols.length);
    symbols.forEach((symbol, atom) => {
      const [low, high] = { C: [3, 4], H: [1, 1], N: [2, 3], O: [1, 2] }[symbol]!;
      expect(bonded[atom].length >= low && bonded[atom].length <= high, `${symbol} ${atom} has ${bonded[atom].length} bonds`).toBe(true);
      // Atoms that are neither bonded nor bonded to one atom keep their distance.
      const near = new Set([atom, ...bonded[atom], ...bonded[atom].flatMap((next) => bonded[next])]);
      for (let pair = list.offsets[atom]; pair < list.offsets[atom + 1]; pair++) {
        const other = list.neighbors[pair];
        const close = symbol === "H" && symbols[other] === "H" ? 1.9 : 2.1;
        if (!near.has(other)) expect(list.distances[pair], `${symbol} ${atom} to ${symbols[other]} ${other}`).toBeGreaterThan(close);
      }
    });
  });
});
