// Covariances that the workers sum, against the plain sums over the coefficients; the same bits on any number of threads.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, CovarianceOptions } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { InputError } from "../../../src/errors.js";
import { createStructure } from "../../../src/structure/structure.js";
import { referenceCovariance } from "../../reference/covariance.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, silicon } from "./systems.js";

let [one, two]: Backend[] = [];
beforeAll(async () => {
  [one, two] = [await createBackend("cpu", { threads: 1 }), await createBackend("cpu", { threads: 2 })];
});
afterAll(() => [one, two].forEach((backend) => backend!.destroy()));

const empty = createStructure({ species: [], positions: [] });
const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
// The silicon is cut into ranges of centers, the others are put together.
const structures = [ethanol(), empty, silicon(3, 0.1), lonely, crystal([6, 14, 8], 7)];
const species = [1, 6, 8, 14];
const hyper = hyperparameters({ basis: { nMax: 5, lMax: 2 } });
const weights = [1, 1, 0.5, 0, 2];

const choices: [string, CovarianceOptions][] = [
  ["per element", {}],
  ["mixed", { mixed: true }],
  ["weighted", { weights }],
  ["centers of two elements", { mixed: true, centers: [8, 6], weights }],
  ["a matrix for each element of the centers", { centerDependent: true }],
  ["the same, mixed, for two of them", { centerDependent: true, mixed: true, centers: [8, 6], weights }],
];

describe.each(choices)("%s", (_, choice) => {
  test("the sums are those over the coefficients, on one thread or two", async () => {
    const found = await two!.computeCovariance(structures, hyper, { ...choice, species });
    const { values, centers } = await two!.computeDensityCoefficients(structures, hyper, { species });
    const ofCenter = structures.flatMap((structure, s) => Array.from(structure.species, () => choice.weights?.[s] ?? 1));
    const wanted = choice.centers ?? species;
    const expected = referenceCovariance({ species: 4, nMax: 5, lMax: 2 }, values, {
      mixed: choice.mixed ?? false,
      weights: ofCenter.map((w, i) => (wanted.includes(centers[i]!) ? w : 0)),
      ...(choice.centerDependent && { centers: wanted, elements: centers }),
    });
    expect({ ...found, sums: null }).toEqual({ ...expected, sums: null });
    expect(relativeDifference(found.sums, expected.sums)).toBeLessThan(1e-13);
    expect(await one!.computeCovariance(structures, hyper, { ...choice, species })).toEqual(found);
  });
});

test("a contraction and a radial spectrum make no difference: it is that of the primitive basis, of all degrees", async () => {
  const contraction = { mixed: false, channels: 1, species, matrix: new Array(4 * 3 * 5).fill(1) };
  const contracted = { ...hyper, basis: { ...hyper.basis, contraction }, features: { kind: "radial-spectrum" as const, normalize: true } };
  expect(await one!.computeCovariance([ethanol()], contracted, { species })).toEqual(await one!.computeCovariance([ethanol()], hyper, { species }));
});

test("no structures, or none with a weight, have no covariance", async () => {
  const nothing = await one!.computeCovariance([], hyper, { species });
  for (const none of [nothing, await one!.computeCovariance([ethanol()], hyper, { species, weights: [0] })]) {
    expect([none.weight, none.sums.every((value) => value === 0), none.sums.length]).toEqual([0, true, 4 * 3 * 25]);
  }
});

test("weights that do not fit are refused, and unknown elements", async () => {
  await expect(one!.computeCovariance([ethanol()], hyper, { weights: [1, 1] })).rejects.toThrow(/expected 1, one per structure, got 2/);
  for (const weight of [-1, NaN, Infinity]) {
    await expect(one!.computeCovariance([ethanol()], hyper, { weights: [weight] })).rejects.toThrow(InputError);
  }
  await expect(one!.computeCovariance([ethanol()], hyper, { species: [1, 6] })).rejects.toThrow(/expected H, C, got O/);
});
