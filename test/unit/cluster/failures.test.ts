// What goes wrong on several machines: workers die, Redis starts anew, the user changes her mind. The bits are those of one machine all the same.
import { Queue } from "bullmq";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend, JobOptions } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createClusterBackend, runClusterWorker } from "../../../src/cluster/index.js";
import { PREFIX, queueName } from "../../../src/cluster/jobs.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatModel } from "../../../src/model/model-file.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { hyperparameters, silicon } from "../backend/systems.js";
import { withExecutable, type Running } from "../cli/executable.js";
import { temporaryFolder } from "../cli/run.js";
import { describeCluster, RedisServer } from "./redis-server.js";

describeCluster("accidents of a cluster", () => {
  const command = withExecutable();
  const folder = temporaryFolder();
  const train = Array.from({ length: 60 }, (_, seed) => {
    const structure = silicon(2, 0.1, seed + 1);
    return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
  });
  const configuration = parseFitConfiguration({ cutoff: { radius: 4.5 }, basis: { nMax: 6, lMax: 4 }, sparse: { count: 80 } });
  let [server, local, expected] = [null as unknown as RedisServer, null as unknown as Backend, ""];

  beforeAll(async () => {
    server = await RedisServer.create();
    local = await createBackend("cpu", { threads: 2 });
    expected = formatModel((await fitPotential(local, train, configuration)).potential);
    writeFileSync(join(folder, "train.xyz"), train.map(({ structure, labels: { energy, forces } }) => formatExtxyz({
      ...structure, info: new Map([["energy", energy!]]), arrays: new Map([["forces", { kind: "R" as const, width: 3, values: forces! }]]),
    })).join(""));
  });
  afterAll(async () => {
    local.destroy();
    await server.destroy();
  });

  const startWorker = async (queue: string): Promise<Running> => {
    const worker = command.start(["worker", "--queue", server.url, "--queue-name", queue, "--threads", "1", "--patience", "2"]);
    await worker.heard("works for queue");
    return worker;
  };

  /** The model of a fit; `accident` happens once the rows of the fit are under way. */
  async function fitWith(queue: string, accident: () => Promise<void>): Promise<string> {
    const backend = await createClusterBackend({ redis: server.url, queue });
    try {
      let happened: Promise<void> | null = null;
      const onProgress: JobOptions["onProgress"] = ({ stage, done, total }) => {
        if (stage === "kernel rows" && done > 0 && done < total / 2) happened ??= accident();
      };
      const { potential } = await fitPotential(backend, train, configuration, { onProgress });
      expect(happened).not.toBeNull();
      await happened;
      return formatModel(potential);
    } finally {
      backend.destroy();
    }
  }

  async function counts(queue: string): Promise<Record<string, number>> {
    const redis = server.client();
    const bull = new Queue(queueName(queue), { connection: redis, prefix: PREFIX });
    const found = await bull.getJobCounts("wait", "active", "delayed", "prioritized");
    await bull.close();
    redis.disconnect();
    return found;
  }
  const nothing = { wait: 0, active: 0, delayed: 0, prioritized: 0 };

  test("the only worker is killed in the middle of a job, and another one comes", async () => {
    const first = await startWorker("killed");
    const others: Running[] = [];
    const model = await fitWith("killed", async () => {
      first.child.kill("SIGKILL");
      await first.ended;
      expect((await counts("killed"))["active"]).toBeGreaterThan(0);
      others.push(await startWorker("killed"));
    });
    expect(model).toBe(expected);
    expect(await counts("killed")).toEqual(nothing);
    others[0]!.child.kill("SIGTERM");
    expect(await others[0]!.ended).toMatchObject({ code: 143, stderr: expect.stringContaining("stopped working") });
  });

  test("a worker that is told to stop hands its job back, and its neighbor does it", async () => {
    const [first, second] = [await startWorker("handed"), await startWorker("handed")];
    const model = await fitWith("handed", async () => {
      first.child.kill("SIGTERM");
      expect((await first.ended).code).toBe(143);
    });
    expect(model).toBe(expected);
    expect(await counts("handed")).toEqual(nothing);
    second.child.kill("SIGTERM");
    await second.ended;
  });

  test("Redis is killed and starts anew with its append-only file", async () => {
    const worker = await startWorker("restarted");
    const model = await fitWith("restarted", async () => {
      await server.kill();
      await setTimeout(300);
      await server.start();
    });
    expect(model).toBe(expected);
    expect(await counts("restarted")).toEqual(nothing);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(143);
  });

  test("Redis starts anew and has lost everything", async () => {
    const worker = await startWorker("lost");
    const redis = server.client();
    const model = await fitWith("lost", async () => void (await redis.flushall()));
    expect(model).toBe(expected);
    redis.disconnect();
    worker.child.kill("SIGTERM");
    await worker.ended;
  });

  test("a job that is cancelled ends at once, leaves nothing in the queue, and the backend usable", async () => {
    const structures = train.map(({ structure }) => structure);
    const cancelled = new AbortController();
    let waiting = "";
    const backend = await createClusterBackend({ redis: server.url, queue: "cancelled", onWaiting: (queue) => (waiting = queue) });
    const job = backend.computeFeatures(structures, hyperparameters(), { signal: cancelled.signal });
    const ended = job.catch((error: unknown) => error);
    await expect.poll(async () => (await counts("cancelled"))["wait"]).toBeGreaterThan(2);
    await expect.poll(() => waiting).toBe(queueName("cancelled"));
    const begin = performance.now();
    cancelled.abort(new Error("enough"));
    expect(await ended).toEqual(new Error("enough"));
    expect(performance.now() - begin).toBeLessThan(500);
    expect(await counts("cancelled")).toEqual(nothing);

    const stopped = new AbortController();
    const worker = runClusterWorker({ redis: server.url, queue: "cancelled", threads: 1, signal: stopped.signal });
    expect((await backend.computeFeatures(structures, hyperparameters())).values).toEqual((await local.computeFeatures(structures, hyperparameters())).values);
    backend.destroy();
    stopped.abort();
    await worker;
  });

  test("Ctrl-C ends `lather fit --cluster` within two seconds and its worker's job as well", async () => {
    const worker = await startWorker("interrupted");
    const fit = command.start([
      "fit", "--train", join(folder, "train.xyz"), "--model", join(folder, "m.json"), "--cluster", server.url, "--queue-name", "interrupted",
      "--set", "basis.nMax=10", "--set", "basis.lMax=8", "--set", "cutoff.radius=6", "--sparse", "300",
    ]);
    await expect.poll(async () => (await counts("interrupted"))["active"], { timeout: 10_000 }).toBeGreaterThan(0);
    const begin = performance.now();
    fit.child.kill("SIGINT");
    expect(await fit.ended).toMatchObject({ code: 130, stderr: expect.stringContaining("stopped; nothing was written") });
    expect(performance.now() - begin).toBeLessThan(2000);
    expect((await counts("interrupted"))["wait"]).toBe(0);
    await expect.poll(() => counts("interrupted"), { timeout: 5000 }).toEqual(nothing);
    worker.child.kill("SIGINT");
    expect((await worker.ended).code).toBe(130);
  });
});
