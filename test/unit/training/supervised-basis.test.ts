// The contraction optimized by gradient: that its losses are those of fits, that it helps them, and how it ends.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import type { RadialContraction } from "../../../src/basis/hyperparameters.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { trainTestSplit } from "../../../src/measures/reconstruction-error.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { createSupervisedBasis, type SupervisedBasisOptions } from "../../../src/training/supervised-basis.js";
import { largestDifference } from "../../reference/norms.js";
import { crystal, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

function label(seed: number): LabeledStructure {
  const structure = silicon(1, 0.15, seed);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default" } };
}
const train = Array.from({ length: 24 }, (_, k) => label(k + 1));
const configuration = parseFitConfiguration({
  cutoff: { radius: 4.2 }, basis: { nMax: 6, lMax: 2 }, kernel: { zeta: 2 }, compression: null, sparse: { count: 40, method: "fps" },
  solver: { jitter: 1e-8 }, noise: { energy: 0.01, forces: 0.1 },
});
const options = { channels: 2, sparsePoints: 40, directions: 2, iterations: 8 } as const;

/** U of each element and degree, [q][n]. */
function rowsOf({ matrix, channels, species }: RadialContraction, nMax: number): number[][][] {
  const row = (index: number): number[] => matrix.slice(index * nMax, (index + 1) * nMax);
  const blocks = matrix.length / (channels * nMax);
  expect(blocks % species.length).toBe(0);
  return Array.from({ length: blocks }, (_, block) => Array.from({ length: channels }, (__, q) => row(block * channels + q)));
}

const projector = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.flatMap((_, i) => rows[0]!.map((__, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)));

describe("the losses", () => {
  test("are those of a fit to the same structures with the same sparse points", async () => {
    const still = { ...options, directions: 0, iterations: 0 };
    const { history, sample, hyperparameters } = await createSupervisedBasis(backend, train, configuration, still);
    const { train: fitted, test: held } = trainTestSplit(train.length, 1, 0.8);
    expect(sample.structures).toEqual({ fit: fitted.length, heldOut: held.length });
    const energiesOf = (indices: Int32Array): LabeledStructure[] =>
      [...indices].map((k) => ({ ...train[k]!, labels: { ...train[k]!.labels, forces: null, virial: null } }));
    const baseline = { kind: "given", energies: { Si: meanEnergy() } };
    const given = parseFitConfiguration({ ...configuration, basis: hyperparameters.basis, baseline });
    const { potential } = await fitPotential(backend, energiesOf(fitted), given);
    for (const [indices, loss] of [[fitted, history[0]!.training], [held, history[0]!.heldOut]] as const) {
      const { errors } = await measureErrors(backend, potential, energiesOf(indices));
      // Errors per atom, of 8 atoms, over σ √8.
      expect(Math.abs((errors.energy_rmse! * 8) / (0.01 * Math.sqrt(8)) / Math.sqrt(loss) - 1)).toBeLessThan(1e-4);
    }
  });

  /** What least squares gives when all compositions are the same. */
  const meanEnergy = (): number => train.reduce((sum, { labels }) => sum + labels.energy! / 8, 0) / train.length;

  test("fall with every step; the basis is the first whose held-out loss is near the smallest", async () => {
    const { history, step, stopped } = await createSupervisedBasis(backend, train, configuration, options);
    expect(stopped).toBe("iterations");
    expect(history.length).toBe(9);
    for (let k = 1; k < history.length; k++) expect(history[k]!.validation).toBeLessThan(history[k - 1]!.validation);
    expect(history[8]!.validation).toBeLessThan(0.6 * history[0]!.validation);
    const bound = 1.1 * Math.min(...history.map(({ heldOut }) => heldOut));
    expect(history.map(({ heldOut }) => heldOut <= bound).indexOf(true)).toBe(step);
    expect(step).toBeGreaterThan(0);
  });
});

describe.each([false, true])("the basis, mixed: %s", (mixed) => {
  const data = mixed ? Array.from({ length: 12 }, (_, k) => alloy(k)) : train;

  /** Atoms of two elements in a potential of one. */
  function alloy(seed: number): LabeledStructure {
    const { structure, labels } = label(seed + 50);
    return { structure: { ...structure, species: structure.species.map((_, k) => (k % 3 === 0 ? 6 : 14)) }, labels };
  }

  test("has orthonormal rows in order of variance, with the largest component positive, and other subspaces than the start", async () => {
    const { hyperparameters, directions, residualVariance, step } = await createSupervisedBasis(backend, data, configuration, { ...options, mixed });
    const start = await createOptimalBasis(backend, data.map(({ structure }) => structure), configuration, { channels: 2, mixed });
    expect(step).toBeGreaterThan(0);
    const blocks = rowsOf(hyperparameters.basis.contraction!, 6);
    const joined = mixed ? [0, 1, 2].map((l) => [0, 1].map((q) => [...blocks[l]![q]!, ...blocks[3 + l]![q]!])) : blocks;
    joined.forEach((rows, block) => {
      const gram = rows.flatMap((one) => rows.map((other) => one.reduce((sum, value, n) => sum + value * other[n]!, 0)));
      expect(largestDifference(gram, [1, 0, 0, 1])).toBeLessThan(1e-12);
      for (const row of rows) expect(Math.max(...row)).toBe(Math.max(...row.map(Math.abs)));
      const { variances } = directions.blocks[block]!;
      expect(variances[0]!).toBeGreaterThan(variances[1]!);
    });
    expect(residualVariance).toBeGreaterThan(start.residualVariance);
    expect(largestDifference(projector(blocks[1]!), projector(rowsOf(start.hyperparameters.basis.contraction!, 6)[1]!))).toBeGreaterThan(1e-3);
  });
});

test("a fit with it has smaller errors than one with the optimal basis, and it travels in the model file", async () => {
  const held = Array.from({ length: 8 }, (_, k) => label(k + 100));
  const start = await createOptimalBasis(backend, train.map(({ structure }) => structure), configuration, { channels: 2 });
  const optimized = await createSupervisedBasis(backend, train, configuration, { ...options, iterations: 20 });
  const [before, after] = await Promise.all([start, optimized].map(async ({ hyperparameters }) => {
    const { potential } = await fitPotential(backend, train, parseFitConfiguration({ ...configuration, basis: hyperparameters.basis }));
    const loaded = parseModel(formatModel(potential));
    expect(loaded.terms[0]!.hyperparameters.basis.contraction).toEqual(hyperparameters.basis.contraction);
    return (await measureErrors(backend, loaded, held)).errors;
  }));
  expect(after!.force_rmse!).toBeLessThan(0.9 * before!.force_rmse!);
  expect(after!.energy_rmse!).toBeLessThan(0.9 * before!.energy_rmse!);
});

test("with all functions kept there is nothing to choose", async () => {
  const { history, stopped, step, hyperparameters } = await createSupervisedBasis(backend, train, configuration, { ...options, channels: 6 });
  expect({ steps: history.length - 1, stopped, step }).toEqual({ steps: 0, stopped: "gradient", step: 0 });
  const { hyperparameters: optimal } = await createOptimalBasis(backend, train.map(({ structure }) => structure), configuration, { channels: 6 });
  const [one, other] = [hyperparameters, optimal].map(({ basis }) => basis.contraction!.matrix);
  expect(largestDifference(one!, other!)).toBeLessThan(1e-9);
});

test("the same seed gives the same bits on any number of threads, another seed another basis", async () => {
  const single = await createBackend("cpu", { threads: 1 });
  const run = (on: Backend, seed: number) => createSupervisedBasis(on, train, configuration, { ...options, iterations: 3, seed });
  const [one, other, seeded] = [await run(backend, 1), await run(single, 1), await run(single, 2)];
  single.destroy();
  expect(other.history).toEqual(one.history);
  expect(other.hyperparameters).toEqual(one.hyperparameters);
  expect(seeded.history).not.toEqual(one.history);
});

test("an element that no structure of the sample holds, forces alone, and symmetry that forbids a degree give a defined basis", async () => {
  const forcesOnly = train.map(({ structure, labels }) => ({ structure, labels: { ...labels, energy: null } }));
  const rare = { structure: crystal([6, 14], 5), labels: { energy: null, forces: null, virial: null, configType: "default" } };
  const { history } = await createSupervisedBasis(backend, [...forcesOnly, rare], configuration, { ...options, iterations: 3 });
  expect(history[3]!.validation).toBeLessThan(history[0]!.validation);
  const ideal = silicon(1, 0);
  const strained = Array.from({ length: 8 }, (_, k): LabeledStructure => {
    const scale = 0.95 + 0.02 * k;
    const structure = { ...ideal, positions: ideal.positions.map((x) => scale * x), cell: ideal.cell!.map((x) => scale * x) };
    const { energy } = computeStillingerWeber(structure);
    return { structure, labels: { energy, forces: null, virial: null, configType: "default" } };
  });
  const { hyperparameters, kept } = await createSupervisedBasis(backend, strained, configuration, { ...options, channels: 1 });
  expect(kept).toEqual([1, 0, 0]);
  expect(hyperparameters.basis.contraction!.matrix.every(Number.isFinite)).toBe(true);
});

test("it can be stopped, and leaves the backend usable", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const stages = new Set<string>();
  const onProgress: SupervisedBasisOptions["onProgress"] = ({ stage, done, total }) => {
    stages.add(stage);
    expect(done).toBeLessThanOrEqual(total);
    if (stage === "supervised basis" && done === 2) controller.abort(reason);
  };
  await expect(createSupervisedBasis(backend, train, configuration, { ...options, signal: controller.signal, onProgress })).rejects.toBe(reason);
  expect([...stages]).toEqual(["optimal basis", "environments", "supervised basis"]);
  await expect(createSupervisedBasis(backend, train, configuration, { ...options, iterations: 1 })).resolves.toMatchObject({ stopped: "iterations" });
});

