// A worker: takes jobs from the queue as long as it lives. It runs nothing that comes through the queue, only tasks with checked data.
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { InputError, NumericalError } from "../errors.js";
import { bestKernelBuild, type KernelBuild } from "../linalg/wasm-kernels.js";
import { JobRunner } from "./job-runner.js";
import { failureOf, failureText, keys, LIFETIME, PREFIX, queueName, Unready } from "./jobs.js";
import { connect, loadPackages } from "./redis.js";

export interface ClusterWorkerOptions {
  /** redis:// or rediss:// */
  readonly redis: string;
  /** Name of the queue, for several groups of workers on one Redis; "lather" by default. */
  readonly queue?: string | undefined;
  /** One per core by default. */
  readonly threads?: number | undefined;
  /** The kernels that leaders have; by default "fused" where this engine takes them (in Node 20 with --experimental-wasm-relaxed-simd only). */
  readonly kernels?: KernelBuild | undefined;
  /** Ends the worker; jobs that it has begun go to others. */
  readonly signal: AbortSignal;
  /** Hears of the jobs that were refused or failed, and when the worker is ready. */
  readonly log?: ((text: string) => void) | undefined;
  /** Seconds without a sign of life after which others take a worker's jobs; 10 by default. */
  readonly patience?: number | undefined;
}

/** Tasks of one job keep this many threads busy (src/backend/collect-fit.ts). */
const THREADS_PER_JOB = 8;

/**
 * Works until `signal` fires.
 * @throws InputError when Redis cannot be reached, a package is missing, or an option is out of range
 */
export async function runClusterWorker(
  { redis: address, queue = "lather", threads = availableParallelism(), kernels = bestKernelBuild(), signal, log = () => undefined, patience = 10 }: ClusterWorkerOptions,
): Promise<void> {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 512)) {
    throw new InputError("impossible number of threads", { key: "threads", expected: "a whole number from 1 to 512", got: String(threads) });
  }
  if (!(patience >= 1 && patience <= 3600)) throw new InputError("patience out of range", { key: "patience", expected: "1 to 3600 seconds", got: String(patience) });
  if (kernels !== "plain" && kernels !== bestKernelBuild()) {
    throw new InputError("this engine does not take these kernels", { key: "kernels", expected: `plain${bestKernelBuild() === "fused" ? " or fused" : ""}`, got: kernels });
  }
  const name = queueName(queue, kernels);
  const packages = await loadPackages();
  signal.throwIfAborted();
  const redis = await connect(packages, address);
  // One job more than the threads need, so that they compute while another is fetched or written.
  const slots = Math.ceil(threads / THREADS_PER_JOB) + 1;
  const runner = await JobRunner.create(redis, threads, slots, kernels);
  const id = randomUUID();
  const announce = async (): Promise<void> => {
    await redis.multi().sadd(keys.workers(name), id).set(keys.worker(name, id), `${slots} ${threads}`, "EX", LIFETIME.worker).exec();
  };
  const { UnrecoverableError, Worker } = packages.bullmq;
  const worker = new Worker(name, async (job) => {
    try {
      return await runner.run(job.name, job.id, job.data);
    } catch (error) {
      const text = failureText(error);
      // Wrong data stays wrong; anything else may go well elsewhere.
      throw [InputError, NumericalError, Unready].some((kind) => error instanceof kind) ? new UnrecoverableError(text) : new Error(text);
    }
  }, {
    connection: redis, prefix: PREFIX, concurrency: slots, lockDuration: 1000 * patience, stalledInterval: 500 * patience, maxStalledCount: 5,
    removeOnFail: { age: 86_400, count: 1000 },
  });
  let silent = "";
  worker.on("error", ({ message }) => {
    // A lost connection is told once, however often it is tried again.
    if (message !== silent) log((silent = message) || "lost the connection to Redis");
  });
  worker.on("failed", (job, error) => {
    silent = "";
    if (!signal.aborted) log(`job ${job?.id ?? "?"} of "${job?.name ?? "?"}" failed: ${failureOf(error.message).message}`);
  });
  worker.on("completed", () => (silent = ""));
  const beat = setInterval(() => void announce().catch(() => undefined), 1000 * LIFETIME.worker / 4);
  try {
    await worker.waitUntilReady();
    await announce();
    log(`works for queue ${name} with ${threads} thread${threads === 1 ? "" : "s"}, ${slots} jobs at a time`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    clearInterval(beat);
    runner.stop(new Error("the worker was stopped"));
    // Waits for the jobs, which have just been ended, to be handed back.
    await worker.close();
    await redis.multi().srem(keys.workers(name), id).del(keys.worker(name, id)).exec().catch(() => undefined);
    runner.destroy();
    redis.disconnect();
  }
}
