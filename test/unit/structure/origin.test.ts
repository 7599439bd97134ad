// Errors about a structure say which one it is: where it was read, or its index in the list given, also when a job works on parts of the list.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, FitStructure } from "../../../src/backend/backend.js";
import { CpuBackend } from "../../../src/backend/cpu/cpu-backend.js";
import { CapacityError, InputError, NumericalError } from "../../../src/errors.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { located, locating, originOf, withOrigins } from "../../../src/structure/origin.js";
import { createStructure, type LabeledStructure, type Structure } from "../../../src/structure/structure.js";
import { defaultFitConfiguration } from "../../../src/training/configuration.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { crystal, hyperparameters, randomPotential, silicon } from "../backend/systems.js";

const clash = createStructure({ species: [14, 14], positions: [1, 1, 1, 1, 1, 1] });
const read = parseExtxyz(formatExtxyz(silicon(1, 0.1)) + formatExtxyz(clash), "a.xyz");

test("located: details, message, class and cause; a place that is known already stays", () => {
  const cause = new CapacityError("too many", { key: "cutoff", atom: 3, structure: 0 });
  const found = located(cause, { file: "a.xyz", line: 7, structure: 2 });
  expect(found).toBeInstanceOf(CapacityError);
  expect(found).toMatchObject({ what: "too many", cause, details: { file: "a.xyz", line: 7, structure: 2, atom: 3, key: "cutoff" } });
  expect((found as Error).message).toBe('a.xyz:7, structure 2, atom 3, "cutoff": too many');
  const placed = new InputError("x", { file: "b.xyz" });
  expect(located(placed, { structure: 1 })).toBe(placed);
  expect(located(new NumericalError("x"), undefined)).toMatchObject({ details: {} });
  const foreign = new TypeError("x");
  expect(() => locating({ origin: { structure: 1 } }, () => { throw foreign; })).toThrow(foreign);
  expect(locating({}, () => 5)).toBe(5);
});

test("origins: what is read keeps its own, the rest is counted", () => {
  expect(originOf(read[1]!, 9)).toEqual({ file: "a.xyz", line: 11, structure: 1 });
  expect(withOrigins([clash, read[1]!, clash]).map(({ origin }) => origin)).toEqual([{ structure: 0 }, { file: "a.xyz", line: 11, structure: 1 }, { structure: 2 }]);
  expect(withOrigins(read)).toBe(read);
  // What was made in memory is not changed.
  expect(clash.origin).toBeUndefined();
});

test("what cannot be written", () => {
  const odd: Structure = { ...read[1]!, info: new Map([["pbc", 1]]) };
  expect(() => formatExtxyz(odd)).toThrow(/^a\.xyz:11, structure 1, "pbc": key cannot be written/);
});

describe("every job of a backend", () => {
  let backend: Backend;
  beforeAll(async () => (backend = await CpuBackend.create(2)));
  afterAll(() => backend.destroy());
  const settings = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
  // More atoms than one task or one portion has, so that what is wrong is not in the first.
  const before = Array.from({ length: 260 }, (_, seed) => silicon(1, 0.1, seed + 1));
  const lists: [string, readonly Structure[], object][] = [
    ["in memory", [...before, clash], { structure: 260, atom: 0, key: "positions" }],
    ["read", [...before, read[1]!], { file: "a.xyz", line: 11, structure: 1, atom: 0, key: "positions" }],
  ];
  const labels = (structure: Structure): LabeledStructure => ({ structure, labels: { energy: -1, forces: null, virial: null, configType: "default" } });
  const configuration = { ...defaultFitConfiguration, ...settings, sparse: { count: 2, method: "random" as const, seed: 1 } };
  const jobs: [string, (structures: readonly Structure[]) => Promise<unknown>][] = [
    ["features", (structures) => backend.computeFeatures(structures, settings)],
    ["coefficients", (structures) => backend.computeDensityCoefficients(structures, settings)],
    ["covariance", (structures) => backend.computeCovariance(structures, settings)],
    ["components", (structures) => backend.computeComponents(structures, settings, [14], [{ species: 14, projection: null, size: 6 }])],
    ["rows of a fit", (structures) => {
      const centers = [{ species: 14, projection: null, size: 6, sparsePoints: new Float64Array(6).fill(0.1), factor: Float64Array.of(1) }];
      const data = structures.map((structure): FitStructure => ({ structure, energy: 1, forces: null, virial: null, weights: { energy: 1, forces: 1, virial: 1 } }));
      return backend.accumulateNormalEquations(data, [14], [{ hyperparameters: settings, zeta: 2, centers }]);
    }],
    ["predictions", async (structures) => {
      const evaluator = await backend.createEvaluator(await randomPotential(backend, structures[0]!, settings));
      return evaluator.predict(structures);
    }],
    ["a fit", (structures) => fitPotential(backend, structures.map(labels), configuration)],
    ["an optimal basis", (structures) => createOptimalBasis(backend, structures, settings, { channels: 1, target: structures.map(() => 1), gamma: 0.5 })],
  ];
  describe.each(lists)("%s", (_, structures, details) => {
    test.each(jobs)("%s", async (__, job) => {
      const error: unknown = await job(structures).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).what).toBe("atoms 0 and 1 stand on one site");
      expect((error as InputError).details).toMatchObject(details);
    });
  });

  test("an element that is unknown", async () => {
    const gold = parseExtxyz("1\n\nAu 0 0 0\n", "gold.xyz")[0]!;
    await expect(backend.computeFeatures([before[0]!, gold], settings, { species: [14] })).rejects.toMatchObject({ details: { file: "gold.xyz", line: 1, structure: 0, atom: 0 } });
    const { origin: _, ...made } = gold;
    await expect(backend.computeFeatures([before[0]!, made], settings, { species: [14] })).rejects.toMatchObject({ details: { structure: 1, atom: 0 } });
  });

  test("predictions give back the very structures", async () => {
    const evaluator = await backend.createEvaluator(await randomPotential(backend, crystal([14], 3), settings));
    const given = [before[0]!, read[0]!];
    let at = 0;
    for await (const { structure } of evaluator.predictStream(given)) expect(structure).toBe(given[at++]);
    expect(at).toBe(2);
  });
});
