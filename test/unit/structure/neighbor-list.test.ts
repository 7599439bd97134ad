// Reference: every image of every pair out to the images that the heights of the cell allow, without bins.
import { describe, expect, it } from "vitest";
import { CapacityError, InputError } from "../../../src/errors.js";
import { createRandom, type Random } from "../../../src/selection/random.js";
import { createNeighborList, type NeighborList } from "../../../src/structure/neighbor-list.js";
import { cellVolume, createStructure, type Structure } from "../../../src/structure/structure.js";

type Axes = readonly [boolean, boolean, boolean];

interface Pair {
  readonly key: string;
  readonly vector: readonly number[];
}

function bruteForce({ positions, species, cell, pbc }: Structure, cutoff: number, images: number): Pair[] {
  const pairs: Pair[] = [];
  const range = pbc.map((periodic) => (periodic ? images : 0));
  for (let i = 0; i < species.length; i++) {
    for (let j = 0; j < species.length; j++) {
      for (let a = -range[0]; a <= range[0]; a++) {
        for (let b = -range[1]; b <= range[1]; b++) {
          for (let c = -range[2]; c <= range[2]; c++) {
            if (i === j && a === 0 && b === 0 && c === 0) continue;
            const vector = [0, 1, 2].map((k) => {
              const shift = cell ? (pbc[0] ? a * cell[k] : 0) + (pbc[1] ? b * cell[3 + k] : 0) + (pbc[2] ? c * cell[6 + k] : 0) : 0;
              return positions[3 * j + k] + shift - positions[3 * i + k];
            });
            if (Math.hypot(vector[0], vector[1], vector[2]) < cutoff) pairs.push({ key: `${i} ${j} ${a} ${b} ${c}`, vector });
          }
        }
      }
    }
  }
  return pairs.sort((p, q) => (p.key < q.key ? -1 : 1));
}

function listed(list: NeighborList): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < list.offsets.length; i++) {
    for (let p = list.offsets[i]; p < list.offsets[i + 1]; p++) {
      const key = `${i} ${list.neighbors[p]} ${list.shifts[3 * p]} ${list.shifts[3 * p + 1]} ${list.shifts[3 * p + 2]}`;
      pairs.push({ key, vector: Array.from(list.vectors.subarray(3 * p, 3 * p + 3)) });
    }
  }
  return pairs.sort((p, q) => (p.key < q.key ? -1 : 1));
}

function expectSame(list: NeighborList, reference: readonly Pair[]): void {
  const pairs = listed(list);
  expect(pairs.map((pair) => pair.key)).toEqual(reference.map((pair) => pair.key));
  let error = 0;
  pairs.forEach((pair, p) => pair.vector.forEach((value, k) => (error = Math.max(error, Math.abs(value - reference[p].vector[k])))));
  if (!(error <= 1e-12)) expect.fail(`vectors differ by ${error} Å`);
}

function expectConsistent(list: NeighborList): void {
  const { offsets, neighbors, shifts, vectors, distances, reverse } = list;
  const total = offsets[offsets.length - 1];
  expect([neighbors.length, shifts.length, vectors.length, distances.length, reverse.length]).toEqual([total, 3 * total, 3 * total, total, total]);
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (let p = offsets[i]; p < offsets[i + 1]; p++) {
      const q = reverse[p];
      const mate = reverse[q] === p && q !== p && neighbors[q] === i && q >= offsets[neighbors[p]] && q < offsets[neighbors[p] + 1];
      const opposite = [0, 1, 2].every((k) => shifts[3 * p + k] + shifts[3 * q + k] === 0 && vectors[3 * p + k] + vectors[3 * q + k] === 0);
      const length = Math.hypot(vectors[3 * p], vectors[3 * p + 1], vectors[3 * p + 2]);
      const sorted = p === offsets[i] || neighbors[p - 1] <= neighbors[p];
      if (!(mate && opposite && sorted && distances[p] === distances[q] && Math.abs(distances[p] - length) < 1e-12)) expect.fail(`pair ${p} and its reverse ${q} disagree`);
    }
  }
}

