// A cluster of any number of workers has the bits of one machine: every operation of the backend's contract, and a whole fit.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend, FitStructure } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createClusterBackend, runClusterWorker, type ClusterBackend } from "../../../src/cluster/index.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatModel } from "../../../src/model/model-file.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { crystal, hyperparameters, silicon } from "../backend/systems.js";
import { describeCluster, RedisServer } from "./redis-server.js";

describeCluster("the bits of a cluster", () => {
  const train = Array.from({ length: 60 }, (_, seed) => {
    // Some twenty tasks, three groups of sums, and a structure that is cut into ranges.
    const structure = silicon(seed === 40 ? 3 : 1 + (seed % 2), 0.1, seed + 1);
    return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
  });
  const configuration = parseFitConfiguration({ cutoff: { radius: 4 }, basis: { nMax: 4, lMax: 3 }, sparse: { count: 51 } });
  const structures = train.map(({ structure }) => structure);
  const mixed = [crystal([1, 6, 8], 9), crystal([8, 6], 5, 3), { ...crystal([1], 1, 4), cell: null, pbc: [false, false, false] as const }];
  let [server, local] = [null as unknown as RedisServer, null as unknown as Backend];

  beforeAll(async () => {
    server = await RedisServer.create();
    local = await createBackend("cpu", { threads: 2 });
  });
  afterAll(async () => {
    local.destroy();
    await server.destroy();
  });

  /** In this process: what a worker does with its jobs is the same in one of its own. */
  async function withWorkers<Result>(count: number, queue: string, job: (backend: ClusterBackend) => Promise<Result>): Promise<Result> {
    const ended = new AbortController();
    const workers = Array.from({ length: count }, () => runClusterWorker({ redis: server.url, queue, threads: 1, signal: ended.signal }));
    const backend = await createClusterBackend({ redis: server.url, queue });
    try {
      return await job(backend);
    } finally {
      backend.destroy();
      ended.abort();
      await Promise.all(workers);
    }
  }

  test.each([1, 2, 4])("a fit and predictions with %i workers", async (count) => {
    const expected = await fitPotential(local, train, configuration);
    const evaluator = await local.createEvaluator(expected.potential);
    const predicted = await evaluator.predict(structures);
    await withWorkers(count, `fit-${count}`, async (backend) => {
      const { potential } = await fitPotential(backend, train, configuration);
      expect(formatModel(potential)).toBe(formatModel(expected.potential));
      const remote = await backend.createEvaluator(potential);
      expect(await remote.predict(structures)).toEqual(predicted);
      expect((await remote.predict(structures, { forces: false })).map(({ energy }) => energy)).toEqual(predicted.map(({ energy }) => energy));
      // Structures and plans go once: most of the second prediction's bytes are there already.
      const before = backend.traffic;
      await remote.predict(structures);
      expect(backend.traffic.jobs).toBeGreaterThan(before.jobs);
      expect(backend.traffic.sentBytes).toBe(before.sentBytes);
      expect(backend.description).toMatch(/^cluster, \d workers? with \d threads?, SIMD/);
    });
  });

  test("every other operation, with elements, a chain of stages and weights of components", async () => {
    const spectrum = hyperparameters();
    const chain = hyperparameters({ features: { kind: "bispectrum", normalize: true } });
    const species = [1, 6, 8];
    const compute = async (backend: Backend): Promise<unknown[]> => {
      const features = await backend.computeFeatures(mixed, spectrum);
      const centers = species.map((z) => ({ species: z, projection: null, size: features.size }));
      const labelled = mixed.map((structure, k): FitStructure => ({
        structure, energy: k === 1 ? null : -k, forces: structure.positions.map((x) => 0.1 * x), virial: structure.cell,
        weights: { energy: 2, forces: structure.positions.map((_, n) => 1 + n), virial: Float64Array.of(1, 2, 3, 0, 1, 2) },
      }));
      const terms = [{
        hyperparameters: spectrum, zeta: 2,
        centers: species.map((z, k) => ({ species: z, projection: null, size: features.size, sparsePoints: features.values.slice(k * features.size, (k + 1) * features.size), factor: Float64Array.of(1.5) })),
      }];
      return [
        features, await backend.computeFeatures(mixed, chain), await backend.computeDensityCoefficients(mixed, spectrum),
        await backend.computeCovariance(mixed, spectrum, { mixed: true, centerDependent: true, weights: [1, 0.5, 0] }),
        await backend.computeComponents(mixed, spectrum, species, centers),
        await backend.computeFeatureAdjoints(mixed, spectrum, species, mixed.map(({ species: { length } }) => new Float64Array(length * features.size).fill(0.3))),
        await backend.computeFitRows(labelled, species, terms), await backend.accumulateNormalEquations(labelled, species, terms),
      ];
    };
    const expected = await compute(local);
    expect(await withWorkers(2, "operations", compute)).toEqual(expected);
  });

  test("workers with other kernels have a queue of their own", async () => {
    const ended = new AbortController();
    let waiting = "";
    const worker = runClusterWorker({ redis: server.url, queue: "kernels", threads: 1, kernels: "plain", signal: ended.signal });
    const backend = await createClusterBackend({ redis: server.url, queue: "kernels", onWaiting: (queue) => (waiting = queue) });
    const stopped = new AbortController();
    const job = backend.computeFeatures(mixed, hyperparameters(), { signal: stopped.signal }).catch((error: unknown) => error);
    // Its bits would be others.
    await expect.poll(() => waiting, { timeout: 5000 }).toContain("-fused-");
    stopped.abort(new Error("enough"));
    expect(await job).toEqual(new Error("enough"));
    backend.destroy();
    ended.abort();
    await worker;
  });

  test("wrong input is refused as on one machine", async () => {
    const broken = { ...silicon(1, 0.1), positions: silicon(1, 0.1).positions.map((x, k) => (k < 6 ? 0.5 : x)) };
    const message = (backend: Backend) => backend.computeFeatures([silicon(1, 0.1), broken], hyperparameters()).then(() => "", (error: Error) => `${error.name} ${error.message}`);
    const expected = await message(local);
    expect(expected).toContain("InputError structure 1");
    expect(await withWorkers(1, "wrong", message)).toBe(expected);
  });
});
