// Rows of a fit on the GPU against those of the CPU backend, for each kind of label relative to the largest value.
import { describe, expect, test } from "vitest";
import type { Backend, FitCenter, FitStructure } from "../../src/backend/backend.js";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { contracted, createGpu, limited, withBackends } from "./backends.js";

const backends = withBackends();

type Kind = "energy" | "forces" | "virial";
const all: readonly Kind[] = ["energy", "forces", "virial"];

interface Problem {
  readonly data: readonly FitStructure[];
  readonly hyper: Hyperparameters;
  readonly species: readonly number[];
  readonly zeta: number;
  readonly centers: readonly FitCenter[];
}

function labeled(structure: Structure, kinds: readonly Kind[]): FitStructure {
  const atoms = structure.species.length;
  return {
    structure,
    energy: kinds.includes("energy") ? 1.5 * atoms : null,
    forces: kinds.includes("forces") ? Float64Array.from({ length: 3 * atoms }, (_, k) => Math.sin(k)) : null,
    virial: kinds.includes("virial") ? Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) : null,
    weights: { energy: 2, forces: 0.5, virial: 0.25 },
  };
}

interface Choices {
  readonly zeta?: number;
  readonly components?: number;
  readonly kinds?: (structure: number) => readonly Kind[];
  /** Takes the sparse points so many times. */
  readonly repeat?: number;
}

/** Sparse points from the first structure; G = 1, so that the rows are those of Λ^{−1/2} L K. */
async function problem(
  structures: readonly Structure[],
  hyper: Hyperparameters,
  { zeta = 2, components, kinds = () => all, repeat = 1 }: Choices = {},
): Promise<Problem> {
  const species = [...new Set(structures.flatMap((structure) => [...structure.species]))].sort((a, b) => a - b);
  const potential = await randomPotential(backends.cpu, structures[0]!, hyper, { species, ...(components ? { components } : {}) });
  const centers = potential.terms[0]!.centers.map(({ species: z, projection, size, sparsePoints: once }): FitCenter => {
    const points = (repeat * once.length) / size;
    const sparsePoints = Float64Array.from({ length: points * size }, (_, k) => once[k % once.length]!);
    const factor = Float64Array.from({ length: points * points }, (_, k) => Number(k % (points + 1) === 0));
    return { species: z, projection, size, sparsePoints, factor };
  });
  return { data: structures.map((structure, index) => labeled(structure, kinds(index))), hyper, species, zeta, centers };
}

function rowsOf(backend: Backend, { data, hyper, species, zeta, centers }: Problem): ReturnType<Backend["computeFitRows"]> {
  return backend.computeFitRows(data, species, [{ hyperparameters: hyper, zeta, centers }]);
}

/** The rows of one kind of label, in order. */
function ofKind({ data }: Problem, values: Float64Array, targets: Float64Array, kind: Kind): number[] {
  const columns = values.length / targets.length;
  const out: number[] = [];
  let row = 0;
  const take = (count: number, wanted: boolean): void => {
    if (wanted) for (const value of values.subarray(row * columns, (row + count) * columns)) out.push(value);
    row += count;
  };
  for (const { energy, forces, virial } of data) {
    if (energy !== null) take(1, kind === "energy");
    if (forces) take(forces.length, kind === "forces");
    if (virial) take(6, kind === "virial");
  }
  return out;
}

const isolated = createStructure({ species: [8, 6], positions: [0, 0, 0, 50, 0, 0] });
const cases: [string, () => Promise<Problem>][] = [
  [
    "silicon, n 8, l 6, ζ 4",
    () => problem([silicon(1, 0.15), silicon(1, 0.05, 4)], hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 8, lMax: 6 } }), { zeta: 4 }),
  ],
  ["molecules of several elements, ζ 1", () => problem([ethanol(), isolated, ethanol()], hyperparameters(), { zeta: 1 })],
  ["a crystal of five elements, n 5", () => problem([crystal([1, 6, 7, 8, 14], 9)], hyperparameters({ basis: { nMax: 5, lMax: 2 } }))],
  ["a projection of the features, ζ 4", () => problem([crystal([6, 14], 5), silicon(1, 0.1)], hyperparameters(), { components: 7, zeta: 4 })],
  ["more components than a tile has columns", () => problem([crystal([6, 14], 4)], hyperparameters(), { components: 67 })],
  ["features that are not normalized", () => problem([ethanol()], hyperparameters({ features: { normalize: false } }), { zeta: 1 })],
  ["the radial spectrum", () => problem([crystal([6, 14], 5)], hyperparameters({ features: { kind: "radial-spectrum" } }), { zeta: 4 })],
  ["a basis contracted for each element", () => problem([crystal([6, 8, 14], 7)], contracted([6, 8, 14], false))],
  ["a basis that mixes the elements", () => problem([crystal([6, 8, 14], 7)], contracted([6, 8, 14], true), { components: 9 })],
  ["n 1, l 0", () => problem([ethanol()], hyperparameters({ basis: { nMax: 1, lMax: 0 } }))],
  [
    "a structure of 1,000 atoms",
    () => problem([silicon(5, 0.1)], hyperparameters({ cutoff: { radius: 3 }, basis: { nMax: 2, lMax: 1 } }), { zeta: 4 }),
  ],
  ["an element that never occurs in the second structure", () => problem([ethanol(), silicon(1, 0.1)], hyperparameters())],
];

