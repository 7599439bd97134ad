// Learning curves against fits made by hand to the same subsets, and what subsets must be.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend, Progress } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createStructure, type LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { defaultSizes, drawOrder, learningCurve } from "../../../src/training/learning-curve.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const settings = parseFitConfiguration({ cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 }, sparse: { count: 12 } });
const labelled = (k: number): LabeledStructure => {
  const structure = silicon(1, 0.08, k);
  return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
};
const structures = Array.from({ length: 12 }, (_, k) => labelled(k + 1));
const held = [labelled(20), labelled(21)];
const atom: LabeledStructure = { structure: createStructure({ species: [14], positions: [0, 0, 0] }), labels: { energy: -0.3, forces: null, virial: null, configType: "isolated_atom" } };

test("a single structure trains as it does alone, mean and deviation are those of the repeats, and all structures are fitted once", async () => {
  const { points, pool, test: tested, warnings } = await learningCurve(backend, structures, settings, { sizes: [1, 12, 4], repeats: 3, test: held });
  expect([points.map((point) => point.structures), points.map(({ repeats }) => repeats), pool, tested, warnings]).toEqual([[1, 4, 12], [3, 3, 1], 12, 2, []]);
  // Eight environments have no twelve points.
  expect(points.map(({ sparse, atoms }) => [sparse, atoms])).toEqual([[8, 8], [12, 32], [12, 96]]);
  const alone: number[] = [];
  for (const structure of structures) {
    const { potential } = await fitPotential(backend, [structure], { ...settings, sparse: { ...settings.sparse, count: 8 } });
    alone.push((await measureErrors(backend, potential, held)).errors.force_rmse!);
  }
  const got = points[0]!.fits.map((fit) => fit.force_rmse!);
  for (const value of got) expect(alone).toContain(value);
  expect(new Set(got).size).toBeGreaterThan(1);
  const mean = (got[0]! + got[1]! + got[2]!) / 3;
  expect(Math.abs(points[0]!.mean.force_rmse! - mean)).toBeLessThan(1e-15);
  expect(Math.abs(points[0]!.deviation.force_rmse! - Math.sqrt(got.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2))).toBeLessThan(1e-15);
  const { potential } = await fitPotential(backend, structures, settings);
  const whole = (await measureErrors(backend, potential, held)).errors;
  // The same structures in another order: which points are drawn differs.
  expect(Math.abs(points[2]!.mean.energy_rmse! - whole.energy_rmse!)).toBeLessThan(2 * whole.energy_rmse!);
  expect(points[2]!.deviation.energy_rmse).toBeNull();
  expect(points[2]!.mean.force_rmse!).toBeLessThan(points[0]!.mean.force_rmse!);
});

test("the same seed gives the same curve; a share is held out where no test is given", async () => {
  const curve = (seed: number) => learningCurve(backend, structures, settings, { sizes: [3], repeats: 2, seed });
  const [first, again, other] = [await curve(4), await curve(4), await curve(5)];
  expect(first).toEqual(again);
  expect(first.points).not.toEqual(other.points);
  expect([first.pool, first.test]).toEqual([10, 2]);
});

test("isolated atoms are in every subset, and counted in none", async () => {
  const { points, isolatedAtoms } = await learningCurve(backend, [atom, ...structures], settings, { sizes: [2], repeats: 1, test: held });
  expect([isolatedAtoms, points[0]!.structures, points[0]!.atoms]).toEqual([1, 2, 17]);
});

test("subsets of a repeat are nested in one order, whose beginning has every element", () => {
  const pool = Array.from({ length: 40 }, (_, k) => {
    const species = k === 7 ? [14, 9] : k === 23 ? [14, 8] : [14];
    return { structure: createStructure({ species, positions: species.flatMap((_z, at) => [3 * at, 0, 0]) }), labels: atom.labels };
  });
  for (let seed = 0; seed < 30; seed++) {
    const order = drawOrder(pool, 3, seed);
    expect([...order].sort((a, b) => a - b)).toEqual(pool.map((_, k) => k));
    expect(new Set([...order.subarray(0, 3)].flatMap((index) => [...pool[index]!.structure.species]))).toEqual(new Set([14, 9, 8]));
  }
  expect(new Set(Array.from({ length: 30 }, (_, seed) => drawOrder(pool, 3, seed)[0])).size).toBeGreaterThan(10);
});

test("an element that one structure alone has is in every subset, so that the test is possible", async () => {
  const withGermanium = (one: LabeledStructure): LabeledStructure => ({ ...one, structure: { ...one.structure, species: Uint8Array.of(14, 14, 14, 14, 14, 14, 14, 32) } });
  const pool = structures.map((one, k) => (k === 5 ? withGermanium(one) : one));
  const { points } = await learningCurve(backend, pool, settings, { sizes: [2, 3], repeats: 4, test: held.map(withGermanium) });
  expect(points.map(({ repeats }) => repeats)).toEqual([4, 4]);
});

test("what is not possible is refused by name", async () => {
  const refused = (options: Parameters<typeof learningCurve>[3], message: string, data = structures): Promise<void> =>
    expect(learningCurve(backend, data, settings, options)).rejects.toThrow(message);
  await refused({ sizes: [3, 13], test: held }, '"sizes": this size is not possible: expected whole numbers from 1 to 12, the structures to draw from, got 13');
  await refused({ sizes: [], test: held }, "got none");
  await refused({ repeats: 0 }, '"repeats"');
  await refused({ heldOut: 1 }, '"heldOut": this share is not possible: expected a number above 0 and below 1, got 1');
  await refused({}, "nothing to learn from", []);
  const strange = { ...held[0]!, structure: { ...held[0]!.structure, species: Uint8Array.of(14, 14, 14, 14, 14, 14, 14, 32) } };
  await refused({ sizes: [2], test: [strange] }, "an element of the test set is in none of 2 training structures: expected Si, got Ge");
  expect((await learningCurve(backend, structures, settings, { sizes: [2], repeats: 1, test: [structures[3]!] })).warnings).toMatchObject([{ code: "test-in-train" }]);
});

test("sizes follow the data, and progress is that of the whole", async () => {
  expect([defaultSizes(160), defaultSizes(12), defaultSizes(1)]).toEqual([[10, 20, 40, 80, 160], [1, 2, 3, 6, 12], [1]]);
  const heard: Progress[] = [];
  await learningCurve(backend, structures, settings, { sizes: [2, 4], repeats: 2, test: held, onProgress: (progress) => heard.push(progress) });
  expect([...new Set(heard.map(({ stage }) => stage))]).toEqual([1, 2].flatMap((repeat) => [2, 4].map((size) => `${size} structures, repeat ${repeat} of 2`)));
  expect(heard.at(-1)).toMatchObject({ done: 96, total: 96, secondsLeft: 0 });
});
