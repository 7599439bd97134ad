// Functions of pairs on the GPU against the CPU backend: cores, linear terms of the radial spectrum, and sums with other terms.
import { expect, test } from "vitest";
import type { Prediction } from "../../src/backend/backend.js";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";
import type { Potential } from "../../src/model/potential.js";
import { createScreenedCoulomb, universalScreening } from "../../src/pairs/screened-coulomb.js";
import { tabulate } from "../../src/pairs/tabulated-pairs.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, ethanolInBox, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { contracted, createGpu, limited, withBackends } from "./backends.js";

const backends = withBackends();

const squeezed = (structure: Structure, factor: number): Structure =>
  ({ ...structure, positions: structure.positions.map((x) => factor * x), cell: structure.cell && structure.cell.map((x) => factor * x) });
const core = (species: readonly number[], radii = { inner: null, outer: null } as { inner: number | null; outer: number | null }): Potential => ({
  species, baseline: new Map(species.map((z) => [z, -0.1 * z])), terms: [], pairs: [createScreenedCoulomb(universalScreening, species, radii, "")], provenance: {},
});
/** A decaying wave between every two elements, and one more between those of one kind. */
const tables = (): Potential => {
  const wave = (rate: number, radius: number) => (r: number): [number, number] => {
    const [rest, phase] = [(1 - r / radius) ** 3, Math.cos(rate * r)];
    return [rest * phase, (-3 / radius) * (1 - r / radius) ** 2 * phase - rate * rest * Math.sin(rate * r)];
  };
  const pairs = [tabulate([6, 6], 3, wave(2, 3)), tabulate([6, 14], 4, wave(3, 4)), tabulate([14, 14], 3.5, wave(1, 3.5)), tabulate([14, 14], 2, wave(4, 2))];
  return { ...core([6, 14]), pairs: [{ kind: "tabulated", pairs }] };
};
const radial = (change: Parameters<typeof hyperparameters>[0] = {}): Hyperparameters => hyperparameters({ ...change, features: { kind: "radial-spectrum", normalize: false } });
const linear = (structure: Structure, hyper: Hyperparameters, components?: number): Promise<Potential> =>
  randomPotential(backends.cpu, structure, hyper, { zeta: 1, ...(components !== undefined && { components }) });

const cases: [string, () => Structure[], (structures: Structure[]) => Promise<Potential> | Potential][] = [
  ["a core in squeezed silicon", () => [squeezed(silicon(1, 0.15), 0.55), squeezed(silicon(2, 0.1, 4), 0.6)], () => core([14])],
  ["a core of two elements, the cell thinner than its radius", () => [squeezed(crystal([6, 14], 6), 0.4)], () => core([6, 14], { inner: 0.5, outer: 4 })],
  ["tables of numbers, two of one pair", () => [squeezed(crystal([6, 14], 6), 0.7)], () => tables()],
  ["dimers from 0.05 Å on", () => [0.05, 0.3, 0.8, 1.2, 1.4].map((r) => createStructure({ species: [6, 14], positions: [0, 0, 0, 0.6 * r, 0, 0.8 * r] })), () => core([6, 14])],
  ["a linear term of three elements", () => [crystal([6, 14, 8], 7)], ([one]) => linear(one!, radial())],
  ["one that is compressed, in a large box", () => [ethanolInBox()], ([one]) => linear(one!, radial({ density: { kind: "delta", centerWeight: 0 } }), 3)],
  ["a basis that mixes the elements and depends on the center", () => [crystal([6, 8, 14], 7)], ([one]) => linear(one!, { ...contracted([6, 8, 14], true, [8, 14, 6]), features: { kind: "radial-spectrum", normalize: false } })],
  ["core, linear term and power spectrum", () => [squeezed(crystal([6, 14], 6), 0.7)], async ([one]) => {
    const [first, second] = [await randomPotential(backends.cpu, one!, hyperparameters(), {}), await linear(one!, radial())];
    return { ...first, terms: [...first.terms, ...second.terms], pairs: core([6, 14]).pairs! };
  }],
];

test.each(cases)("%s", async (_, make, potentialOf) => {
  const structures = make();
  const potential = await potentialOf(structures);
  const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
  const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
  const withoutForces = await gpu.predict(structures, { forces: false });
  cpu.destroy();
  gpu.destroy();
  structures.forEach((_structure, s) => {
    const [a, b] = [found[s]!, expected[s]!] as [Prediction, Prediction];
    expect(Math.max(...b.forces!.map(Math.abs))).toBeGreaterThan(0.01);
    for (const [key, tolerance] of [["localEnergies", 1e-5], ["forces", 5e-5], ["virial", 5e-5]] as const) expect(relativeDifference(a[key]!, b[key]!)).toBeLessThan(tolerance);
    expect(relativeDifference([a.energy], [b.energy])).toBeLessThan(1e-5);
    expect(withoutForces[s]).toEqual({ ...a, forces: null, virial: null });
  });
});

test("the same bits whatever else is in the batch; no atoms, lonely atoms, nothing within the radius", async () => {
  const potential = core([6, 14]);
  const [empty, lonely] = [createStructure({ species: [], positions: [] }), createStructure({ species: [6, 14], positions: [0, 0, 0, 40, 0, 0] })];
  const structures = [squeezed(crystal([6, 14], 6), 0.6), empty, lonely, squeezed(crystal([14, 6], 5), 0.5)];
  const gpu = await backends.gpu.createEvaluator(potential);
  const together = await gpu.predict(structures);
  const single = [];
  for (const structure of structures) single.push(...(await gpu.predict([structure])));
  expect(together).toEqual(single);
  expect(together[2]!.energy).toBeCloseTo(-2, 12);
  expect([...together[2]!.forces!].every((f) => f === 0)).toBe(true);
  await expect(gpu.predict([ethanol()])).rejects.toThrow("element unknown");
  gpu.destroy();
});

test("buffers that are too small for all pairs at once change nothing, and all of them are given back", async () => {
  const potential = core([14], { inner: 0.5, outer: 2.5 });
  const structures = Array.from({ length: 14 }, (_, seed) => squeezed(silicon(1, 0.1, seed), 0.4));
  const small = await createGpu({ device: await limited(2 * 2 ** 16) });
  const before = small.bufferCount;
  const [one, other] = [await backends.gpu.createEvaluator(potential), await small.createEvaluator(potential)];
  expect(await other.predict(structures)).toEqual(await one.predict(structures));
  one.destroy();
  other.destroy();
  expect(small.bufferCount).toBe(before);
  small.destroy();
});
