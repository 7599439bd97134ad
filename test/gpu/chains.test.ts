// Chains of stages on the GPU against the CPU backend: features, energies, forces and virials, relative to the largest value.
import { expect, test } from "vitest";
import type { Backend, Prediction } from "../../src/backend/backend.js";
import type { FeatureChoice, Hyperparameters } from "../../src/features/hyperparameters.js";
import type { Potential } from "../../src/model/potential.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { withMultispectrum } from "../../src/training/multispectrum.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../unit/backend/systems.js";
import { contracted, createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const lonely = createStructure({ species: [8], positions: [0, 0, 0] });

const settings = (features: FeatureChoice, lMax = 2): Hyperparameters => ({ ...hyperparameters({ basis: { nMax: 2, lMax } }), features });
const cases: [string, () => Structure[], Hyperparameters][] = [
  ["the bispectrum of a molecule beside a lonely atom", () => [ethanol(), lonely], settings({ kind: "bispectrum", normalize: true })],
  ["scalars and pseudoscalars, not normalized", () => [crystal([6, 14], 5)], settings({ kind: "bispectrum", normalize: false, pseudoscalars: true }, 3)],
  ["λ-SOAP of degree 2", () => [crystal([6, 14], 5)], settings({ kind: "lambda-soap", normalize: true, lambda: 2 })],
  ["λ-SOAP of a pseudovector", () => [ethanol()], settings({ kind: "lambda-soap", normalize: false, lambda: 1, parity: -1 })],
  ["a multispectrum of order 4", () => [ethanol(), crystal([1, 6, 8], 7)], settings({ kind: "multispectrum", normalize: true, order: 4, maxComponents: 9, maxProducts: 40 })],
  [
    "a multispectrum of elements that mix", () => [crystal([6, 8, 14], 7)],
    { ...contracted([6, 8, 14], true), features: { kind: "multispectrum", normalize: true, order: 3, maxComponents: 11, pseudoscalars: true } },
  ],
];

test.each(cases)("%s: features", async (_, make, given) => {
  const structures = make();
  const hyper = await withMultispectrum(backends.cpu, structures, given);
  const [cpu, gpu] = [await backends.cpu.computeFeatures(structures, hyper), await backends.gpu.computeFeatures(structures, hyper)];
  expect({ ...gpu, values: null }).toEqual({ ...cpu, values: null });
  expect(relativeDifference(gpu.values, cpu.values)).toBeLessThan(5e-6);
});

async function predicted(backend: Backend, potential: Potential, structures: readonly Structure[]): Promise<Prediction[]> {
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(structures);
  evaluator.destroy();
  return predictions;
}

const all = (predictions: readonly Prediction[], key: "localEnergies" | "forces" | "virial"): number[] => predictions.flatMap((prediction) => [...prediction[key]!]);

test.each(cases)("%s: energies, forces and virials", async (_, make, given) => {
  const structures = make();
  const hyper = await withMultispectrum(backends.cpu, structures, given);
  const potential = await randomPotential(backends.cpu, structures[0]!, hyper, { zeta: 2, components: 6, species: [1, 6, 8, 14].filter((z) => structures.some(({ species }) => species.includes(z))) });
  const [cpu, gpu] = [await predicted(backends.cpu, potential, structures), await predicted(backends.gpu, potential, structures)];
  expect(relativeDifference(all(gpu, "localEnergies"), all(cpu, "localEnergies"))).toBeLessThan(2e-6);
  for (const key of ["forces", "virial"] as const) expect(relativeDifference(all(gpu, key), all(cpu, key))).toBeLessThan(5e-5);
});

test("a sum of terms; the same bits again, and in chunks of another size", async () => {
  const structures = [crystal([6, 14], 5), crystal([6, 14], 7, 3)];
  const [power, bispectrum] = [
    await randomPotential(backends.cpu, structures[0]!, hyperparameters(), { zeta: 3 }),
    await randomPotential(backends.cpu, structures[0]!, settings({ kind: "bispectrum", normalize: true }), { zeta: 1, components: 8 }),
  ];
  const potential: Potential = { ...power, terms: [...power.terms, ...bispectrum.terms] };
  const [cpu, gpu] = [await predicted(backends.cpu, potential, structures), await predicted(backends.gpu, potential, structures)];
  expect(relativeDifference(all(gpu, "localEnergies"), all(cpu, "localEnergies"))).toBeLessThan(2e-6);
  expect(relativeDifference(all(gpu, "forces"), all(cpu, "forces"))).toBeLessThan(5e-5);
  expect(await predicted(backends.gpu, potential, structures)).toEqual(gpu);
  const small = await createGpu({ chunkRows: 3 });
  expect(await predicted(small, potential, structures)).toEqual(gpu);
  small.destroy();
});
