// Neighbor lists of the GPU against createNeighborList: the same pairs with the same vectors, in one order, each with its reverse.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GpuContext } from "../../src/backend/gpu/context.js";
import { openDevice } from "../../src/backend/gpu/device.js";
import { CpuBackend } from "../../src/backend/cpu/cpu-backend.js";
import { environmentBatches, type BatchLimits, type EnvironmentBatch } from "../../src/backend/gpu/environments.js";
import { featureChunks } from "../../src/backend/gpu/feature-job.js";
import { FeaturePipeline } from "../../src/backend/gpu/feature-pipeline.js";
import { GpuEvaluator } from "../../src/backend/gpu/gpu-evaluator.js";
import { NeighborLists, STATUS_BYTES } from "../../src/backend/gpu/neighbor-lists.js";
import { asUint32, Readback } from "../../src/backend/gpu/readback.js";
import { GpuSession } from "../../src/backend/gpu/session.js";
import { Workspace } from "../../src/backend/gpu/workspace.js";
import { CapacityError, InputError } from "../../src/errors.js";
import { createRandom } from "../../src/selection/random.js";
import { createNeighborList } from "../../src/structure/neighbor-list.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { largestDifference } from "../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";

let context: GpuContext;
beforeAll(async () => {
  context = new GpuContext(await openDevice(true), true);
});
afterAll(() => context?.destroy());

interface Lists {
  readonly offsets: Uint32Array;
  readonly pairs: Float32Array;
  readonly neighbors: Uint32Array;
  readonly reverse: Uint32Array;
}

const species = [1, 6, 7, 8, 14];

async function batchesOf(structures: readonly Structure[], limits: BatchLimits): Promise<EnvironmentBatch[]> {
  const batches = [];
  for await (const batch of environmentBatches(structures, limits)) batches.push(batch);
  return batches;
}

/** Lists of structures that fit into one batch. */
async function listsOf(structures: readonly Structure[], cutoff: number, workspace = new Workspace(context, "test")): Promise<Lists> {
  const lists = await NeighborLists.create(context, species, cutoff);
  const readback = new Readback(context, "test");
  const [batch] = await batchesOf(structures, lists.limits);
  const offsets = (await lists.readOffsets(workspace, readback, batch!, true))!;
  const count = offsets.at(-1)!;
  const encoder = context.device.createCommandEncoder();
  const pending = readback.encode(encoder, workspace, [
    ["pairs", 16 * count],
    ["neighbors", 4 * count],
    ["reverse", 4 * count],
  ]);
  context.device.queue.submit([encoder.finish()]);
  const [pairs, neighbors, reverse] = (await readback.read(pending)) as [Float32Array, Float32Array, Float32Array];
  workspace.destroy();
  readback.destroy();
  return { offsets, pairs, neighbors: asUint32(neighbors), reverse: asUint32(reverse) };
}

/** Pairs as rows of center, neighbor and vector, sorted by atoms and then by a direction in which no two images of a lattice are level. */
function sortedRows(rows: number[][]): Float64Array {
  const height = ([, , x, y, z]: number[]): number => x! + Math.SQRT2 * y! + Math.PI * z!;
  return Float64Array.from(rows.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || height(a) - height(b)).flat());
}

function found({ offsets, pairs, neighbors }: Lists): Float64Array {
  const rows = [];
  for (let center = 0; center < (offsets.length - 1) / species.length; center++)
    for (let pair = offsets[center * species.length]!; pair < offsets[(center + 1) * species.length]!; pair++)
      rows.push([center, neighbors[pair]!, ...pairs.subarray(4 * pair, 4 * pair + 3)]);
  return sortedRows(rows);
}

function expected(structures: readonly Structure[], cutoff: number): Float64Array {
  const rows = [];
  let first = 0;
  for (const structure of structures) {
    const { offsets, neighbors, vectors } = createNeighborList(structure, cutoff);
    for (let center = 0; center < structure.species.length; center++)
      for (let pair = offsets[center]!; pair < offsets[center + 1]!; pair++)
        rows.push([first + center, first + neighbors[pair]!, ...vectors.subarray(3 * pair, 3 * pair + 3)]);
    first += structure.species.length;
  }
  return sortedRows(rows);
}

