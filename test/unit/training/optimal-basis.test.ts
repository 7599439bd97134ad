// The optimal radial basis of a dataset: against covariances summed by hand, kept variance, and fits that use it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { crystal, ethanol, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

const structures = [1, 2, 3].map((seed) => crystal([6, 14], 5, seed));
const hyper = hyperparameters({ basis: { nMax: 6, accuracy: 1e-11 }, features: { normalize: false } });

describe.each([false, true])("mixed: %s", (mixed) => {
  test("with all directions kept the scalar products of features are those of the primitive basis", async () => {
    const { hyperparameters: optimal, residualVariance } = await createOptimalBasis(backend, structures, hyper, { mixed, channels: mixed ? 12 : 6 });
    expect(residualVariance).toBeLessThan(1e-12);
    const [a, b] = [await backend.computeFeatures(structures, hyper), await backend.computeFeatures(structures, optimal)];
    const product = ({ values, size }: typeof a, i: number, j: number): number =>
      values.subarray(i * size, (i + 1) * size).reduce((sum, value, f) => sum + value * values[j * size + f]!, 0);
    for (const [i, j] of [[0, 0], [0, 7], [3, 12]] as const) expect(Math.abs(product(b, i, j) / product(a, i, j) - 1)).toBeLessThan(1e-9);
  });

  test("the residual variance is what the contracted coefficients lack", async () => {
    const primitive = await backend.computeDensityCoefficients(structures, hyper);
    const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
    let before = 1;
    for (const channels of [1, 2, 4]) {
      const { hyperparameters: optimal, residualVariance } = await createOptimalBasis(backend, structures, hyper, { mixed, channels });
      const contracted = await backend.computeDensityCoefficients(structures, optimal, { species: primitive.species });
      expect(Math.abs(1 - square(contracted.values) / square(primitive.values) - residualVariance)).toBeLessThan(1e-10);
      expect(residualVariance).toBeLessThan(before);
      before = residualVariance;
    }
  });
});

test("a threshold keeps as many functions as it needs, per element and degree", async () => {
  const threshold = 1e-3;
  const { kept, directions, hyperparameters: optimal } = await createOptimalBasis(backend, structures, hyper, { threshold });
  expect(optimal.basis.contraction!.channels).toBe(Math.max(...kept));
  directions.blocks.forEach(({ variances, total }, block) => {
    const left = (count: number): number => (total - variances.subarray(0, count).reduce((sum, value) => sum + value, 0)) / total;
    expect(left(kept[block]!)).toBeLessThanOrEqual(threshold);
    expect(left(kept[block]! - 1)).toBeGreaterThan(threshold);
  });
});

test("only the environments of the wanted center elements count", async () => {
  const { environments } = await createOptimalBasis(backend, structures, hyper, { channels: 2, centers: [6] });
  expect(environments).toBe(structures.reduce((sum, { species }) => sum + species.filter((z) => z === 6).length, 0));
});

test("a single structure, and an element that never occurs, give a defined basis", async () => {
  const { hyperparameters: optimal } = await createOptimalBasis(backend, [ethanol()], hyper, { channels: 3, species: [1, 6, 8, 14] });
  const { values } = await backend.computeFeatures([ethanol()], optimal, { species: [1, 6, 8, 14] });
  expect(values.every(Number.isFinite)).toBe(true);
});

test("neither size nor threshold, or a size out of range, is refused", async () => {
  await expect(createOptimalBasis(backend, structures, hyper, {})).rejects.toThrow(InputError);
  await expect(createOptimalBasis(backend, structures, hyper, { channels: 7 })).rejects.toThrow(/from 1 to 6/);
});

test("a fit builds its own basis, and the contraction travels in the model file", async () => {
  const label = (seed: number): LabeledStructure => {
    const structure = silicon(1, 0.12, seed);
    const { energy, forces, virial } = computeStillingerWeber(structure);
    return { structure, labels: { energy, forces, virial, configType: "default" } };
  };
  const train = Array.from({ length: 12 }, (_, k) => label(k + 1));
  const held = Array.from({ length: 4 }, (_, k) => label(k + 100));
  const fit = async (basis: object): Promise<{ error: number; text: string }> => {
    const { potential } = await fitPotential(backend, train, parseFitConfiguration({ cutoff: { radius: 4.2 }, sparse: { count: 40 }, ...basis }));
    return { error: (await measureErrors(backend, potential, held)).errors.force_rmse!, text: formatModel(potential) };
  };
  const primitive = await fit({ basis: { nMax: 3, lMax: 4 } });
  const optimal = await fit({ basis: { nMax: 8, lMax: 4 }, optimalBasis: { channels: 3 } });
  expect(optimal.error).toBeLessThan(primitive.error);
  const loaded = parseModel(optimal.text);
  expect(loaded.hyperparameters.basis.contraction!.channels).toBe(3);
  expect((await measureErrors(backend, loaded, held)).errors.force_rmse).toBe(optimal.error);
});
