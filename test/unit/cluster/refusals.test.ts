// Jobs that no leader has made are refused and told; who works and who waits do not notice.
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import { encode } from "../../../src/cluster/binary.js";
import { asBuffer, chunkOf } from "../../../src/cluster/chunks.js";
import { createClusterBackend, runClusterWorker } from "../../../src/cluster/index.js";
import { JOB, keys, PREFIX, queueName } from "../../../src/cluster/jobs.js";
import { recipeToSend } from "../../../src/cluster/schemas.js";
import { hyperparameters, silicon } from "../backend/systems.js";
import { describeCluster, RedisServer } from "./redis-server.js";

describeCluster("refused jobs of a cluster", () => {
  const own = hyperparameters();
  const { species, positions, cell, pbc } = silicon(1, 0.1);
  const structure = { species, positions, cell, pbc, first: 0, end: 8, origin: { structure: 0 } };
  const plan = recipeToSend({ kind: "features", hyperparameters: own, species: [14] }) as { hyperparameters: typeof own };
  const log: string[] = [];
  const ended = new AbortController();
  const run = randomUUID();
  let [server, redis, queue, worker] = [null as unknown as RedisServer, null as unknown as Redis, null as unknown as Queue, null as unknown as Promise<void>];
  let next = 1;

  beforeAll(async () => {
    server = await RedisServer.create();
    redis = server.client();
    await redis.set(keys.run(run), "1");
    queue = new Queue(queueName("lather"), { connection: redis, prefix: PREFIX });
    worker = runClusterWorker({ redis: server.url, threads: 1, signal: ended.signal, log: (text) => void log.push(text) });
  });
  afterAll(async () => {
    ended.abort();
    await worker;
    await queue.close();
    redis.disconnect();
    await server.destroy();
  });

  async function put(bytes: Uint8Array, hash = chunkOf(bytes).hash): Promise<string> {
    await redis.set(keys.chunk(hash), asBuffer(bytes));
    return hash;
  }

  /** Why the worker refuses a job, as it has told. */
  async function refusal(name: string, data: unknown, id = `${run}-${next++}`): Promise<string> {
    const [known, failed] = [log.length, await queue.getFailedCount()];
    await queue.add(name, data, { jobId: id, attempts: 5 });
    await expect.poll(() => log.length, { timeout: 5000 }).toBe(known + 1);
    // At the first try, and kept for whoever looks for it.
    expect(await queue.getFailedCount()).toBe(failed + 1);
    expect(log[known]).toContain(id);
    return log[known]!;
  }

  const task = async (recipe: unknown, structures: unknown, rest: unknown): Promise<string> =>
    refusal(JOB, { run, plan: await put(encode(recipe)), tasks: [[await put(encode(structures)), await put(encode(rest))]] });

  test("of another name, with other data, with another id", async () => {
    await expect.poll(() => log.length, { timeout: 5000 }).toBe(1);
    expect(await refusal("eval", { code: "process.exit()" })).toContain("unknown job");
    expect(await refusal(JOB, "process.exit()")).toContain("expected an object, got \"process.exit()\"");
    expect(await refusal(JOB, { run, plan: "/etc/passwd", tasks: [] })).toContain("\"plan\"");
    expect(await refusal(JOB, {}, "lather-stranger")).toContain("not the id of a leader's job");
  });

  test("whose chunks are not there, are others than their hash says, or no data", async () => {
    const good = await put(encode({ kind: "features" }));
    const tasks = [[good, good]];
    expect(await refusal(JOB, { run, plan: "0".repeat(64), tasks })).toContain("is not in Redis");
    expect(await refusal(JOB, { run, plan: await put(encode(plan), "1".repeat(64)), tasks })).toContain("other bytes than its hash says");
    expect(await refusal(JOB, { run, plan: await put(new TextEncoder().encode("module.exports = 1")), tasks })).toContain("not the bytes of a job");
    expect(await refusal(JOB, { run, plan: await put(encode(plan).subarray(0, 100)), tasks })).toContain("not the bytes of a job");
    expect(await refusal(JOB, { run: randomUUID(), plan: await put(encode(plan)), tasks })).toContain("nobody waits");
  });

  test("whose plan, structures or options are out of range or do not fit together", async () => {
    const features = { kind: "features" };
    const cases: [string, unknown, unknown, unknown][] = [
      ["a kind of plan", { kind: "code", text: "1" }, [structure], features],
      ["\"radial", { ...plan, hyperparameters: { ...own, basis: { ...own.basis, radial: "x" } } }, [structure], features],
      ["\"basis.nMax\"", { ...plan, hyperparameters: { ...own, basis: { ...own.basis, nMax: 1e9 } } }, [structure], features],
      ["\"cutoff.radius\"", { ...plan, hyperparameters: { ...own, cutoff: { ...own.cutoff, radius: -1 } } }, [structure], features],
      ["atomic numbers, ascending", { ...plan, species: [14, 14] }, [structure], features],
      ["the model of a job", { kind: "potential", model: "{}" }, [structure], { kind: "predict", forces: true }],
      ["a projection of", { ...plan, kind: "components", centers: [{ species: 14, projection: new Float64Array(3), size: 2 }] }, [structure], { kind: "components" }],
      ["a square factor", { kind: "fit", species: [14], terms: [{ hyperparameters: own, zeta: 2, centers: [{ species: 14, projection: new Float64Array(40), size: 1, sparsePoints: new Float64Array(2), factor: new Float64Array(3) }] }] }, [structure], { kind: "rows", labels: [], keepRows: false }],
      ["a kind of task", plan, [structure], { kind: "row sums" }],
      ["coefficients, covariance, features, adjoints", plan, [structure], { kind: "predict", forces: false }],
      ["a list of structures", plan, structure, features],
      ["arrays that fit together", plan, [{ ...structure, end: 9 }], features],
      ["arrays that fit together", plan, [{ ...structure, positions: positions.subarray(3) }], features],
      ["finite numbers, got Float64Array of 24", plan, [{ ...structure, positions: positions.map((x, k) => (k === 5 ? NaN : x)) }], features],
      ["structures.0.species", plan, [{ ...structure, species: species.map((z, k) => (k === 7 ? 6 : z)) }], features],
      ["sums.blockOf", plan, [structure], { kind: "covariance", sums: { centers: 1, mixed: false, blockOf: Int32Array.of(7), weights: Float64Array.of(1) } }],
      ["sums.weights", plan, [structure], { kind: "covariance", sums: { centers: 1, mixed: false, blockOf: Int32Array.of(0), weights: new Float64Array(0) } }],
      ["numbers for every center", plan, [structure], { kind: "adjoints", gradients: [new Float64Array(5)] }],
    ];
    for (const [words, recipe, structures, rest] of cases) expect(await task(recipe, structures, rest), words).toContain(words.replace("\"radial", "radial"));
  });

  test("labels of another size", async () => {
    const size = 40;
    const center = { species: 14, projection: null, size, sparsePoints: new Float64Array(size).fill(0.1), factor: Float64Array.of(1) };
    const fit = { kind: "fit", species: [14], terms: [{ hyperparameters: own, zeta: 2, centers: [center] }] };
    const weights = { energy: 1, forces: 1, virial: 1 };
    const rows = (labels: object) => task(fit, [structure], { kind: "rows", labels: [labels], keepRows: false, endsSum: true });
    expect(await rows({ energy: 1, forces: new Float64Array(23), virial: null, weights })).toContain("labels.0.forces");
    expect(await rows({ energy: 1, forces: null, virial: new Float64Array(6), weights })).toContain("labels.0.virial");
    expect(await rows({ energy: 1, forces: null, virial: null, weights: { ...weights, forces: new Float64Array(2) } })).toContain("labels.0.weights.forces");
    expect(await rows({ energy: "1", forces: null, virial: null, weights })).toContain("a number");
  });

  test("the worker is as well as before, and nothing of others is lost", async () => {
    const structures = Array.from({ length: 100 }, (_, seed) => silicon(1, 0.1, seed + 1));
    const backend = await createClusterBackend({ redis: server.url });
    const local = await createBackend("cpu", { threads: 1 });
    const computed = backend.computeFeatures(structures, own);
    const told = await refusal("eval", { code: "1" });
    expect(told).toContain("unknown job");
    expect(await computed).toEqual(await local.computeFeatures(structures, own));
    backend.destroy();
    local.destroy();
  });
});
