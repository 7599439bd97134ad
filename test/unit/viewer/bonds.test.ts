import { describe, expect, test } from "vitest";
import { covalentRadiusOf, createStructure, type Structure } from "../../../src/index.js";
import { findBonds } from "../../../src/viewer/bonds.js";

/** All pairs over all images within ±reach cells: every bond is seen from both ends. Sorted texts "i j dx dy dz". */
function bruteForce({ species, positions, cell, pbc }: Structure, reach: number): string[] {
  const found: string[] = [];
  const range = (axis: number): number[] => (cell && pbc[axis] ? Array.from({ length: 2 * reach + 1 }, (_, k) => k - reach) : [0]);
  for (const a of range(0)) for (const b of range(1)) for (const c of range(2)) {
    for (let i = 0; i < species.length; i++) for (let j = 0; j < species.length; j++) {
      const shift = (k: number): number => (cell ? a * cell[k]! + b * cell[3 + k]! + c * cell[6 + k]! : 0);
      const vector = [0, 1, 2].map((k) => positions[3 * j + k]! - positions[3 * i + k]! + shift(k));
      const distance = Math.hypot(...vector);
      if (distance > 0.1 && distance < 1.15 * (covalentRadiusOf(species[i]!) + covalentRadiusOf(species[j]!))) found.push(text(i, j, vector));
    }
  }
  return found.sort();
}

function text(i: number, j: number, vector: readonly number[]): string {
  return `${i} ${j} ${vector.map((component) => (Math.abs(component) < 5e-7 ? 0 : component).toFixed(6)).join(" ")}`;
}

/** The found bonds, each from both ends. */
function bothEnds(structure: Structure): string[] {
  const { atoms, vectors, crossing } = findBonds(structure);
  return Array.from(crossing).flatMap((_, bond) => {
    const vector = Array.from(vectors.subarray(3 * bond, 3 * bond + 3));
    const [i, j] = [atoms[2 * bond]!, atoms[2 * bond + 1]!];
    return [text(i, j, vector), text(j, i, vector.map((component) => -component))];
  }).sort();
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

describe("bonds", () => {
  const a = 5.431;
  const diamond = createStructure({
    species: Array<number>(8).fill(14),
    positions: [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat().map((quarter) => (quarter * a) / 4),
    cell: [a, 0, 0, 0, a, 0, 0, 0, a],
  });

  test("diamond silicon has two bonds per atom", () => {
    expect(findBonds(diamond).crossing.length).toBe(16);
    expect(bothEnds(diamond)).toEqual(bruteForce(diamond, 1));
  });

  test("without periodicity the same atoms keep the bonds inside", () => {
    const cluster = createStructure({ ...diamond, pbc: false });
    expect(bothEnds(cluster)).toEqual(bruteForce(cluster, 0));
    expect(findBonds(cluster).crossing.every((crossing) => crossing === 0)).toBe(true);
  });

  test("one copper atom in a primitive cell: six bonds to its twelve own images", () => {
    const copper = createStructure({ species: [29], positions: [0.3, 0.2, 0.1], cell: [0, 1.8, 1.8, 1.8, 0, 1.8, 1.8, 1.8, 0] });
    expect(findBonds(copper).crossing).toEqual(Uint8Array.from([1, 1, 1, 1, 1, 1]));
    expect(bothEnds(copper)).toEqual(bruteForce(copper, 2));
  });

  test("water has two bonds, no H–H", () => {
    const water = createStructure({ species: [8, 1, 1], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477] });
    expect(bothEnds(water).map((line) => line.slice(0, 3))).toEqual(["0 1", "0 2", "1 0", "2 0"]);
  });

  test("the limit is 1.15 times the sum of the covalent radii", () => {
    const limit = 1.15 * (covalentRadiusOf(14) + covalentRadiusOf(8));
    const pair = (distance: number): Structure => createStructure({ species: [14, 8], positions: [1, 1, 1, 1, 1 + distance, 1] });
    const count = (distance: number): number => findBonds(pair(distance)).crossing.length;
    expect([count(0.999 * limit), count(1.001 * limit)]).toEqual([1, 0]);
  });

  test("sheared and left-handed cells, some axes periodic, atoms outside the cell", () => {
    const next = random(7);
    for (let round = 0; round < 8; round++) {
      const cell = [6, 0, 0, 2.5, 5, 0, -1.5, 2, round % 2 === 0 ? 5 : -5];
      const pbc = [(round & 1) === 0, (round & 2) === 0, (round & 4) === 0] as const;
      const species = Array.from({ length: 9 }, () => (next() < 0.5 ? 29 : 6));
      const structure = createStructure({ species, positions: Array.from({ length: 27 }, () => 14 * next() - 4), cell, pbc });
      expect(bothEnds(structure)).toEqual(bruteForce(structure, 6));
    }
  });

  test("no atoms, no bonds; two atoms on one site are none", () => {
    expect(findBonds(createStructure({ species: [], positions: [] })).crossing.length).toBe(0);
    expect(findBonds(createStructure({ species: [6, 6], positions: [1, 1, 1, 1, 1, 1] })).crossing.length).toBe(0);
  });

  test("10,000 atoms take well under a second", () => {
    const n = 22;
    const sites = Array.from({ length: n ** 3 }, (_, k) => [k % n, Math.floor(k / n) % n, Math.floor(k / n / n)]);
    const edge = 2.5 * n;
    const positions = sites.flat().map((step) => 2.5 * step!);
    const cubic = createStructure({ species: sites.map(() => 29), positions, cell: [edge, 0, 0, 0, edge, 0, 0, 0, edge] });
    const start = performance.now();
    expect(findBonds(cubic).crossing.length).toBe(3 * n ** 3);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