/** Order, lengths and reverses. */
function expectConsistent({ offsets, pairs, neighbors, reverse }: Lists, structures: readonly Structure[]): void {
  const elements = structures.flatMap((structure) => [...structure.species].map((z) => species.indexOf(z)));
  const wrong: string[] = [];
  const check = (holds: boolean, pair: number, what: string): void => void (holds || wrong.push(`pair ${pair}: ${what}`));
  for (let list = 0; list + 1 < offsets.length; list++) {
    const center = Math.floor(list / species.length);
    for (let pair = offsets[list]!; pair < offsets[list + 1]!; pair++) {
      const [x, y, z, r] = pairs.subarray(4 * pair, 4 * pair + 4) as unknown as [number, number, number, number];
      const back = reverse[pair]!;
      check(elements[neighbors[pair]!] === list % species.length, pair, "element of the neighbor");
      check(pair === offsets[list] || neighbors[pair - 1]! <= neighbors[pair]!, pair, "order");
      check(Math.abs(r - Math.hypot(x, y, z)) <= 3e-7 * r, pair, "length");
      check(reverse[back] === pair && neighbors[back] === center, pair, "reverse");
      check([0, 1, 2].every((k) => pairs[4 * pair + k] === -pairs[4 * back + k]!), pair, "opposite vector");
    }
  }
  expect(wrong).toEqual([]);
}

const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
const empty = createStructure({ species: [], positions: [] });
const far = createStructure({ species: [8, 6], positions: [0, 0, 0, 1000, 0, 0] });
const thin = createStructure({ species: [14], positions: [9, -4, 0.3], cell: [1.1, 0, 0, 0.4, 1.2, 0, 0.1, 0, 1.3] });
const skewed = createStructure({ species: [14, 14, 6], positions: [0, 0, 0, 1, 2, 1, 5, 0.5, 2], cell: [5, 0, 0, 64, 5, 0, -39, 81, 4] });
/** Its ends would be neighbors if the box were periodic. */
const chain = createStructure({ species: new Array(12).fill(6), positions: Array.from({ length: 36 }, (_, k) => (k % 3 === 2 ? 0.5 * (k - 2) : (k % 2) / 9)) });
const tower = createStructure({ species: [6, 14], positions: [0, 0, 0.1, 0.3, 1.2, 2.4e4], cell: [3, 0, 0, 0, 3, 0, 0, 0, 2.5e4] });

/** Atoms in a corner of a large cell: many more pairs than a uniform density has. */
function cluster(atoms: number, seed: number, elements: readonly number[] = species): Structure {
  const random = createRandom(seed);
  const positions = Array.from({ length: 3 * atoms }, () => 9 * random.uniform());
  return createStructure({ species: positions.slice(0, atoms).map((_, k) => elements[k % elements.length]!), positions, cell: [60, 0, 0, 0, 60, 0, 0, 0, 60] });
}

const cases: [string, readonly Structure[], number][] = [
  ["silicon", [silicon(2, 0.1)], 5.1],
  ["a crystal of 1728 atoms, several blocks of a prefix sum", [silicon(6, 0.05)], 3],
  ["a perfect crystal", [silicon(3, 0)], 5],
  ["a perfect crystal of few bins, every atom on the side of a bin", [silicon(1, 0)], 8],
  ["ethanol, no cell", [ethanol()], 3.1],
  ["a chain along z, no cell", [chain], 3.1],
  ["a left-handed, sheared crystal thinner than the cutoff, five elements", [crystal(species, 7)], 7.5],
  ["a slab", [{ ...crystal([14, 6], 5), pbc: [true, false, true] }], 6],
  ["a wire", [{ ...crystal([14, 6], 5), pbc: [false, true, false] }], 6],
  ["one atom in a cell much smaller than the cutoff", [thin], 6],
  ["a very skewed cell", [skewed], 4],
  ["no neighbors", [lonely], 5],
  ["two atoms far apart", [far], 5],
  ["a cell of 2.5 µm", [tower], 4],
  ["several structures, empty ones among them", [empty, ethanol(), empty, crystal([6, 8], 6), far, thin, lonely, silicon(1, 0.1), empty], 4.2],
  ["atoms many cells away", [{ ...silicon(2, 0.1), positions: silicon(2, 0.1).positions.map((x, k) => x + ((k % 7) - 3) * 10.862) }], 4.5],
  ["more pairs than expected", [cluster(60, 3), cluster(50, 4)], 6],
];

