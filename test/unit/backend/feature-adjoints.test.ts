// The adjoint of the features against finite differences of the features themselves.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createRandom } from "../../../src/selection/random.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

test.each([
  ["power spectrum", () => crystal([6, 14], 5), hyperparameters()],
  ["widths and weights by element", ethanol, hyperparameters({ density: { widths: { H: 0.35, O: 0.6 }, weights: { H: 0.4, C: -1.5 } } })],
  ["bispectrum", ethanol, hyperparameters({ basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum", normalize: false } })],
  ["λ-SOAP", ethanol, hyperparameters({ basis: { nMax: 2, lMax: 2 }, features: { kind: "lambda-soap", lambda: 2 } })],
] as const)("%s", async (_, make, hyper) => {
  const structures = [make(), ethanol()].slice(0, 1);
  const species = [...new Set(structures.flatMap((structure) => [...structure.species]))].sort((a, b) => a - b);
  const { values } = await backend.computeFeatures(structures, hyper, { species });
  const random = createRandom(2);
  const outputs = 3;
  const gradients = Float64Array.from({ length: outputs * values.length }, () => random.normal());
  const [found] = await backend.computeFeatureAdjoints(structures, hyper, species, [gradients]);
  const [structure] = structures;
  const step = 1e-4;
  const numeric = new Float64Array(found!.length);
  for (let k = 0; k < structure!.positions.length; k++) {
    const moved = [-2, -1, 1, 2].map((n) => ({ ...structure!, positions: structure!.positions.map((value, j) => (j === k ? value + n * step : value)) }));
    const features = await Promise.all(moved.map(async (one) => (await backend.computeFeatures([one], hyper, { species })).values));
    for (let output = 0; output < outputs; output++) {
      const [a, b, c, d] = features.map((own) => own.reduce((sum, value, f) => sum + value * gradients[output * values.length + f]!, 0)) as [number, number, number, number];
      numeric[output * structure!.positions.length + k] = (a - 8 * b + 8 * c - d) / (12 * step);
    }
  }
  expect(relativeDifference(found!, numeric)).toBeLessThan(1e-7);
});