/** A random sheared cell of about the given edge lengths; atoms are scattered over it and up to `wander` cells outside. */
function randomStructure(random: Random, size: number, edges: readonly number[], pbc: Axes, { leftHanded = false, wander = 2 } = {}): Structure {
  const rows = edges.map((edge, row) => [0, 1, 2].map((k) => (row === k ? edge : 0.6 * edge * (random.uniform() - 0.5))));
  if (leftHanded) [rows[0], rows[1]] = [rows[1], rows[0]];
  const positions: number[] = [];
  for (let atom = 0; atom < size; atom++) {
    const fraction = [0, 1, 2].map((axis) => random.uniform() + (pbc[axis] ? random.integer(2 * wander + 1) - wander : 0));
    positions.push(...[0, 1, 2].map((k) => fraction[0] * rows[0][k] + fraction[1] * rows[1][k] + fraction[2] * rows[2][k]));
  }
  return createStructure({ species: new Array<number>(size).fill(14), positions, cell: rows.flat(), pbc });
}

const everyPbc: Axes[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [(bits & 1) !== 0, (bits & 2) !== 0, (bits & 4) !== 0]);

describe("neighbor list against every image of every pair", () => {
  it.each(everyPbc)("random sheared cells, pbc %s %s %s, atoms outside the cell", (...pbc) => {
    const random = createRandom(pbc.reduce((seed, periodic) => 2 * seed + Number(periodic), 1));
    for (const [size, edges, cutoff] of [[12, [6, 7, 8], 4], [9, [3, 9, 5], 4.5], [5, [2.5, 2.5, 12], 4], [30, [13, 10, 4], 3.5]] as const) {
      const structure = randomStructure(random, size, edges, pbc);
      const list = createNeighborList(structure, cutoff);
      expectSame(list, bruteForce(structure, cutoff, 9));
      expectConsistent(list);
    }
  });

  it("many bins along every axis", () => {
    const random = createRandom(11);
    for (const pbc of [[true, true, true], [true, false, true], [false, false, false]] as const) {
      const structure = randomStructure(random, 120, [14, 19, 11], pbc, { wander: 0 });
      const list = createNeighborList(structure, 2.6);
      expectSame(list, bruteForce(structure, 2.6, 2));
      expectConsistent(list);
    }
  });

  // The same lattice by other vectors: whoever searches along these has thousands of images to look at.
  it.each<[string, Axes, readonly number[][]]>([
    ["a crystal", [true, true, true], [[1, 0, 0], [300, 1, 0], [-70, 45, 1]]],
    ["a layer", [true, false, true], [[1, 0, 0], [0, 1, 0], [5000, 0, 1]]],
    ["a left-handed crystal", [true, true, true], [[400, 1, 0], [1, 0, 0], [0, 90, 1]]],
  ])("a cell that is sheared to a needle, %s", (_, pbc, turns) => {
    const random = createRandom(29);
    for (const cutoff of [3.5, 8]) {
      const plain = randomStructure(random, 7, [4, 5, 6], pbc);
      const cell = Float64Array.from({ length: 9 }, (_, k) => [0, 1, 2].reduce((sum, row) => sum + turns[Math.floor(k / 3)]![row]! * plain.cell![3 * row + (k % 3)]!, 0));
      const sheared = { ...plain, cell };
      const begin = performance.now();
      const list = createNeighborList(sheared, cutoff);
      expect(performance.now() - begin).toBeLessThan(500);
      expectConsistent(list);
      // Pairs of the plain cell, their shifts counted in the vectors of the other.
      const found = listed(list).map(({ key, vector }) => {
        const [i, j, ...shift] = key.split(" ").map(Number) as [number, number, number, number, number];
        const own = [0, 1, 2].map((k) => shift.reduce((sum, count, row) => sum + count * turns[row]![k]!, 0));
        return { key: `${i} ${j} ${own.join(" ")}`, vector };
      }).sort((p, q) => (p.key < q.key ? -1 : 1));
      const reference = bruteForce(plain, cutoff, 12);
      expect(found.map(({ key }) => key)).toEqual(reference.map(({ key }) => key));
      let error = 0;
      found.forEach(({ vector }, p) => vector.forEach((value, k) => (error = Math.max(error, Math.abs(value - reference[p]!.vector[k]!)))));
      expect(error).toBeLessThan(1e-9);
    }
  });

  it("vectors that are nearly parallel, of which one image stands next to the other", () => {
    // Two lattice vectors of 5 Å that differ by 0.001 Å: an image of each atom every 0.001 Å along y.
    const structure = createStructure({ species: [14, 14], positions: [0, 0, 0, 1.36, 1.36, 1.36], cell: [5, 0, 0, 5, 1e-3, 0, 0, 0, 5] });
    const { offsets, distances } = createNeighborList(structure, 2);
    // Along the line of own images: 1999 on either side; on that of the other atom, at √2·1.36 Å, what the cutoff leaves.
    const half = Math.sqrt(4 - 2 * 1.36 ** 2);
    const across = Math.floor((1.36 + half) / 1e-3) - Math.ceil((1.36 - half) / 1e-3) + 1;
    expect(Array.from(offsets)).toEqual([0, 3998 + across, 2 * (3998 + across)]);
    expect(Math.min(...distances)).toBeCloseTo(1e-3, 12);
  });

  it("a layer or chain without extent is refused before memory is taken for its images", () => {
    const flat = createStructure({ species: [14], positions: [0, 0, 0], cell: [1e-5, 0, 0, 0, 1e-5, 0, 0, 0, 9], pbc: [true, true, false] });
    expect(() => createNeighborList(flat, 5)).toThrow(CapacityError);
    const thin = createStructure({ species: [14], positions: [0, 0, 0], cell: [1e-9, 0, 0, 0, 9, 0, 0, 0, 9], pbc: [true, false, false] });
    expect(() => createNeighborList(thin, 5)).toThrow(CapacityError);
  });

  it("left-handed cells", () => {
    const random = createRandom(5);
    const structure = randomStructure(random, 10, [5, 6, 7], [true, true, true], { leftHanded: true });
    expect(cellVolume(structure.cell!)).toBeLessThan(0);
    const list = createNeighborList(structure, 5);
    expectSame(list, bruteForce(structure, 5, 7));
    expectConsistent(list);
  });

  it("one atom in a cell much thinner than the cutoff sees only its own images", () => {
    const structure = createStructure({ species: [14], positions: [40.3, -7.1, 2], cell: [1.1, 0.2, 0, 0.3, 1.3, 0.1, 0, 0.4, 1.2] });
    const list = createNeighborList(structure, 3.3);
    expect(list.neighbors.length).toBeGreaterThan(60);
    expectSame(list, bruteForce(structure, 3.3, 6));
    expectConsistent(list);
  });

  it("a strongly sheared cell", () => {
    const structure = createStructure({ species: [14, 14, 6], positions: [0, 0, 0, 1, 2, 1, 5, 0.5, 2], cell: [5, 0, 0, 14, 5, 0, -9, 11, 4] });
    const list = createNeighborList(structure, 4);
    expectSame(list, bruteForce(structure, 4, 12));
    expectConsistent(list);
  });

  it("an axis that is not periodic may have any lattice vector", () => {
    const positions = [0, 0, 0, 1, 1, 5, 3.5, 0, -40];
    for (const open of [[0, 0, 0], [0, 0, 1], [4, 0, 0], [NaN, 0, 0]]) {
      const structure = createStructure({ species: [1, 1, 1], positions, cell: [4, 0, 0, 1, 3, 0, ...open], pbc: [true, true, false] });
      expectSame(createNeighborList(structure, 6), bruteForce(structure, 6, 5));
    }
    const chain = createStructure({ species: [1, 1], positions: [0, 0, 0, 7, 1, 1], cell: [0, 0, 0, 1, 1, 1.5, 0, 0, 0], pbc: [false, true, false] });
    expectSame(createNeighborList(chain, 6.5), bruteForce(chain, 6.5, 10));
  });

  it("a few atoms far apart, in no cell and in a vast one", () => {
    const positions = [0, 0, 0, 1, 0, 0, 9e5, 9e5, 9e5, 9e5, 9e5, 9e5 + 1.5];
    const free = createStructure({ species: [1, 1, 1, 1], positions });
    expectSame(createNeighborList(free, 2), bruteForce(free, 2, 0));
    const vast = createStructure({ species: [1, 1, 1, 1], positions, cell: [1e6, 0, 0, 0, 1e6, 0, 0, 0, 1e6] });
    expectSame(createNeighborList(vast, 2), bruteForce(vast, 2, 1));
  });
});

