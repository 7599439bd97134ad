// What a worker does with a job: fetch, check, compute on its threads, leave the results in Redis.
import type { Redis } from "ioredis";
import { sumFitParts } from "../backend/collect-fit.js";
import type { PlanRecipe } from "../backend/cpu/plan-recipe.js";
import type { Task } from "../backend/cpu/tasks.js";
import type { FitPart } from "../backend/cpu/whitened-rows.js";
import { WorkerPool } from "../backend/cpu/worker-pool.js";
import { RecentlyUsed } from "../backend/recently-used.js";
import { CapacityError, InputError, NumericalError } from "../errors.js";
import type { KernelBuild } from "../linalg/wasm-kernels.js";
import { asBuffer, ChunkReader } from "./chunks.js";
import { keys, LIFETIME, parseJob, Unready, type JobData } from "./jobs.js";
import { encodeResult } from "./results.js";
import { parseRecipe, parseTask } from "./schemas.js";

/** Milliseconds between two looks at whether somebody still waits. */
const LOOK = 500;

interface ReadyPlan {
  readonly id: number;
  readonly recipe: PlanRecipe;
}

export class JobRunner {
  readonly #redis: Redis;
  readonly #chunks: ChunkReader;
  readonly #threads: number;
  readonly #slots: number;
  readonly #build: KernelBuild;
  #pool: WorkerPool;
  #plans: RecentlyUsed<Promise<ReadyPlan>>;
  /** What ends the jobs that run. */
  readonly #running = new Map<AbortController, string>();
  readonly #watch: ReturnType<typeof setInterval>;

  private constructor(redis: Redis, pool: WorkerPool, slots: number, build: KernelBuild) {
    [this.#redis, this.#pool, this.#threads, this.#slots, this.#build] = [redis, pool, pool.threads, slots, build];
    this.#chunks = new ChunkReader(redis);
    this.#plans = this.#planCache(pool);
    this.#watch = setInterval(() => void this.#look().catch(() => undefined), LOOK);
  }

  /** @param slots jobs that run at a time */
  static async create(redis: Redis, threads: number, slots: number, build: KernelBuild): Promise<JobRunner> {
    return new JobRunner(redis, await WorkerPool.create(threads, build), slots, build);
  }

  #planCache(pool: WorkerPool): RecentlyUsed<Promise<ReadyPlan>> {
    // More than jobs that run, so that none loses its plan.
    return new RecentlyUsed(this.#slots + 4, (plan) => void plan.then(({ id }) => pool.removePlan(id), () => undefined));
  }

  /**
   * Runs a job and leaves its results in Redis.
   * @returns the number of results
   * @throws InputError on a job that is none; Unready where it cannot be done now; whatever a task throws
   */
  async run(name: string, id: string | undefined, data: unknown): Promise<number> {
    const job = parseJob(name, id, data);
    const ended = new AbortController();
    this.#running.set(ended, job.run);
    try {
      if ((await this.#redis.exists(keys.run(job.run))) === 0) throw abandoned();
      const results = await this.#compute(job, ended.signal);
      const write = this.#redis.multi();
      results.forEach((bytes, index) => write.hset(keys.result(id!), index, asBuffer(bytes)));
      await write.expire(keys.result(id!), LIFETIME.result).exec();
      return results.length;
    } finally {
      this.#running.delete(ended);
    }
  }

  async #compute(job: JobData, signal: AbortSignal): Promise<Uint8Array[]> {
    const pool = this.#pool;
    try {
      const { id, recipe } = await this.#planOf(job.plan);
      const tasks = await Promise.all(job.tasks.map(async ([structures, rest]) => parseTask(await this.#chunks.read(structures), await this.#chunks.read(rest), recipe)));
      const results: unknown[] = [];
      for await (const { result } of pool.map<Task, unknown>(id, tasks, signal)) results.push(result);
      const { kind } = tasks[0]!;
      const summed = kind === "rows" && (results[0] as FitPart).gram !== null;
      return summed ? [encodeResult(kind, sumFitParts(results as FitPart[]))] : results.map((result, index) => encodeResult(tasks[index]!.kind, result));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Unready || error instanceof InputError || error instanceof NumericalError) throw error;
      // Another job's error has taken the threads with it.
      if (pool !== this.#pool) return this.#compute(job, signal);
      if (!(error instanceof CapacityError) || error.details.key === "threads") await this.#renew(pool);
      throw error;
    }
  }

  /** New threads, for those that an error of unknown kind may have left in disorder. */
  async #renew(old: WorkerPool): Promise<void> {
    const pool = await WorkerPool.create(this.#threads, this.#build);
    [this.#pool, this.#plans] = [pool, this.#planCache(pool)];
    old.destroy();
  }

  async #planOf(hash: string): Promise<ReadyPlan> {
    const [pool, plans] = [this.#pool, this.#plans];
    const plan = plans.get(hash, async () => {
      const recipe = parseRecipe(await this.#chunks.read(hash));
      return { id: pool.addPlan(recipe), recipe };
    });
    try {
      return await plan;
    } catch (error) {
      // It may be there the next time.
      plans.forget(hash);
      throw error;
    }
  }

  async #look(): Promise<void> {
    const runs = new Set(this.#running.values());
    for (const run of runs) {
      if ((await this.#redis.exists(keys.run(run))) > 0) continue;
      for (const [ended, own] of this.#running) if (own === run) ended.abort(abandoned());
    }
  }

  /** Ends the jobs that run, for other workers to take. */
  stop(reason: Error): void {
    for (const ended of this.#running.keys()) ended.abort(reason);
  }

  destroy(): void {
    clearInterval(this.#watch);
    this.#pool.destroy();
  }
}

function abandoned(): Unready {
  return new Unready("nobody waits for this job any more");
}