describe.each(cases)("%s", (_, structures, cutoff) => {
  test("has the pairs of the CPU", async () => {
    const lists = await listsOf(structures, cutoff);
    const [own, reference] = [found(lists), expected(structures, cutoff)];
    // Float32 of the vector, and 2⁻³² of the box.
    expect(largestDifference(own, reference)).toBeLessThan(structures.includes(tower) ? 2e-5 : 2e-6);
    expectConsistent(lists, structures);
    expect(await listsOf(structures, cutoff)).toEqual(lists);
  });
});

test("a pair exactly at the cutoff is none", async () => {
  const cubic = createStructure({ species: [6], positions: [0, 0, 0], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] });
  expect((await listsOf([cubic], 4)).neighbors).toHaveLength(0);
  expect((await listsOf([cubic], 4.0001)).neighbors).toHaveLength(6);
});

test("vectors keep the accuracy of float32 in a box of 150 Å", async () => {
  const random = createRandom(8);
  const positions = Array.from({ length: 3000 }, (_, k) => 150 * random.uniform() * (k % 3 === 2 ? 0.2 : 1));
  const structure = createStructure({ species: new Array(1000).fill(6), positions, cell: [150, 0, 0, 0, 150, 0, 0, 0, 150] });
  const lists = await listsOf([structure], 9);
  expect(lists.neighbors.length).toBeGreaterThan(2000);
  expect(largestDifference(found(lists), expected([structure], 9))).toBeLessThan(1e-6);
});

test("buffers that are too small grow, and the lists are the same", async () => {
  const structures = [crystal([6, 14], 6)];
  const expectedLists = await listsOf(structures, 5);
  const workspace = new Workspace(context, "small");
  for (const name of ["pairs", "found", "neighbors", "images", "reverse"] as const) workspace.reserve(name, 16);
  const lists = await NeighborLists.create(context, species, 5);
  const [batch] = await batchesOf(structures, lists.limits);
  const rooms: number[] = [];
  const results = await lists.complete({ ...batch!, expectedPairs: 1 }, async (pairs) => {
    rooms.push(pairs);
    return { status: await attempt(lists, workspace, batch!, pairs) };
  });
  const count = expectedLists.neighbors.length;
  expect(rooms).toEqual([1, count]);
  expect(results!.status[0]).toBe(count);
  expect(results!.status[1]).toBeGreaterThanOrEqual(1.2 * count);
  workspace.destroy();
});

/** One run with room for about `pairs` pairs; the status. */
async function attempt(lists: NeighborLists, workspace: Workspace, batch: EnvironmentBatch, pairs: number): Promise<Uint32Array> {
  const readback = new Readback(context, "test");
  lists.prepare(workspace, batch, pairs);
  const encoder = context.device.createCommandEncoder();
  lists.encode(encoder, workspace, batch, true);
  const pending = readback.encode(encoder, workspace, [["status", STATUS_BYTES]]);
  context.device.queue.submit([encoder.finish()]);
  const [status] = await readback.read(pending);
  readback.destroy();
  return asUint32(status!);
}