test("what cannot be done is refused by name", async () => {
  const refused = (data: readonly LabeledStructure[], change: object, settings = configuration): Promise<unknown> =>
    createSupervisedBasis(backend, data, settings, { ...options, ...change });
  const bare = train.map(({ structure }) => ({ structure, labels: { energy: null, forces: null, virial: null, configType: "default" } }));
  await expect(refused(bare, {})).rejects.toThrow("too few labelled structures: expected 5 with energies or forces, some to be held out, got 0");
  await expect(refused(train.slice(0, 4), {})).rejects.toThrow(InputError);
  await expect(refused(train.map(({ structure, labels }) => ({ structure, labels: { ...labels, energy: null } })), { directions: 0 }))
    .rejects.toThrow("expected 5 with energies");
  await expect(refused(train, { maxEnvironments: 20 })).rejects.toThrow(/"maxEnvironments": .*got 20, enough for/);
  for (const [key, value] of [["iterations", NaN], ["directions", -1], ["sparsePoints", 0], ["maxEnvironments", 1.5]] as const) {
    await expect(refused(train, { [key]: value })).rejects.toThrow(`"${key}"`);
  }
  await expect(refused(train, { channels: undefined })).rejects.toThrow(/channels, threshold, or both/);
  await expect(refused(train, { channels: 7 })).rejects.toThrow(/from 1 to 6/);
  await expect(refused(train, { seed: -1 })).rejects.toThrow(/seed/);
  const radial = parseFitConfiguration({ ...configuration, features: { kind: "radial-spectrum" } });
  await expect(refused(train, {}, radial)).rejects.toThrow('"features.kind": features of the supervised basis: expected "power-spectrum"');
});
