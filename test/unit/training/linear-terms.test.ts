// The linear end of the family: ridge regression on the features, and linear terms as one vector.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { collapsed } from "../../../src/kernel/linear-term.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, hyperparameters, randomPotential, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const frames = (first: number, count: number): LabeledStructure[] => Array.from({ length: count }, (_, k) => {
  const structure = silicon(1, 0.06 + 0.02 * k, first + k);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default" } };
});

test.each([["power-spectrum", 1], ["radial-spectrum", 0.7], ["bispectrum", 0.01]] as const)(
  "%s: ridge regression on the features is Gaussian-process regression with the linear kernel of all environments", async (kind, delta) => {
    const shared = {
      cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 }, features: { kind, normalize: false }, compression: null, kernel: { zeta: 1, delta }, solver: { jitter: 1e-13 },
    };
    const train = frames(1, 4);
    const predicted = async (sparse: object): Promise<number[]> => {
      const { potential } = await fitPotential(backend, train, parseFitConfiguration({ ...shared, sparse }));
      return (await measureErrors(backend, potential, frames(20, 2))).predictions.flatMap(({ energy, forces, virial }) => [energy, ...forces!, ...virial!]);
    };
    const [ridge, process] = [await predicted({ method: "unit-vectors" }), await predicted({ count: "all", method: "fps" })];
    expect(relativeDifference(ridge, process)).toBeLessThan(1e-5);
  },
);

test("a linear term predicts the same as one vector", async () => {
  const structure = crystal([6, 14], 5);
  const potential = await randomPotential(backend, structure, hyperparameters(), { zeta: 1, components: 7 });
  const [term] = potential.terms;
  const [vector] = collapsed(term!.centers, 1);
  expect(vector!.weights.length).toBe(1);
  expect(collapsed(term!.centers, 2)).toBe(term!.centers);
  // Sums over all points, as Eq. (16) says.
  const features = await backend.computeComponents([structure], hyperparameters(), potential.species, term!.centers);
  const energies = term!.centers.map(({ species, size, sparsePoints, weights }) => {
    const z = features.get(species)!;
    return Array.from({ length: z.length / size }, (_, i) =>
      weights.reduce((sum, weight, m) => sum + weight * sparsePoints.subarray(m * size, (m + 1) * size).reduce((part, value, q) => part + value * z[i * size + q]!, 0), -0.1 * species));
  });
  const evaluator = await backend.createEvaluator(potential);
  const [prediction] = await evaluator.predict([structure]);
  evaluator.destroy();
  const expected = Array.from(structure.species, (z, atom) => energies[potential.species.indexOf(z)]![structure.species.subarray(0, atom).filter((other) => other === z).length]!);
  expect(relativeDifference(prediction!.localEnergies, expected)).toBeLessThan(1e-12);
});

test("unit vectors go with a linear kernel alone", async () => {
  const settings = parseFitConfiguration({ sparse: { method: "unit-vectors" }, kernel: { zeta: 2 } });
  await expect(fitPotential(backend, frames(1, 1), settings)).rejects.toThrow(/"kernel\.zeta": unit vectors are the points of a linear kernel: expected 1/);
});
