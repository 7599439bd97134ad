// Defaults that follow the data down to a single atom, and data that no fit can carry.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createStructure, type LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { shareOut } from "../../../src/training/sparse-points.js";
import { silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const small = { basis: { nMax: 4, lMax: 2 } };
const energies = (energy: number): LabeledStructure["labels"] => ({ energy, forces: null, virial: null, configType: "default" });
const dimer = (species: number[], length: number, energy: number): LabeledStructure => ({
  structure: createStructure({ species, positions: [0, 0, 0, length, 0, 0] }), labels: energies(energy),
});
const atom = (z: number, energy: number): LabeledStructure => ({ structure: createStructure({ species: [z], positions: [0, 0, 0] }), labels: energies(energy) });
const twelve = Array.from({ length: 12 }, (_, k): LabeledStructure => {
  const structure = silicon(1, 0.05, k + 1);
  return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
});

test.each([
  [[1], [1]], [[2], [2]], [[50], [50]], [[51], [50]], [[96], [50]], [[201], [51]], [[100000], [1000]], [[1, 9999], [1, 1000]], [[2, 3], [2, 3]],
])("%j environments per element leave %j points to themselves", (environments, points) => {
  const species = environments.map((_, k) => 14 + k);
  expect(shareOut("auto", species, environments)).toEqual(points);
  expect(shareOut(null, species, environments)).toEqual(points);
});

describe.each(["leverage", "fps", "cur", "random"] as const)("points by %s", (method) => {
  test.each<[string, LabeledStructure[]]>([
    ["twelve frames of eight atoms", twelve],
    ["one frame of two atoms", [dimer([14, 14], 2.3, -4)]],
    ["dimers, whose two environments are one", [1.1, 1.2, 1.3].map((r) => dimer([8, 8], r, -5 + (r - 1.2) ** 2))],
    ["elements with one environment each", [dimer([1, 9], 0.92, -6)]],
    ["an isolated atom alone", [atom(14, -100)]],
    ["isolated atoms and one molecule", [atom(1, -13), atom(9, -600), dimer([1, 9], 0.92, -619)]],
  ])("%s train as they are", async (_, data) => {
    const { potential, diagnostics, warnings } = await fitPotential(backend, data, parseFitConfiguration({ ...small, sparse: { method } }));
    expect(Object.values(diagnostics.sparse).every((count) => count >= 1)).toBe(true);
    expect(warnings).toEqual([]);
    const { errors } = await measureErrors(backend, potential, data);
    expect(errors.energy_mae!).toBeLessThan(0.01);
  });
});

test("what a fit starts from is told, and stays with the model", async () => {
  const { potential, diagnostics } = await fitPotential(backend, [atom(14, -100), dimer([14, 14], 2.3, -204)], parseFitConfiguration(small));
  expect(diagnostics.baseline).toEqual({ kind: "isolated", energies: { Si: -100 } });
  expect(potential.provenance).toEqual({ baseline: "isolated" });
  expect(potential.baseline.get(14)).toBe(-100);
});

describe("refused in words", () => {
  const fit = (data: LabeledStructure[], settings: object): Promise<unknown> => fitPotential(backend, data, parseFitConfiguration({ ...small, ...settings }));

  test.each([null, { threshold: 1e-6 }])("features that are all zero, compression %j", async (compression) => {
    await expect(fit([atom(14, -1)], { density: { centerWeight: 0 }, compression })).rejects.toThrow(/all features of Si are zero.*centerWeight 0/);
    const contraction = { mixed: false, channels: 1, species: [14], matrix: new Array<number>(12).fill(0) };
    await expect(fit(twelve.slice(0, 1), { basis: { ...small.basis, contraction }, compression })).rejects.toThrow(/all features of Si are zero/);
  });

  test("labels beyond what a fit can carry, by file, line, structure and atom", async () => {
    const structure = { ...twelve[1]!.structure, origin: { file: "wild.xyz", line: 11, structure: 1 } };
    const wild = (labels: Partial<LabeledStructure["labels"]>): LabeledStructure[] => [twelve[0]!, { structure, labels: { ...twelve[1]!.labels, ...labels } }];
    await expect(fit(wild({ energy: 1e300 }), {})).rejects.toThrow(/wild\.xyz:11, structure 1: energy beyond what a fit can carry.*got 1e\+300/);
    const forces = twelve[1]!.labels.forces!.map((value, k) => (k === 7 ? -1e200 : value));
    await expect(fit(wild({ forces }), {})).rejects.toThrow(/wild\.xyz:11, structure 1, atom 2: force beyond/);
    await expect(fit(wild({ virial: new Float64Array(9).fill(-Infinity) }), {})).rejects.toThrow(/virial beyond/);
    const { potential } = await fitPotential(backend, twelve.slice(0, 1), parseFitConfiguration(small));
    await expect(measureErrors(backend, potential, wild({ energy: -1e300 }))).rejects.toThrow(/wild\.xyz:11/);
    expect((await measureErrors(backend, potential, wild({ energy: 1e9 }))).errors.energy_rmse).toBeGreaterThan(1e7);
  });
});
