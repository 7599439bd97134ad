// Broadened histograms of distances and angles as projections against sums of Gaussians over neighbors and pairs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { angleHistogram, distanceHistogram } from "../../../src/projections/many-body-tensor.js";
import { deltaHyperparameters } from "../../../src/projections/neighbor-functions.js";
import { powerSpectrumWeights, radialSpectrumWeights, selfPairs } from "../../../src/projections/spectrum-weights.js";
import { cosineBetween, cosineCutoff, neighborsOf, sumOverNeighbors, sumOverPairs } from "../../reference/symmetry-functions.js";
import { columnErrors, projected, SYSTEMS, wholeCosine } from "./projected.js";

const RADIUS = 4.5;
const SPECIES = [1, 6, 8];
const cutoff = wholeCosine(RADIUS);
const fc = cosineCutoff(RADIUS);
const normal = (x: number, mean: number, sigma: number): number => Math.exp(-((x - mean) ** 2) / (2 * sigma ** 2)) / Math.sqrt(2 * Math.PI * sigma ** 2);
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

describe.each(SYSTEMS)("%s", (_, make) => {
  test.each([["distance", 0.5, [1, 1.7, 2.4, 3.1, 3.8]], ["inverse-distance", 0.12, [0.3, 0.5, 0.7, 0.9]]] as const)("the histogram of %s is the radial spectrum", async (of, sigma, grid) => {
    const structure = make();
    const functions = SPECIES.flatMap((element) => grid.map((x) => distanceHistogram({ element, of, x, sigma, decay: 2 })));
    const hyper = deltaHyperparameters(functions.slice(0, grid.length).map(({ radial }) => (r: number) => radial(r, 0)), { cutoff, lMax: 0, kind: "radial-spectrum" });
    const weights = radialSpectrumWeights(hyper, SPECIES, functions);
    const found = await projected(backend, structure, hyper, SPECIES, weights);
    const expected = Array.from(structure.species, (__, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      return SPECIES.flatMap((z) => grid.map((x) => sumOverNeighbors(neighbors, z, (r) => Math.exp(-r / 2) * normal(x, of === "distance" ? r : 1 / r, sigma) * fc(r))));
    });
    expect(Math.max(...weights.errors)).toBeLessThan(1e-8);
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });

  test("the histogram of angles is the limit of power spectra minus self pairs, within its own error", async () => {
    const structure = make();
    const [sigma, decay] = [0.4, 1.5];
    const choices = ([[1, 1], [1, 6]] as const).flatMap((elements) => [-0.9, 0.3].map((x) => ({ elements, x, sigma, decay })));
    const expected = Array.from(structure.species, (__, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      return choices.map(({ elements, x }) => sumOverPairs(neighbors, elements, (j, k) => Math.exp(-(j.r + k.r) / decay) * normal(x, cosineBetween(j, k), sigma) * fc(j.r) * fc(k.r)));
    });
    const errors: number[] = [];
    for (const lMax of [6, 12, 20]) {
      const sums = choices.map((choice) => angleHistogram(choice, lMax));
      const hyper = deltaHyperparameters([(r) => Math.exp(-r / decay)], { cutoff, lMax, kind: "power-spectrum" });
      const pairs = await projected(backend, structure, hyper, SPECIES, powerSpectrumWeights(hyper, SPECIES, sums));
      const selfHyper = deltaHyperparameters([(r) => Math.exp((-2 * r) / decay) * fc(r)], { cutoff, lMax: 0, kind: "radial-spectrum" });
      const self = await projected(backend, structure, selfHyper, SPECIES, radialSpectrumWeights(selfHyper, SPECIES, sums.map((sum) => selfPairs(sum, cutoff))));
      const found = pairs.map((row, i) => row.map((value, k) => value - self[i]![k]!));
      errors.push(Math.max(...columnErrors(found, expected, pairs)));
      // `error` bounds the missing part of N for every pair.
      const missing = Math.max(...sums.map(({ error }) => error));
      const all = Array.from(structure.species, (__, i) => {
        const neighbors = neighborsOf(structure, i, RADIUS);
        return choices.map(({ elements }) => sumOverPairs(neighbors, elements, (j, k) => Math.exp(-(j.r + k.r) / decay) * fc(j.r) * fc(k.r)) + sumOverNeighbors(neighbors, elements[0], (r) => (Math.exp(-r / decay) * fc(r)) ** 2));
      });
      found.forEach((row, i) => row.forEach((value, k) => expect(Math.abs(value - expected[i]![k]!)).toBeLessThan(1.5 * missing * all[i]![k]! + 1e-9)));
    }
    expect(errors[2]).toBeLessThan(1e-8);
  });
});
