// Density coefficients, features and components of the GPU against the CPU backend, relative to the largest value.
import { describe, expect, test } from "vitest";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";
import { createRandom } from "../../src/selection/random.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, ethanolInBox, hyperparameters, silicon } from "../unit/backend/systems.js";
import { contracted, pseudo, withBackends } from "./backends.js";

const backends = withBackends();
const lonely = createStructure({ species: [8], positions: [0, 0, 0] });

const cases: [string, () => Structure[], Hyperparameters][] = [
  ["silicon, n 8, l 6", () => [silicon(1, 0.1)], hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 8, lMax: 6 } })],
  ["a molecule beside a lonely atom", () => [lonely, ethanol()], hyperparameters()],
  ["a crystal of five elements, n 5", () => [crystal([1, 6, 7, 8, 14], 7)], hyperparameters({ basis: { nMax: 5, lMax: 2 } })],
  ["a molecule across the faces of a box of 150 Å", () => [ethanolInBox()], hyperparameters()],
  ["n 1, l 0", () => [ethanol()], hyperparameters({ basis: { nMax: 1, lMax: 0 } })],
  ["without normalization, DVR", () => [crystal([6, 14], 5)], hyperparameters({ features: { normalize: false }, basis: { kind: "dvr", nMax: 3 } })],
  ["widths and weights by element", () => [lonely, crystal([6, 8, 14], 7)], hyperparameters({ density: { widths: { O: 0.4, Si: 0.7 }, weights: { C: 0.3, Si: 2 } } })],
  ["weights by element in a bispectrum", () => [ethanol()], hyperparameters({ density: { weights: { H: 0.3 } }, basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum" } })],
  [
    "a basis that mixes elements of their own widths", () => [crystal([6, 8, 14], 7)],
    { ...contracted([6, 8, 14], true), density: { ...contracted([6, 8, 14], true).density, widths: { C: 0.4 }, weights: { O: 0.5 } } },
  ],
  ["a basis contracted for each element", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], false)],
  ["a basis that mixes the elements", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], true)],
  ["pseudo-elements", () => [crystal([6, 8, 14], 7)], pseudo([6, 8, 14])],
  ["a basis that depends on the center", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], false, [14, 6, 8])],
  ["one that depends on the center and mixes the elements", () => [crystal([6, 8, 14], 7)], contracted([6, 8, 14], true, [14, 6, 8])],
  [
    "the radial spectrum of a δ density",
    () => [crystal([6, 14], 5)],
    hyperparameters({ density: { kind: "delta" }, features: { kind: "radial-spectrum" } }),
  ],
];

describe.each(cases)("%s", (_, make, hyper) => {
  test("coefficients and features are those of the CPU", async () => {
    const structures = make();
    for (const compute of ["computeDensityCoefficients", "computeFeatures"] as const) {
      const [cpu, gpu] = [await backends.cpu[compute](structures, hyper), await backends.gpu[compute](structures, hyper)];
      expect({ ...gpu, values: null }).toEqual({ ...cpu, values: null });
      expect(relativeDifference(gpu.values, cpu.values)).toBeLessThan(5e-6);
    }
  });
});

test("harmonics up to l 12", async () => {
  const hyper = hyperparameters({ basis: { nMax: 2, lMax: 12 } });
  const [cpu, gpu] = [
    await backends.cpu.computeDensityCoefficients([ethanol()], hyper),
    await backends.gpu.computeDensityCoefficients([ethanol()], hyper),
  ];
  expect(relativeDifference(gpu.values, cpu.values)).toBeLessThan(3e-5);
});

test("components are in the order of the centers of each element", async () => {
  const [hyper, random] = [hyperparameters(), createRandom(3)];
  const structures = [crystal([6, 14], 5), ethanol(), silicon(1, 0.1)];
  const species = [1, 6, 8, 14];
  const { size } = await backends.cpu.computeFeatures([lonely], hyper, { species });
  const centers = [
    { species: 6, size: 3, projection: Float64Array.from({ length: 3 * size }, () => random.normal()) },
    { species: 8, size, projection: null },
    { species: 14, size: 70, projection: Float64Array.from({ length: 70 * size }, () => random.normal()) },
  ];
  const [cpu, gpu] = [
    await backends.cpu.computeComponents(structures, hyper, species, centers),
    await backends.gpu.computeComponents(structures, hyper, species, centers),
  ];
  expect([...gpu.keys()]).toEqual([...cpu.keys()]);
  expect(gpu.get(1)).toEqual(new Float64Array(0));
  for (const { species: z } of centers) expect(relativeDifference(gpu.get(z)!, cpu.get(z)!)).toBeLessThan(5e-6);
});

test("no atoms, no structures, no density at all", async () => {
  const empty = createStructure({ species: [], positions: [] });
  const bare = hyperparameters({ density: { centerWeight: 0 } });
  expect([...(await backends.gpu.computeFeatures([empty, lonely, empty], hyperparameters())).offsets]).toEqual([0, 0, 1, 1]);
  expect((await backends.gpu.computeFeatures([], hyperparameters())).values).toHaveLength(0);
  expect((await backends.gpu.computeFeatures([lonely], bare)).values.every((value) => value === 0)).toBe(true);
});

test("wrong input is refused by name", async () => {
  const unknown = createStructure({ species: [6, 79], positions: [0, 0, 0, 2, 0, 0] });
  await expect(backends.gpu.computeFeatures([unknown], hyperparameters(), { species: [1, 6] })).rejects.toThrow(/atom 1.*expected H, C, got Au/);
  await expect(backends.gpu.computeFeatures([ethanol()], hyperparameters({ basis: { nMax: 0 } }))).rejects.toThrow(/basis\.nMax/);
  const clash = createStructure({ species: [6, 6], positions: [1, 1, 1, 1, 1, 1] });
  await expect(backends.gpu.computeFeatures([clash], hyperparameters())).rejects.toThrow(/atoms 0 and 1/);
});
