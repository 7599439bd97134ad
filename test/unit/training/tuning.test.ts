// Choosing settings by the data: trials against plain fits, the same search for the same seed, what is given stays.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Backend } from "../../../src/backend/backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { defaultFitConfiguration, type FitConfiguration } from "../../../src/training/configuration.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { bestNoise, computeTrialRows, lossOf, trialErrors } from "../../../src/training/tuning/trial.js";
import { extrapolatedNoise } from "../../../src/training/tuning/noise-trend.js";
import { startingPoint } from "../../../src/training/tuning/starting-point.js";
import { tuneFit } from "../../../src/training/tuning/tune-fit.js";
import { silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const frames = (first: number, count: number): LabeledStructure[] => Array.from({ length: count }, (_, index) => {
  const structure = silicon(1, 0.12, first + index);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default" } };
});
const small: FitConfiguration = {
  ...defaultFitConfiguration,
  cutoff: { ...defaultFitConfiguration.cutoff, radius: 3.8 }, basis: { ...defaultFitConfiguration.basis, nMax: 4, lMax: 3 },
  sparse: { count: 32, method: "fps", seed: 1 }, baseline: { kind: "given", energies: { Si: -4 } },
};

describe("a trial", () => {
  test("with one fold held out has the errors of the plain fit to the others", async () => {
    const [train, heldOut] = [frames(1, 4), frames(11, 3)];
    const algebra = await createLinearAlgebra();
    const noise = { energy: 0.02, forces: 0.1, virial: 0.3 };
    const rows = await computeTrialRows(backend, algebra, [train, heldOut], small);
    // The same sparse points for the plain fit: those of all frames, which it does not learn from.
    const unlabeled = heldOut.map(({ structure }): LabeledStructure => ({ structure, labels: { energy: null, forces: null, virial: null, configType: "default" } }));
    const { potential } = await fitPotential(backend, [...train, ...unlabeled], { ...small, noise: { ...small.noise, ...noise } });
    const { errors } = await measureErrors(backend, potential, heldOut);
    const { errors: both } = trialErrors(algebra, rows, noise);
    const { potential: other } = await fitPotential(backend, [
      ...train.map(({ structure }): LabeledStructure => ({ structure, labels: { energy: null, forces: null, virial: null, configType: "default" } })), ...heldOut,
    ], { ...small, noise: { ...small.noise, ...noise } });
    const { errors: turned } = await measureErrors(backend, other, train);
    // Means over all that was held out: 3 structures by the one fit, 4 by the other.
    const mean = (a: number, b: number): number => (3 * a + 4 * b) / 7;
    expect(Math.abs(both.energy! / mean(errors.energy_mae!, turned.energy_mae!) - 1)).toBeLessThan(1e-6);
    expect(Math.abs(both.forces! / mean(errors.force_mae!, turned.force_mae!) - 1)).toBeLessThan(1e-6);
    // Rows have six components of a virial, errors nine.
    expect(both.virial!).toBeGreaterThan(0);
  });

  test("finds σ that are better than those it starts from, and leaves those alone that are not free", async () => {
    const algebra = await createLinearAlgebra();
    const rows = await computeTrialRows(backend, algebra, [frames(1, 3), frames(11, 3), frames(21, 3)], small);
    const start = { energy: 3, forces: 3, virial: 3 };
    const before = lossOf(trialErrors(algebra, rows, start).errors);
    const best = bestNoise(algebra, rows, start);
    expect(best.loss).toBeLessThan(before - 0.1);
    expect(Math.abs(best.loss - lossOf(trialErrors(algebra, rows, best.noise).errors))).toBeLessThan(1e-12);
    const bound = bestNoise(algebra, rows, start, ["forces"]);
    expect([bound.noise.energy, bound.noise.virial]).toEqual([3, 3]);
    expect(bound.noise.forces).toBeLessThan(3);
  });
});

test("σ goes on falling with the points as it fell, to a third at the most, and never grows", () => {
  const at = (columns: number, energy: number, forces: number, virial: number) => ({ columns, noise: { energy, forces, virial } });
  const last = { energy: 0.02, forces: 0.1, virial: 1 };
  // Halved from 100 to 400 columns: a power of −1/2.
  const far = extrapolatedNoise(at(100, 0.04, 0.1, 1), at(400, 0.02, 0.2, 0.1), last, 800);
  expect(far.energy).toBeCloseTo(0.02 / Math.SQRT2, 3);
  expect([far.forces, far.virial]).toEqual([0.1, 0.333]);
  expect(extrapolatedNoise(at(100, 0.04, 0.1, 1), at(400, 0.02, 0.2, 0.1), last, 300)).toBe(last);
  expect(extrapolatedNoise(at(400, 0.04, 0.1, 1), at(400, 0.02, 0.2, 0.1), last, 900)).toBe(last);
});

test("the start follows the distances; what is not free stays", () => {
  const { configuration, reasons } = startingPoint(frames(1, 4), defaultFitConfiguration, (path) => path !== "density.width");
  expect(configuration.cutoff.radius).toBeGreaterThan(4.9);
  expect(configuration.cutoff.radius).toBeLessThan(5.5);
  expect(configuration.density.width).toBe(defaultFitConfiguration.density.width);
  expect(reasons.join("; ")).toMatch(/nearest neighbors are 2\.\d\d Å apart/);
});

describe("tuneFit", () => {
  const data = frames(1, 12);

  test("improves on its start, tells of every trial, and comes to the same with the same seed", async () => {
    const run = async (): Promise<{ losses: number[]; text: string; trials: number }> => {
      const losses: number[] = [];
      const { configuration, trials } = await tuneFit(backend, data, {
        budget: { trials: 6 }, given: { ...small, terms: null }, fixed: ["basis", "features", "cutoff.radius"], onTrial: (trial) => void (trial.best && losses.push(trial.loss)),
      });
      return { losses, text: JSON.stringify(configuration), trials };
    };
    const [first, second] = [await run(), await run()];
    expect(first.text).toBe(second.text);
    expect(first.trials).toBeGreaterThanOrEqual(6);
    const configuration = JSON.parse(first.text) as FitConfiguration;
    expect([configuration.basis, configuration.cutoff.radius]).toEqual([small.basis, 3.8]);
    const { potential } = await fitPotential(backend, data, configuration);
    expect((await measureErrors(backend, potential, frames(31, 3))).errors.force_mae!).toBeLessThan(0.5);
  });

  test("too few structures, no budget, and a stop are said", async () => {
    await expect(tuneFit(backend, data.slice(0, 5))).rejects.toThrow("too few labelled structures to choose settings by: expected 8 or more");
    await expect(tuneFit(backend, data, { budget: { seconds: 0 } })).rejects.toThrow('"budget.seconds": no budget');
    const stopped = new AbortController();
    await expect(tuneFit(backend, data, { given: small, signal: stopped.signal, onTrial: () => stopped.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});
