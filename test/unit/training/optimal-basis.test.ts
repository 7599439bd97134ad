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
import { createStructure } from "../../../src/structure/structure.js";
import { largestDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

const structures = [1, 2, 3].map((seed) => crystal([6, 14], 5, seed));
const hyper = hyperparameters({ basis: { nMax: 6, accuracy: 1e-11 }, features: { normalize: false } });

describe.each([
  { mixed: false },
  { mixed: true },
  { mixed: false, centerDependent: true },
  { mixed: true, centerDependent: true },
])("%j", (form) => {
  test("with all directions kept the scalar products of features are those of the primitive basis", async () => {
    const channels = form.mixed ? 12 : 6;
    const { hyperparameters: optimal, residualVariance } = await createOptimalBasis(backend, structures, hyper, { ...form, channels });
    expect(residualVariance).toBeLessThan(1e-12);
    const [a, b] = [await backend.computeFeatures(structures, hyper), await backend.computeFeatures(structures, optimal)];
    const product = ({ values, size }: typeof a, i: number, j: number): number =>
      values.subarray(i * size, (i + 1) * size).reduce((sum, value, f) => sum + value * values[j * size + f]!, 0);
    // Centers of one element, the only ones that a kernel compares.
    for (const [i, j] of [[0, 0], [0, 7], [3, 13]] as const) expect(Math.abs(product(b, i, j) / product(a, i, j) - 1)).toBeLessThan(1e-9);
  });

  test("the residual variance is what the contracted coefficients lack", async () => {
    const primitive = await backend.computeDensityCoefficients(structures, hyper);
    const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
    let before = 1;
    for (const channels of [1, 2, 4]) {
      const { hyperparameters: optimal, residualVariance } = await createOptimalBasis(backend, structures, hyper, { ...form, channels });
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

test("only the environments of the wanted center elements count, and structures by their weight", async () => {
  const carbons = structures.map(({ species }) => species.filter((z) => z === 6).length);
  const { environments } = await createOptimalBasis(backend, structures, hyper, { channels: 2, centers: [6] });
  expect(environments).toBe(carbons.reduce((sum, count) => sum + count, 0));
  const weighted = await createOptimalBasis(backend, structures, hyper, { channels: 2, centers: [6], weights: [2, 0, 0.5] });
  expect(weighted.environments).toBe(2 * carbons[0]! + 0.5 * carbons[2]!);
});

describe("a basis that depends on the center", () => {
  test("has for the centers of each element the functions of a basis made for them alone", async () => {
    for (const mixed of [false, true]) {
      const options = { channels: 3, mixed };
      const { hyperparameters: both, directions } = await createOptimalBasis(backend, structures, hyper, { ...options, centerDependent: true });
      expect(directions.centers).toEqual([6, 14]);
      for (const [c, z] of [6, 14].entries()) {
        const { hyperparameters: own } = await createOptimalBasis(backend, structures, hyper, { ...options, centers: [z] });
        const size = own.basis.contraction!.matrix.length;
        expect(largestDifference(both.basis.contraction!.matrix.slice(c * size, (c + 1) * size), own.basis.contraction!.matrix)).toBeLessThan(1e-8);
      }
    }
  });

  test("leaves out less than one that does not, for the same number of functions", async () => {
    const left = async (centerDependent: boolean): Promise<number> =>
      (await createOptimalBasis(backend, structures, hyper, { channels: 2, mixed: true, centerDependent })).residualVariance;
    expect(await left(true)).toBeLessThan(await left(false));
  });

  test("is refused for a center element that never occurs, by name; one that is only resolved has no functions around it", async () => {
    await expect(createOptimalBasis(backend, structures, hyper, { channels: 2, centers: [6, 8], centerDependent: true })).rejects.toThrow(
      /no center of this element: expected C, Si, got O/,
    );
    const options = { channels: 2, species: [6, 8, 14], centerDependent: true };
    const { hyperparameters: optimal } = await createOptimalBasis(backend, structures, hyper, options);
    expect(optimal.basis.contraction!.centers).toEqual([6, 14]);
    await expect(backend.computeFeatures(structures, optimal, { species: [6, 8, 14] })).rejects.toThrow(/without centers of an element/);
  });

  test("with elements that have no neighbors at all is defined", async () => {
    const bare = hyperparameters({ basis: { nMax: 4, lMax: 1 }, density: { centerWeight: 0 } });
    const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
    const options = { channels: 2, mixed: true, centerDependent: true };
    const { kept, hyperparameters: optimal } = await createOptimalBasis(backend, [lonely, ethanol()], bare, options);
    // One oxygen: its covariance of l = 0 has the rank 1; around the lonely one is nothing.
    expect(kept).toEqual([2, 2, 2, 2, 1, 2]);
    const { values } = await backend.computeFeatures([lonely, ethanol()], optimal);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.subarray(0, 6)).toEqual(new Float64Array(6));
  });
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

test("more functions than the rank keeps the rank, and an environment without anything around it has no basis", async () => {
  // One environment: its covariance of l has the rank 2l + 1.
  const atom = createStructure({ species: [14, 6, 6], positions: [0, 0, 0, 1.8, 0.2, 0.1, -0.3, 1.9, -0.4] });
  const { kept, residualVariance } = await createOptimalBasis(backend, [atom], hyper, { channels: 6, centers: [14], species: [6, 14] });
  // Carbon around silicon: one direction for l = 0, of two neighbors two for l > 0; silicon: itself alone, l = 0.
  expect(kept).toEqual([1, 2, 2, 2, 1, 0, 0, 0]);
  expect(residualVariance).toBeLessThan(1e-12);
  const bare = hyperparameters({ density: { centerWeight: 0 } });
  const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
  await expect(createOptimalBasis(backend, [lonely], bare, { channels: 2 })).rejects.toThrow(/all zero/);
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
  const optimal = await fit({ basis: { kind: "optimal", primitive: { kind: "gto", nMax: 8, lMax: 4 }, channels: 3, centerDependent: true } });
  expect(optimal.error).toBeLessThan(primitive.error);
  const loaded = parseModel(optimal.text);
  expect(loaded.terms[0]!.hyperparameters.basis.contraction).toMatchObject({ channels: 3, centers: [14] });
  expect((await measureErrors(backend, loaded, held)).errors.force_rmse).toBe(optimal.error);
});
