// Covariances that the GPU sums in float32 against those of the CPU; the same bits whatever the size of the chunks.
import { describe, expect, test } from "vitest";
import type { CovarianceOptions } from "../../src/backend/backend.js";
import { createStructure } from "../../src/structure/structure.js";
import { createOptimalBasis } from "../../src/training/optimal-basis.js";
import { largestDifference, relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, hyperparameters, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
// More than one group of 64 rows, and groups that two elements share.
const structures = [ethanol(), silicon(2, 0.1), lonely, crystal([6, 14, 8], 7), silicon(2, 0.1, 5), ethanol()];
const species = [1, 6, 8, 14];
const hyper = hyperparameters({ basis: { nMax: 5, lMax: 2 } });
const weights = [1, 0.5, 2, 1, 0, 3];

const choices: [string, CovarianceOptions][] = [
  ["per element", {}],
  ["mixed, weighted", { mixed: true, weights }],
  ["centers of two elements", { centers: [14, 6], weights }],
  ["a matrix for each element of the centers", { centerDependent: true }],
  ["the same, mixed, for two of them", { centerDependent: true, mixed: true, centers: [8, 6], weights }],
];

describe.each(choices)("%s", (_, choice) => {
  test("the sums are those of the CPU", async () => {
    const options = { ...choice, species };
    const cpu = await backends.cpu.computeCovariance(structures, hyper, options);
    const gpu = await backends.gpu.computeCovariance(structures, hyper, options);
    expect({ ...gpu, sums: null, rounding: null }).toEqual({ ...cpu, sums: null, rounding: null });
    expect(relativeDifference(gpu.sums, cpu.sums)).toBeLessThan(1e-6);
  });
});

test("in chunks of 1 and 130 rows", async () => {
  const options = { centerDependent: true, mixed: true, species, weights };
  const expected = await backends.gpu.computeCovariance(structures, hyper, options);
  for (const chunkRows of [1, 130]) {
    const gpu = await createGpu({ chunkRows });
    expect(await gpu.computeCovariance(structures, hyper, options)).toEqual(expected);
    gpu.destroy();
  }
});

test.each([{ mixed: true, centerDependent: true }, { mixed: false, gamma: 0.2, target: structures.map((_, s) => Math.cos(s)) }])(
  "the optimal basis is that of the CPU: %j",
  async (form) => {
    const options = { ...form, channels: 3, species };
    const cpu = await createOptimalBasis(backends.cpu, structures, hyper, options);
    const gpu = await createOptimalBasis(backends.gpu, structures, hyper, options);
    expect(gpu.kept).toEqual(cpu.kept);
    expect(Math.abs(gpu.residualVariance - cpu.residualVariance)).toBeLessThan(1e-6);
    expect(largestDifference(gpu.hyperparameters.basis.contraction!.matrix, cpu.hyperparameters.basis.contraction!.matrix)).toBeLessThan(1e-3);
  },
);

test("no structures have no covariance, and buffers do not stay", async () => {
  const none = await backends.gpu.computeCovariance([], hyper, { species });
  expect([none.weight, none.sums.every((value) => value === 0)]).toEqual([0, true]);
  await backends.gpu.computeCovariance(structures, hyper, { species });
  const before = backends.gpu.bufferCount;
  await backends.gpu.computeCovariance(structures, hyper, { species });
  expect(backends.gpu.bufferCount).toBe(before);
});
