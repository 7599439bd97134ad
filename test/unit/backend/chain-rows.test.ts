// The rows of a fit, made of derivatives of the features (tangent), against the forces and virials of the same potential (adjoint).
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend, FitCenter, FitStructure } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const CASES = [
  ["power spectrum", () => crystal([6, 14, 8], 6), hyperparameters()],
  ["radial spectrum", ethanol, hyperparameters({ features: { kind: "radial-spectrum" } })],
  ["bispectrum of three elements", ethanol, hyperparameters({ basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum", pseudoscalars: true } })],
  ["bispectrum, many neighbors", () => silicon(1, 0.1), hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 2, lMax: 3 }, features: { kind: "bispectrum" } })],
  ["λ-SOAP, not normalized", () => crystal([6, 14], 5), hyperparameters({ features: { kind: "lambda-soap", lambda: 1, normalize: false } })],
] as const;

test.each(CASES)("%s", async (_, make, hyper) => {
  const structure = make();
  const potential = await randomPotential(backend, structure, hyper, { zeta: 2 });
  const [term] = potential.terms;
  // With G = 1 the rows are those of L K themselves.
  const centers = term!.centers.map(({ weights, ...center }): FitCenter => {
    const points = weights.length;
    const factor = new Float64Array(points * points);
    for (let k = 0; k < points; k++) factor[k * points + k] = 1;
    return { ...center, factor };
  });
  const atoms = structure.species.length;
  const data: FitStructure = {
    structure, energy: 0, forces: new Float64Array(3 * atoms), virial: new Float64Array(9), weights: { energy: 1, forces: 1, virial: 1 },
  };
  const { values, targets } = await backend.computeFitRows([data], potential.species, [{ ...term!, centers }]);
  const x = term!.centers.flatMap(({ weights }) => [...weights]);
  const rows = Array.from(targets, (__, row) => x.reduce((sum, weight, column) => sum + weight * values[row * x.length + column]!, 0));
  const evaluator = await backend.createEvaluator(potential);
  const [prediction] = await evaluator.predict([structure]);
  evaluator.destroy();
  const baseline = structure.species.reduce((sum, z) => sum + potential.baseline.get(z)!, 0);
  const { energy, forces, virial } = prediction!;
  const voigt = [0, 4, 8, 5, 2, 1].map((k) => virial![k]!);
  expect(relativeDifference(rows.slice(0, 1), [energy - baseline])).toBeLessThan(1e-12);
  expect(relativeDifference(rows.slice(1, 1 + 3 * atoms), forces!)).toBeLessThan(1e-11);
  expect(relativeDifference(rows.slice(1 + 3 * atoms), voigt)).toBeLessThan(1e-11);
});
