// A device that is destroyed in mid-job: the job goes on on a new one with the same bits, on the CPU, or fails.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Backend, Features, FitStructure, JobOptions, NormalEquations } from "../../src/backend/backend.js";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { GpuError } from "../../src/errors.js";
import { createRandom } from "../../src/selection/random.js";
import { relativeDifference } from "../reference/norms.js";
import { hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters({ cutoff: { radius: 3 }, basis: { nMax: 2, lMax: 1 } });
const structures = Array.from({ length: 10 }, (_, seed) => silicon(2, 0.1, seed));
const atoms = 640;

const projections = [{ species: 14, size: 3, projection: new Float64Array(3 * 6).fill(0.1) }];

/** Devices that were asked for since the test began. */
let opened: GPUDevice[] = [];
/** Submissions to the newest device, and after which of them it is lost, for how many devices: a point of the work, however fast they are. */
let submissions = 0;
let plan = { losses: 0, after: 0 };
let restore = (): void => undefined;

beforeEach(() => {
  opened = [];
  plan = { losses: 0, after: 0 };
  const gpu = findGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (!adapter) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      opened.push(device);
      submissions = 0;
      const submit = device.queue.submit.bind(device.queue);
      device.queue.submit = (commands) => {
        submit(commands);
        if (device !== opened.at(-1) || ++submissions < plan.after || plan.losses === 0) return;
        plan.losses--;
        device.destroy();
      };
      return device;
    };
    return adapter;
  };
  restore = () => (gpu.requestAdapter = requestAdapter);
});
afterEach(() => restore());

/** Notes how far a job is at each report, and destroys the newest device at these: for jobs that wait for each of their parts. */
function losing(...reports: number[]): JobOptions & { readonly done: number[] } {
  const done: number[] = [];
  return {
    done,
    onProgress: (progress) => {
      done.push(progress.done);
      if (reports.includes(done.length)) opened.at(-1)!.destroy();
    },
  };
}

/** What a job gives when nothing happens. The next job then loses so many devices, each after a third of these submissions. */
async function undisturbed<T>(job: () => Promise<T>, losses: number): Promise<T> {
  submissions = 0;
  const result = await job();
  expect(submissions).toBeGreaterThan(9);
  plan = { losses, after: Math.floor(submissions / 3) };
  submissions = 0;
  return result;
}

async function fit(backend: Backend, options: JobOptions): Promise<NormalEquations> {
  const { terms: [term] } = await randomPotential(backends.cpu, silicon(1, 0.1), hyper);
  const factor = Float64Array.from({ length: 25 }, (_, k) => Number(k % 6 === 0));
  const data = structures.map((structure): FitStructure => {
    const forces = structure.positions.map((value) => Math.sin(value));
    return { structure, energy: -1, forces, virial: null, weights: { energy: 1, forces: 1, virial: 1 } };
  });
  const centers = term!.centers.map((center) => ({ ...center, factor }));
  return backend.accumulateNormalEquations(data, [14], [{ hyperparameters: hyper, zeta: 2, centers }], options);
}

const jobs: [string, (backend: Backend, options: JobOptions) => Promise<Features | NormalEquations | Map<number, Float64Array>>][] = [
  ["features", (backend, options) => backend.computeFeatures(structures, hyper, options)],
  ["coefficients", (backend, options) => backend.computeDensityCoefficients(structures, hyper, options)],
  ["components", (backend, options) => backend.computeComponents(structures, hyper, [14], projections, options)],
  ["fit", fit],
];

function numbers(result: Features | NormalEquations | Map<number, Float64Array>): Float64Array {
  if (result instanceof Map) return result.get(14)!;
  return "gram" in result ? result.gram : result.values;
}

/** Three devices compile their programs in one test. */
const timeout = 180_000;

test.each(jobs)("%s: goes on on a new device, to the same bits", { timeout }, async (name, job) => {
  const gpu = await createGpu({ chunkRows: 50 });
  const expected = await undisturbed(() => job(gpu, {}), 2);
  const options = losing();
  expect(await job(gpu, options)).toEqual(expected);
  expect(opened).toHaveLength(3);
  expect(options.done.at(-1)).toBe(atoms);
  // Only the features begin again, whose structures are a single batch.
  if (name === "fit") expect(options.done).toEqual([...new Set(options.done)].sort((a, b) => a - b));
  gpu.destroy();
});

test.each(jobs)("%s: the CPU takes the rest when it is to", { timeout }, async (_, job) => {
  const gpu = await createGpu({ chunkRows: 50, onDeviceLost: "cpu" });
  await undisturbed(() => job(gpu, {}), 1);
  const options = losing();
  const [found, expected] = [await job(gpu, options), await job(backends.cpu, {})];
  expect(plan.losses).toBe(0);
  expect(opened).toHaveLength(1);
  expect(relativeDifference(numbers(found), numbers(expected))).toBeLessThan(1e-5);
  expect(options.done.at(-1)).toBe(atoms);
  // Nothing is left to the lost device afterwards.
  expect(await gpu.computeFeatures(structures.slice(0, 1), hyper)).toEqual(await backends.cpu.computeFeatures(structures.slice(0, 1), hyper));
  gpu.destroy();
});

test.each(["resume", "cpu"] as const)("farthest points: %s", { timeout }, async (onDeviceLost) => {
  const random = createRandom(4);
  const points = Float64Array.from({ length: 200 * 6 }, () => random.normal());
  const gpu = await createGpu({ onDeviceLost });
  const [expected, found]: [number[], number[]] = [[], []];
  for await (const index of backends.cpu.farthestPoints(points, 6, 150, 2, 7)) expected.push(index);
  for await (const index of gpu.farthestPoints(points, 6, 150, 2, 7)) {
    found.push(index);
    if (found.length === 5 || found.length === 100) opened.at(-1)!.destroy();
  }
  expect(found).toEqual(expected);
  expect(opened).toHaveLength(onDeviceLost === "cpu" ? 1 : 3);
  gpu.destroy();
});

test("a job fails when it is to, and at the third loss without progress; evaluators end with their device", { timeout }, async () => {
  const failing = await createGpu({ chunkRows: 50, onDeviceLost: "fail" });
  await expect(failing.computeFeatures(structures, hyper, losing(1))).rejects.toThrow(GpuError);
  await expect(failing.computeFeatures(structures, hyper)).rejects.toThrow(/lost/);
  expect(opened).toHaveLength(1);
  failing.destroy();

  const gpu = await createGpu({ chunkRows: 50 });
  const potential = await randomPotential(backends.cpu, structures[0]!, hyper);
  const evaluator = await gpu.createEvaluator(potential);
  const [expected] = await evaluator.predict(structures.slice(0, 1));
  // All structures are one batch: no loss before its end leaves any progress.
  const options = losing(1, 2, 3, 4);
  await expect(gpu.computeFeatures(structures, hyper, options)).rejects.toThrow(/lost/);
  expect(options.done).toEqual([50, 50, 50]);
  await expect(evaluator.predict(structures.slice(0, 1))).rejects.toThrow(/lost.*begin again/);
  expect(await (await gpu.createEvaluator(potential)).predict(structures.slice(0, 1))).toEqual([expected]);
  gpu.destroy();
});
