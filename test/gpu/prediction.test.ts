// Energies, forces and virials of the GPU against the CPU backend, relative to the largest value.
import { describe, expect, test } from "vitest";
import type { Prediction } from "../../src/backend/backend.js";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { largestDifference, relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, ethanolInBox, hyperparameters, randomPotential, silicon, type PotentialOptions } from "../unit/backend/systems.js";
import { contracted, pseudo, withBackends } from "./backends.js";

const backends = withBackends();

const cases: [string, () => Structure[], Hyperparameters, PotentialOptions][] = [
  [
    "silicon, n 8, l 6",
    () => [silicon(1, 0.15), silicon(1, 0.05, 4)],
    hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 8, lMax: 6 } }),
    { zeta: 4 },
  ],
  ["a molecule", () => [ethanol()], hyperparameters(), {}],
  ["a molecule across the faces of a box of 150 Å", () => [ethanolInBox()], hyperparameters(), {}],
  ["a crystal of five elements, n 5", () => [crystal([1, 6, 7, 8, 14], 7)], hyperparameters({ basis: { nMax: 5, lMax: 2 } }), { zeta: 3 }],
  ["widths and weights by element", () => [crystal([6, 8, 14], 7)], hyperparameters({ density: { widths: { O: 0.4 }, weights: { Si: 0.6 } } }), {}],
  ["a projection of the features", () => [crystal([6, 14], 5)], hyperparameters(), { components: 7 }],
  ["more components than a tile has columns", () => [crystal([6, 14], 4)], hyperparameters(), { components: 67, zeta: 1 }],
  ["features that are not normalized", () => [ethanol()], hyperparameters({ features: { normalize: false } }), { zeta: 1 }],
  ["the radial spectrum", () => [crystal([6, 14], 5)], hyperparameters({ features: { kind: "radial-spectrum" } }), { zeta: 5 }],
  ["a basis that mixes the elements", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], true), { zeta: 2, components: 9 }],
  [
    "its radial spectrum", () => [crystal([6, 8, 14], 7)], { ...contracted([6, 8, 14], true), features: { kind: "radial-spectrum", normalize: true } }, { zeta: 2 },
  ],
  ["pseudo-elements", () => [crystal([6, 8, 14], 7)], pseudo([6, 8, 14]), { zeta: 2 }],
  ["one that depends on the center, too", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], true, [8, 14, 6]), { zeta: 2 }],
  ["n 1, l 0", () => [ethanol()], hyperparameters({ basis: { nMax: 1, lMax: 0 } }), {}],
  ["an element that never occurs", () => [ethanol()], hyperparameters(), { species: [1, 6, 7, 8, 14] }],
];

test.each(cases)("%s", async (_, make, hyper, options) => {
  const structures = make();
  const potential = await randomPotential(backends.cpu, structures[0]!, hyper, options);
  const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
  const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
  const without = await gpu.predict(structures, { forces: false });
  const all = (predictions: readonly Prediction[], key: "localEnergies" | "forces" | "virial"): number[] =>
    predictions.flatMap((prediction) => [...prediction[key]!]);
  for (const [key, tolerance] of [
    ["localEnergies", 1e-6],
    ["forces", 5e-5],
    ["virial", 5e-5],
  ] as const)
    expect(relativeDifference(all(found, key), all(expected, key))).toBeLessThan(tolerance);
  expect(
    relativeDifference(
      found.map(({ energy }) => energy),
      expected.map(({ energy }) => energy),
    ),
  ).toBeLessThan(1e-6);
  expect(without).toEqual(found.map(({ energy, localEnergies }) => ({ energy, localEnergies, forces: null, virial: null })));
  cpu.destroy();
  gpu.destroy();
});

describe("awkward inputs", () => {
  test("no atoms, a lonely atom, atoms beyond the cutoff, an environment without density", async () => {
    const empty = createStructure({ species: [], positions: [] });
    const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
    const far = createStructure({ species: [8, 6], positions: [0, 0, 0, 50, 0, 0] });
    for (const centerWeight of [1, 0]) {
      const potential = await randomPotential(backends.cpu, ethanol(), hyperparameters({ density: { centerWeight } }));
      const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
      const structures = [empty, lonely, ethanol(), empty, far];
      const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
      found.forEach(({ localEnergies, forces }, s) => {
        expect(largestDifference(localEnergies, expected[s]!.localEnergies)).toBeLessThan(2e-6);
        if (s !== 2) expect(forces).toEqual(expected[s]!.forces);
      });
      if (centerWeight === 0) expect(found[1]!.energy).toBe(potential.baseline.get(8));
      expect(await gpu.predict([])).toEqual([]);
      expect(await gpu.predict([empty])).toEqual([found[0]]);
      cpu.destroy();
      gpu.destroy();
    }
  });

  test("an element without sparse points has its baseline energy and pushes nobody", async () => {
    const full = await randomPotential(backends.cpu, ethanol(), hyperparameters());
    const [term] = full.terms;
    const potential = { ...full, terms: [{ ...term!, centers: term!.centers.filter(({ species }) => species !== 1) }] };
    const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
    // A full prediction before, so that the buffers hold something else.
    await (await backends.gpu.createEvaluator(full)).predict([ethanol()]);
    const [[expected], [found]] = [await cpu.predict([ethanol()]), await gpu.predict([ethanol(), ethanol()])];
    expect(found!.localEnergies[4]).toBe(potential.baseline.get(1));
    expect(relativeDifference(found!.forces!, expected!.forces!)).toBeLessThan(5e-5);
    expect(relativeDifference(found!.virial!, expected!.virial!)).toBeLessThan(5e-5);
    cpu.destroy();
    gpu.destroy();
  });
});