describe("more pairs than the buffers of a GPU hold", () => {
  const structures = [cluster(30, 3, [6]), empty, cluster(24, 4, [6]), cluster(30, 5, [6])];
  const hyper = hyperparameters({ basis: { nMax: 1, lMax: 0, accuracy: 1e-3 }, cutoff: { radius: 6 } });

  /** A context whose buffers are small. */
  async function small(maxPairs: number): Promise<GpuContext> {
    return Object.assign(new GpuContext(await openDevice(true), true), { maxBytes: 16 * maxPairs });
  }

  test("in several structures: halves, with the results that each has alone", async () => {
    const limited = await small(Math.max(...structures.map((structure) => createNeighborList(structure, 6).neighbors.length)) + 10);
    const cpu = await CpuBackend.create(1);
    const evaluator = await GpuEvaluator.create(limited, await randomPotential(cpu, structures[0]!, hyper), 64);
    cpu.destroy();
    expect(await batchesOf(structures, { species: [6], cutoff: 6, maxPairs: limited.maxBytes / 16 })).toHaveLength(1);
    const predictions = await evaluator.predict(structures);
    for (const [s, structure] of structures.entries()) expect([predictions[s]]).toEqual(await evaluator.predict([structure]));
    const pipeline = await FeaturePipeline.create(limited, hyper, [6]);
    const features = await featuresOf(limited, pipeline, structures);
    expect(features).toHaveLength(84);
    expect(features).toEqual((await Promise.all(structures.map((structure) => featuresOf(limited, pipeline, [structure])))).flat());
    limited.destroy();
  });

  async function featuresOf(where: GpuContext, pipeline: FeaturePipeline, of: readonly Structure[]): Promise<Float32Array[]> {
    const stride = pipeline.resident.featureBytes / 4;
    const rows: Float32Array[] = [];
    for await (const { centers, values } of featureChunks(new GpuSession(where, 16), pipeline, of, 0, { buffer: "features", stride, withSpectrum: true }, undefined))
      centers.forEach((center, row) => (rows[center] = values.slice(row * stride, (row + 1) * stride)));
    return rows;
  }

  test("in one structure: a CapacityError with their number", async () => {
    const limited = await small(200);
    const lists = await NeighborLists.create(limited, species, 6);
    const [batch] = await batchesOf([cluster(30, 3)], lists.limits);
    const workspace = new Workspace(limited, "small");
    const readback = new Readback(limited, "small");
    await expect(lists.readOffsets(workspace, readback, batch!, true)).rejects.toThrow(/too many pairs.*at most 200 pairs.*got about \d+ pairs at 6 Å/);
    limited.destroy();
  });
});

describe("refused by name", () => {
  const clash = createStructure({ species: [6, 14, 6], positions: [1, 1, 1, 3, 3, 3, 11, 1, 1], cell: [10, 0, 0, 0, 10, 0, 0, 0, 10] });

  test("two atoms on one site", async () => {
    await expect(listsOf([ethanol(), clash], 4)).rejects.toThrow(InputError);
    await expect(listsOf([ethanol(), clash], 4)).rejects.toThrow(/atoms 0 and 2 stand on one site/);
    const vast = createStructure({ species: [6, 6, 6], positions: [0, 0, 0, 2e-6, 0, 0, 30000, 0, 0] });
    await expect(listsOf([vast], 4)).rejects.toThrow(/as far as the coordinates of the GPU tell/);
  });

  test("positions, boxes and cutoffs that do not fit", async () => {
    const broken = { ...ethanol(), positions: ethanol().positions.map((x, k) => (k === 4 ? NaN : x)) };
    await expect(listsOf([broken], 4)).rejects.toThrow(/atom 1/);
    await expect(listsOf([{ ...silicon(1, 0), cell: null }], 4)).rejects.toThrow(/periodic structure without a cell/);
    await expect(listsOf([createStructure({ species: [6, 6], positions: [0, 0, 0, 1e6, 0, 0] })], 4)).rejects.toThrow(/too wide.*40000 Å along axis 0/);
    const foil = createStructure({ species: [6], positions: [0, 0, 0], cell: [0.005, 0, 0, 0, 9, 0, 0, 0, 9], pbc: [true, false, false] });
    await expect(listsOf([foil], 4)).rejects.toThrow(/too thin for the cutoff.*axis 0/);
    await expect(listsOf([silicon(1, 0)], 900)).rejects.toThrow(CapacityError);
  });
});
