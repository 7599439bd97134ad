// The weights of a fit are large and alternate in sign. What they leave over must survive float32 (src/backend/gpu/centered-model.ts).
import { expect, test } from "vitest";
import { createLinearAlgebra } from "../../src/linalg/linear-algebra.js";
import type { CenterModel, Potential } from "../../src/model/potential.js";
import { createRandom } from "../../src/selection/random.js";
import { largestDifference, relativeDifference } from "../reference/norms.js";
import { hyperparameters, silicon } from "../unit/backend/systems.js";
import { withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters();
const zeta = 4;

/** Interpolates a smooth function with a little noise at the environments of a crystal: K x = y. */
async function interpolation(): Promise<CenterModel> {
  const { values, size } = await backends.cpu.computeFeatures([silicon(2, 0.1)], hyper);
  const algebra = await createLinearAlgebra();
  const points = values.length / size;
  const kernel = algebra.multiply(values, values, { m: points, n: points, k: size, transB: true }).map((product) => product ** zeta);
  for (let m = 0; m < points; m++) kernel[m * points + m]! += 1e-10;
  const random = createRandom(2);
  const direction = Float64Array.from({ length: size }, () => random.normal());
  const targets = algebra.multiply(values, direction, { m: points, n: 1, k: size }).map((value) => 0.3 * value ** 2 + 3e-3 * random.normal());
  const factor = algebra.cholesky(kernel, points);
  const weights = algebra.solveLowerTransposed(factor, algebra.solveLower(factor, targets, points), points);
  return { species: 14, projection: null, size, sparsePoints: values, weights };
}

/** Environment energies of Eq. (16), every step rounded to float32. */
function plainFloat32({ sparsePoints, weights, size }: CenterModel, features: Float64Array): number[] {
  const round = Math.fround;
  return Array.from({ length: features.length / size }, (_, center) => {
    let energy = 0;
    weights.forEach((weight, m) => {
      let product = 0;
      for (let q = 0; q < size; q++) product = round(product + round(round(features[center * size + q]!) * round(sparsePoints[m * size + q]!)));
      energy = round(energy + round(round(weight) * round(round(product * product) * round(product * product))));
    });
    return energy;
  });
}

test("energies within 0.01 meV per environment where a plain float32 sum is off by more than 10 meV", async () => {
  const center = await interpolation();
  expect(center.weights.reduce((sum, weight) => sum + Math.abs(weight), 0)).toBeGreaterThan(1e5);
  const potential: Potential = { species: [14], baseline: new Map([[14, 0]]), terms: [{ hyperparameters: hyper, zeta, centers: [center] }], provenance: {} };
  const structures = [silicon(1, 0.08, 5), silicon(1, 0.12, 6)];
  const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
  const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
  const local = expected.flatMap(({ localEnergies }) => [...localEnergies]);
  const plain = plainFloat32(center, (await backends.cpu.computeFeatures(structures, hyper)).values);
  expect(largestDifference(plain, local)).toBeGreaterThan(1e-2);
  expect(
    largestDifference(
      found.flatMap(({ localEnergies }) => [...localEnergies]),
      local,
    ),
  ).toBeLessThan(1e-5);
  const forces = (predictions: typeof found): number[] => predictions.flatMap((prediction) => [...prediction.forces!]);
  expect(relativeDifference(forces(found), forces(expected))).toBeLessThan(5e-5);
});