describe("neighbor list at the edges of its definition", () => {
  it("has no pairs without atoms, and for a single atom without a cell", () => {
    for (const cell of [null, [5, 0, 0, 0, 5, 0, 0, 0, 5]]) {
      const empty = createNeighborList(createStructure({ species: [], positions: [], cell }), 5);
      expect(Array.from(empty.offsets)).toEqual([0]);
      expect(empty.neighbors.length + empty.vectors.length + empty.reverse.length).toBe(0);
    }
    expect(Array.from(createNeighborList(createStructure({ species: [8], positions: [1, 2, 3] }), 5).offsets)).toEqual([0, 0]);
  });

  it("leaves out an atom exactly on the cutoff, and takes the last one before it", () => {
    const pair = createStructure({ species: [1, 1], positions: [0, 0, 0, 3, 4, 0] });
    expect(createNeighborList(pair, 5).neighbors.length).toBe(0);
    expect(createNeighborList(pair, 5 * (1 + 2 ** -52)).neighbors.length).toBe(2);
    const cubic = createStructure({ species: [84], positions: [0, 0, 0], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] });
    expect(createNeighborList(cubic, 4).neighbors.length).toBe(0);
    expect(createNeighborList(cubic, 4.0001).neighbors.length).toBe(6);
  });

  it("counts the shells of diamond: 4, 12, 12 neighbors", () => {
    const a = 5.431;
    const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]];
    const positions = sites.flat().map((x) => (x * a) / 4);
    const structure = createStructure({ species: new Array<number>(8).fill(14), positions, cell: [a, 0, 0, 0, a, 0, 0, 0, a] });
    for (const [cutoff, count] of [[2.4, 4], [3.9, 16], [5, 28]] as const) {
      const { offsets } = createNeighborList(structure, cutoff);
      expect(Array.from(offsets)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => i * count));
    }
  });

  it("refuses two atoms on one site and names both, across a cell boundary too", () => {
    const apart = createStructure({ species: [1, 1, 1], positions: [0, 0, 0, 2, 2, 2, 2, 2, 2 + 2e-6], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] });
    expect(createNeighborList(apart, 1).neighbors.length).toBe(2);
    const same = createStructure({ species: [1, 1, 1], positions: [1, 0, 0, 2, 2, 2, 1, 4, -4 + 1e-8], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] });
    expect(() => createNeighborList(same, 1)).toThrow(InputError);
    expect(() => createNeighborList(same, 1)).toThrow(/atoms 0 and 2 stand on one site/);
  });

  it("refuses a cutoff of 2000 Å in a crystal at once, not when the memory is full", () => {
    const cubic = createStructure({ species: [84], positions: [0, 0, 0], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] });
    expect(() => createNeighborList(cubic, 2000)).toThrow(CapacityError);
  });

  it("refuses cutoffs that are no length, and positions that are no numbers", () => {
    const atom = createStructure({ species: [1], positions: [0, 0, 0] });
    for (const cutoff of [0, -1, NaN, Infinity]) expect(() => createNeighborList(atom, cutoff)).toThrow(InputError);
    for (const cell of [null, new Float64Array([4, 0, 0, 0, 4, 0, 0, 0, 4])]) {
      const pbc: Axes = cell ? [true, true, true] : [false, false, false];
      for (const value of [NaN, Infinity]) {
        const broken: Structure = { ...atom, species: Uint8Array.of(1, 1), positions: Float64Array.of(0, 0, 0, 1, value, 1), cell, pbc };
        expect(() => createNeighborList(broken, 3)).toThrow(/atom 1/);
      }
    }
  });
});
