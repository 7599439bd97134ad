// Cross-validation against splits made by hand and plain fits; the closed form against explicit refits.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Progress } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { crossValidate } from "../../../src/training/cross-validation.js";
import { assignFolds } from "../../../src/training/folds.js";
import { fitStructure } from "../../../src/training/fit-structure.js";
import { prepareTerm } from "../../../src/training/fit-term.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { stopwatch } from "../../../src/training/stopwatch.js";
import { eliminate } from "../../reference/elimination.js";
import { crystal, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const small = { cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 } };
const atom = (z: number, energy: number): LabeledStructure => ({
  structure: createStructure({ species: [z], positions: [0, 0, 0] }), labels: { energy, forces: null, virial: null, configType: "isolated_atom" },
});
const silicons = Array.from({ length: 13 }, (_, k): LabeledStructure => {
  const structure = silicon(1, 0.08, k + 1);
  return { structure, labels: { ...computeStillingerWeber(structure), configType: `type ${k % 3}` } };
});
const random = createRandom(9);
const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
/** Two elements in changing ratio, with labels of no meaning: of one the energy is unknown, of one the forces, of one some components. */
const mixtures = Array.from({ length: 9 }, (_, k): LabeledStructure => {
  const structure = crystal(k % 2 === 0 ? [14, 8] : [14, 8, 8], 5, k + 1);
  const [a, b, c, d, e, f] = numbers(6) as unknown as [number, number, number, number, number, number];
  const forces = numbers(15);
  if (k === 4) forces[7] = NaN;
  const virial = k % 3 === 0 ? Float64Array.of(a, b, c, b, d, e, c, e, k === 3 ? NaN : f) : null;
  return { structure, labels: { energy: k === 2 ? null : -20 * k + random.normal(), forces: k === 5 ? null : forces, virial, configType: "default" } };
});

/** Root mean square and mean absolute error of the predictions of a fit, summed here. */
async function byHand(train: readonly LabeledStructure[], test: readonly LabeledStructure[], settings: Parameters<typeof fitPotential>[2]) {
  const { potential } = await fitPotential(backend, train, settings);
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(test.map(({ structure }) => structure), { forces: true });
  evaluator.destroy();
  const energies: number[] = [];
  const forces: number[] = [];
  const virials: number[] = [];
  test.forEach(({ structure, labels }, index) => {
    const { energy, forces: f, virial } = predictions[index]!;
    const atoms = structure.species.length;
    if (labels.energy !== null) energies.push((energy - labels.energy) / atoms);
    labels.forces?.forEach((label, k) => Number.isNaN(label) || forces.push(f![k]! - label));
    labels.virial?.forEach((label, k) => Number.isNaN(label) || virials.push((virial![k]! - label) / atoms));
  });
  return { energies, forces, virials };
}
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const mae = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;

