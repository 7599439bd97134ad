// Densities whose width and weight differ between elements, Eqs. (1), (2) and (5).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createElementTables } from "../../../src/basis/element-tables.js";
import { environmentOf, smearedDensity } from "../../../src/basis/density-grid.js";
import { featureLabels } from "../../../src/features/feature-layout.js";
import { parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { referenceDensityCoefficients } from "../../reference/density-coefficients.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters } from "./systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const density = { widths: { H: 0.25, O: 0.8 }, weights: { H: 0.4, C: -1.5, Si: 2 } };

test.each([["a molecule", ethanol()], ["a crystal", crystal([8, 14], 5)]])("coefficients are sums of each element's own Gaussians: %s", async (_, structure) => {
  const hyper = hyperparameters({ density: { ...density, centerWeight: 0.7 } });
  const { values, species } = await backend.computeDensityCoefficients([structure], hyper);
  const { nMax, lMax } = hyper.basis;
  const size = nMax * (lMax + 1) ** 2;
  const expected = referenceDensityCoefficients(structure, hyper).flatMap((center) => species.flatMap((z) => [...(center.get(z) ?? new Float64Array(size))]));
  expect(relativeDifference(values, Float64Array.from(expected))).toBeLessThan(1e-7);
});

test("a weight is a factor of the element's share in every feature", async () => {
  const [plain, weighted] = [hyperparameters({ features: { normalize: false } }), hyperparameters({ features: { normalize: false }, density: { weights: density.weights } })];
  const { values, size, species } = await backend.computeFeatures([ethanol()], plain);
  const found = await backend.computeFeatures([ethanol()], weighted);
  const { values: labels } = featureLabels(plain, species);
  const weight = (z: number): number => ({ 1: 0.4, 6: -1.5, 8: 1 })[z as 1];
  const expected = values.map((value, k) => value * weight(labels[5 * (k % size)]!) * weight(labels[5 * (k % size) + 1]!));
  expect(relativeDifference(found.values, expected)).toBeLessThan(1e-14);
});

test("widths and weights that are all the same change nothing", async () => {
  const same = hyperparameters({ density: { widths: { H: 0.5, C: 0.5 }, weights: { O: 1 } } });
  const [found, expected] = [await backend.computeFeatures([ethanol()], same), await backend.computeFeatures([ethanol()], hyperparameters())];
  expect(found.values).toEqual(expected.values);
});

describe("tables", () => {
  test("all have the finest grid that one of them needs, within the accuracy", () => {
    const hyper = hyperparameters({ density });
    const tables = createElementTables(hyper, [1, 6, 8, 7]);
    expect(new Set(tables.map(({ step, intervals }) => `${step} ${intervals}`)).size).toBe(1);
    for (const { error } of tables) expect(error).toBeLessThanOrEqual(hyper.basis.accuracy);
    expect(tables[0]!.values).not.toEqual(tables[1]!.values);
    const [one, other] = createElementTables(hyperparameters(), [1, 6]);
    expect(one).toBe(other);
  });

  test("the density on a grid has the element's width and weight", () => {
    const environment = environmentOf(ethanol(), 0, 4);
    const grid = { points: 8, halfWidth: 2 };
    const own = smearedDensity(environment, hyperparameters({ density: { widths: { H: 0.3 }, weights: { H: 2 } } }), 1, grid);
    const plain = smearedDensity(environment, hyperparameters({ density: { width: 0.3 } }), 1, grid);
    own.forEach((value, k) => expect(value).toBeCloseTo(2 * plain[k]!, 6));
  });
});

test("what has no width, and what is no element, is refused", async () => {
  const compute = (change: Parameters<typeof hyperparameters>[0]): Promise<unknown> => backend.computeFeatures([ethanol()], hyperparameters(change));
  await expect(compute({ density: { kind: "delta", widths: { H: 1 } } })).rejects.toThrow(/"density\.widths".*δ/);
  await expect(compute({ density: { widths: { H: 1 } }, basis: { kind: "dvr" } })).rejects.toThrow(/"density\.widths".*"gto" takes them/);
  await expect(compute({ density: { widths: { H: 0 } } })).rejects.toThrow(/"density\.widths\.H".*above 0/);
  await expect(compute({ density: { weights: { Xx: 1 } } })).rejects.toThrow(/"density\.weights".*symbols/);
  await expect(compute({ density: { weights: { H: Number.NaN } } })).rejects.toThrow(/"density\.weights\.H"/);
  expect(parseHyperparameters({ density: { weights: { H: 0.5 }, widths: { O: 0.4 } } }).density).toMatchObject({ weights: { H: 0.5 }, widths: { O: 0.4 } });
  expect(() => parseHyperparameters({ density: { weights: { H: "much" } } })).toThrow(/density\.weights\.H/);
});