describe.each(cases)("%s", (_, make) => {
  test("rows and targets are those of the CPU", async () => {
    const own = await make();
    const [cpu, gpu] = [await rowsOf(backends.cpu, own), await rowsOf(backends.gpu, own)];
    expect(gpu.targets).toEqual(cpu.targets);
    for (const kind of all) {
      const difference = relativeDifference(ofKind(own, gpu.values, gpu.targets, kind), ofKind(own, cpu.values, cpu.targets, kind));
      expect(difference).toBeLessThan(kind === "energy" ? 1e-6 : 2e-5);
    }
  });
});

test("labels that some structures lack", async () => {
  const labels: (readonly Kind[])[] = [["energy"], [], ["virial"], ["energy", "forces"], ["energy"], ["forces"]];
  const structures = [ethanol(), ethanol(), crystal([1, 6, 8], 5), ethanol(), crystal([6, 8], 4), ethanol()];
  const own = await problem(structures, hyperparameters(), { kinds: (index) => labels[index]! });
  const [cpu, gpu] = [await rowsOf(backends.cpu, own), await rowsOf(backends.gpu, own)];
  expect(gpu.targets).toEqual(cpu.targets);
  for (const kind of all)
    expect(relativeDifference(ofKind(own, gpu.values, gpu.targets, kind), ofKind(own, cpu.values, cpu.targets, kind))).toBeLessThan(2e-5);
});

test("a weight for each component, 0 among them, scales its row", async () => {
  const one = await problem([ethanol(), crystal([6, 8], 4)], hyperparameters());
  const data = one.data.map((own) => ({
    ...own, weights: { energy: 3, forces: Float64Array.from(own.forces!, (_, k) => [0.5, 0, 2, 4][k % 4]!), virial: Float64Array.of(1, 2, 0, 4, 5, 6) },
  }));
  const own = { ...one, data };
  const [unit, cpu, gpu] = [await rowsOf(backends.gpu, { ...one, data: one.data.map((each) => ({ ...each, weights: { energy: 1, forces: 1, virial: 1 } })) }),
    await rowsOf(backends.cpu, own), await rowsOf(backends.gpu, own)];
  expect(gpu.targets).toEqual(cpu.targets);
  const columns = unit.values.length / unit.targets.length;
  const scales = data.flatMap(({ weights: { energy, forces, virial } }) => [energy, ...forces, ...virial]);
  gpu.values.forEach((value, k) => expect(Math.abs(value - unit.values[k]! * scales[Math.floor(k / columns)]!)).toBeLessThan(1e-12 * Math.abs(value) + 1e-300));
  for (const kind of all)
    expect(relativeDifference(ofKind(own, gpu.values, gpu.targets, kind), ofKind(own, cpu.values, cpu.targets, kind))).toBeLessThan(2e-5);
});

test("the same bits twice, in chunks of 1 and 5 centers, with few pairs and columns to a buffer", { timeout: 180_000 }, async () => {
  const structures = [silicon(1, 0.1), crystal([6, 14], 7), ethanol()];
  const own = await problem(structures, hyperparameters({ basis: { nMax: 2, lMax: 1 } }), { zeta: 3, repeat: 15 });
  const expected = await rowsOf(backends.gpu, own);
  expect(await rowsOf(backends.gpu, own)).toEqual(expected);
  const small = await limited(200_000);
  for (const options of [{ chunkRows: 1 }, { chunkRows: 5 }, { device: small }]) {
    const gpu = await createGpu(options);
    expect(await rowsOf(gpu, own)).toEqual(expected);
    gpu.destroy();
  }
  small.destroy();
});

test("a fit can be stopped; it leaves nothing behind", async () => {
  const own = await problem(Array.from({ length: 40 }, ethanol), hyperparameters({ basis: { nMax: 1, lMax: 0 } }));
  const { data, hyper, species, zeta, centers } = own;
  await rowsOf(backends.gpu, own);
  const before = backends.gpu.bufferCount;
  const stop = new AbortController();
  const reports: number[] = [];
  const options = { signal: stop.signal, onProgress: ({ done }: { done: number }) => (reports.push(done), stop.abort(new Error("enough"))) };
  await expect(backends.gpu.accumulateNormalEquations(data, species, [{ hyperparameters: hyper, zeta, centers }], options)).rejects.toThrow("enough");
  expect(reports).toEqual([14 * 9]);
  await rowsOf(backends.gpu, own);
  expect(backends.gpu.bufferCount).toBe(before);
});