describe("folds by plain fits", () => {
  const settings = parseFitConfiguration({ ...small, sparse: { count: 12 } });
  // Cut by hand: 13 structures in three blocks.
  const cuts = [[0, 4], [4, 8], [8, 13]] as const;

  test("errors of every fold, pooled and between the folds", async () => {
    const { folds, pooled, standardError, predictions, isolatedAtoms, warnings } = await crossValidate(backend, silicons, settings, { folds: 3, by: "blocks" });
    const expected: Awaited<ReturnType<typeof byHand>>[] = [];
    for (const [first, end] of cuts) expected.push(await byHand([...silicons.slice(0, first), ...silicons.slice(end)], silicons.slice(first, end), settings));
    folds.forEach(({ errors, training, members }, f) => {
      const { energies, forces, virials } = expected[f]!;
      expect(errors).toMatchObject({
        structures: cuts[f]![1] - cuts[f]![0], energy_mae: mae(energies), energy_rmse: rms(energies), force_mae: mae(forces), force_rmse: rms(forces), virial_mae: mae(virials), virial_rmse: rms(virials),
      });
      expect([training, [...members][0]]).toEqual([{ structures: 13 - members.length, atoms: 8 * (13 - members.length) }, cuts[f]![0]]);
    });
    expect(pooled).toMatchObject({ structures: 13, force_rmse: rms(expected.flatMap(({ forces }) => forces)), energy_mae: mae(expected.flatMap(({ energies }) => energies)) });
    expect(Object.keys(pooled.by_config_type).sort()).toEqual(["type 0", "type 1", "type 2"]);
    const three = folds.map(({ errors }) => errors.force_rmse!);
    const center = (three[0]! + three[1]! + three[2]!) / 3;
    const variance = ((three[0]! - center) ** 2 + (three[1]! - center) ** 2 + (three[2]! - center) ** 2) / 2;
    expect(Math.abs(standardError.force_rmse! - Math.sqrt(variance / 3))).toBeLessThan(1e-15);
    expect([predictions.length, predictions.every((prediction) => prediction !== null), isolatedAtoms, warnings]).toEqual([13, true, 0, []]);
  });

  test("random folds are those of assignFolds, and groups are left out whole", async () => {
    const { folds } = await crossValidate(backend, silicons, settings, { folds: 2, seed: 3 });
    expect(folds.map(({ members }) => members)).toEqual(assignFolds(silicons, { folds: 2, seed: 3 }).map(({ members }) => members));
    const grouped = await crossValidate(backend, silicons, settings, { by: "config_type" });
    const one = grouped.folds.find(({ groups }) => groups![0] === "type 1")!;
    const { forces } = await byHand(silicons.filter((_, k) => k % 3 !== 1), silicons.filter((_, k) => k % 3 === 1), settings);
    expect(one.errors.force_rmse).toBe(rms(forces));
  });

  test("isolated atoms stay in every training set and are not tested", async () => {
    const data = [silicons[0]!, atom(14, -0.5), ...silicons.slice(1, 6)];
    const { folds, pooled, predictions, isolatedAtoms } = await crossValidate(backend, data, settings, { folds: 2, by: "blocks" });
    expect([isolatedAtoms, pooled.structures, folds.map(({ members }) => [...members]), predictions[1]]).toEqual([1, 6, [[0, 2, 3], [4, 5, 6]], null]);
    const { forces } = await byHand([data[0]!, data[1]!, data[2]!, data[3]!], data.slice(4), settings);
    expect(folds[1]!.errors.force_rmse).toBe(rms(forces));
  });

  test("frames that repeat those of another fold are warned of", async () => {
    const { warnings } = await crossValidate(backend, [...silicons.slice(0, 6), silicons[0]!], settings, { folds: 2, by: "blocks" });
    expect(warnings.map(({ code, frame }) => [code, frame])).toEqual([["repeated-frames", 6], ["test-in-train", 6]]);
  });

  test("an element of one fold alone is refused, and so is nothing", async () => {
    const strange = { ...silicons[3]!, structure: { ...silicons[3]!.structure, species: Uint8Array.of(14, 14, 14, 14, 14, 14, 14, 32) } };
    await expect(crossValidate(backend, [...silicons.slice(0, 3), strange], settings, { folds: 2, by: "blocks" })).rejects.toThrow(
      'structure 3, "folds": an element of fold 2 is in none of its training structures: expected Si, got Ge',
    );
    await expect(crossValidate(backend, [], settings)).rejects.toThrow("nothing to validate on");
  });

  test("progress is that of the whole, with the time that is left; aborting ends it", async () => {
    const heard: Progress[] = [];
    await crossValidate(backend, silicons, settings, { folds: 3, onProgress: (progress) => heard.push(progress) });
    const total = 2 * 13 * 8;
    expect(heard.every((progress, k) => progress.total === total && (k === 0 || progress.done >= heard[k - 1]!.done))).toBe(true);
    expect([heard[0]!.done, heard.at(-1)]).toEqual([0, { stage: "fold 3 of 3", done: total, total, secondsLeft: 0 }]);
    expect([...new Set(heard.map(({ stage }) => stage))]).toEqual(["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]);
    expect(heard[0]!.secondsLeft).toBeUndefined();
    for (const { stage, secondsLeft } of heard) expect(secondsLeft !== undefined || stage === "fold 1 of 3").toBe(true);
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = ({ stage }: Progress): void => void (stage === "fold 2 of 3" && controller.abort(reason));
    await expect(crossValidate(backend, silicons, settings, { folds: 3, signal: controller.signal, onProgress })).rejects.toBe(reason);
  });
});

describe("the closed form", () => {
  const near = (a: number | null, b: number | null, tolerance: number): void => expect(!(Math.abs(a! - b!) <= tolerance * Math.abs(b!)), `${a} for ${b}`).toBe(false);
  const errors = ["energy_mae", "energy_rmse", "force_mae", "force_rmse", "virial_mae", "virial_rmse"] as const;

  test.each([["random", null], ["blocks", null], ["random", [{ features: { kind: "radial-spectrum" } }, { kernel: { delta: 0.3 } }]]])("of ridge regression on the features is the refits, baseline included (%s, terms %j)", async (by, terms) => {
    const settings = parseFitConfiguration({ ...small, kernel: { zeta: 1 }, compression: null, sparse: { method: "unit-vectors" }, terms, solver: { method: terms ? "qr" : "normal" } });
    for (const folds of [3, "all"] as const) {
      const options = { folds, by, seed: 2 };
      const [closed, plain] = [await crossValidate(backend, mixtures, settings, { ...options, closedForm: true }), await crossValidate(backend, mixtures, settings, options)];
      for (const name of errors) near(closed.pooled[name], plain.pooled[name], 1e-8);
      closed.folds.forEach((fold, f) => errors.forEach((name) => {
        if (plain.folds[f]!.errors[name] === null) expect(fold.errors[name]).toBeNull();
        else near(fold.errors[name], plain.folds[f]!.errors[name], 1e-7);
      }));
    }
  });

  test("of full Gaussian-process regression on energies is the refits: points without a label change nothing", async () => {
    const energies = mixtures.filter(({ labels }) => labels.energy !== null).map(({ structure, labels }) => ({ structure, labels: { ...labels, forces: null, virial: null } }));
    const settings = parseFitConfiguration({
      ...small, kernel: { zeta: 2 }, compression: null, sparse: { count: "all", method: "random" }, baseline: { kind: "given", energies: { Si: -1, O: -2 } }, solver: { jitter: 1e-12 },
    });
    const closed = await crossValidate(backend, energies, settings, { folds: "all", closedForm: true });
    const plain = await crossValidate(backend, energies, settings, { folds: "all" });
    closed.predictions.forEach((prediction, index) => near(prediction!.energy, plain.predictions[index]!.energy, 1e-7));
  });

  test("of a sparse fit is that of fits with the same points and the other folds' baseline", async () => {
    const settings = parseFitConfiguration({ ...small, sparse: { count: 8 } });
    const { predictions, folds } = await crossValidate(backend, mixtures, settings, { folds: 3, closedForm: true });
    const algebra = await createLinearAlgebra();
    const [species, structures] = [[8, 14], mixtures.map(({ structure }) => structure)];
    const term = await prepareTerm(backend, algebra, structures, species, { ...settings, jitter: settings.solver.jitter }, null, stopwatch(), {});
    for (const { members } of folds) {
      const train = mixtures.filter((_, index) => !members.includes(index));
      // The baseline of the fit itself, from its report.
      const { diagnostics } = await fitPotential(backend, train, settings);
      const baseline = new Map([[8, diagnostics.baseline.energies["O"]!], [14, diagnostics.baseline.energies["Si"]!]]);
      const { gram, right } = await backend.accumulateNormalEquations(train.map((labeled) => fitStructure(labeled, baseline, settings.noise)), species, [term], {});
      const n = right.length;
      const w = eliminate(Array.from({ length: n }, (_, a) => Array.from({ length: n }, (__, b) => gram[a * n + b]! + Number(a === b))), [...right]);
      let column = 0;
      const centers = term.centers.map(({ factor, ...center }) => {
        const count = Math.sqrt(factor.length);
        const weights = algebra.solveLowerTransposed(factor, Float64Array.from(w.slice(column, column + count)), count);
        column += count;
        return { ...center, weights };
      });
      const evaluator = await backend.createEvaluator({ species, baseline, terms: [{ hyperparameters: term.hyperparameters, zeta: term.zeta, centers }], provenance: {} });
      const expected = await evaluator.predict([...members].map((index) => structures[index]!), { forces: true });
      evaluator.destroy();
      members.forEach((index, at) => {
        const { labels } = mixtures[index]!;
        if (labels.energy !== null) near(predictions[index]!.energy, expected[at]!.energy, 1e-7);
        labels.forces?.forEach((label, k) => Number.isNaN(label) || expect(Math.abs(predictions[index]!.forces![k]! - expected[at]!.forces![k]!)).toBeLessThan(1e-7));
        labels.virial?.forEach((label, k) => Number.isNaN(label) || expect(Math.abs(predictions[index]!.virial![k]! - expected[at]!.virial![k]!)).toBeLessThan(1e-6));
      });
    }
  });

  test("is refused where labels shape the features, and where a label has no row", async () => {
    const supervised = parseFitConfiguration({ ...small, sparse: { count: 8 }, basis: { kind: "optimal", primitive: { kind: "gto", nMax: 4 }, lMax: 2, channels: 2, gamma: 0.5 } });
    await expect(crossValidate(backend, silicons, supervised, { closedForm: true })).rejects.toThrow(
      '"optimalBasis.gamma": the closed form is not exact where labels shape the features: expected 1, got 0.5',
    );
    const without = { ...silicons[2]!, labels: { ...silicons[2]!.labels, trust: { forces: { sigma: null, weight: 0 } } } };
    await expect(crossValidate(backend, [...silicons.slice(0, 2), without], parseFitConfiguration(small), { folds: 3, closedForm: true })).rejects.toThrow(
      'structure 2, "forces": the closed form says nothing of a label that takes no part in the fit: expected a weight above 0, got 0',
    );
  });
});
