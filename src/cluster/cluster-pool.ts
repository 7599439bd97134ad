// The pool of a backend whose tasks run on other machines, a few consecutive ones in a job. BullMQ gives jobs out, repeats those of workers that died and those that failed by chance; what Redis itself has lost is sent again.
import { randomUUID } from "node:crypto";
import type { Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { PlanRecipe } from "../backend/cpu/plan-recipe.js";
import type { TaskPool } from "../backend/cpu/task-pool.js";
import type { Task } from "../backend/cpu/tasks.js";
import { encode } from "./binary.js";
import { chunkOf, ChunkSender, type Chunk } from "./chunks.js";
import { grouped, isSum, settle } from "./groups.js";
import { failureOf, JOB, keys, LIFETIME, PREFIX, Unready, type JobData } from "./jobs.js";
import { connect, type Packages } from "./redis.js";
import { decodeResult } from "./results.js";
import { recipeToSend } from "./schemas.js";
import { countWorkers, type Workforce } from "./workers-present.js";

/** Milliseconds between two signs of life. */
const BEAT = 1000;
/** Milliseconds after which a job that nobody has spoken of is looked for. */
const SILENCE = 3000;
/** How often a job is sent again that Redis has lost. */
const TRIES = 8;

/** What went through Redis. */
export interface Traffic {
  readonly jobs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

interface Pending {
  readonly run: string;
  readonly data: JobData;
  readonly chunks: readonly Chunk[];
  readonly kind: Task["kind"];
  /** Results to come. */
  readonly count: number;
  readonly resolve: (results: unknown[]) => void;
  readonly reject: (error: unknown) => void;
  tries: number;
  /** When it was last heard of. */
  heard: number;
  fetching: boolean;
}

export interface ClusterPoolOptions {
  readonly packages: Packages;
  readonly address: string;
  readonly queue: string;
  /** Hears when jobs wait and nobody is there to do them. */
  readonly onWaiting: (queue: string) => void;
}

export class ClusterPool implements TaskPool {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #name: string;
  readonly #chunks: ChunkSender;
  readonly #onWaiting: (queue: string) => void;
  readonly #plans = new Map<number, Chunk>();
  readonly #runs = new Set<string>();
  /** By the id of the job. */
  readonly #pending = new Map<string, Pending>();
  /** Runs of jobs that were given up and may still be in the queue, by the id of the job. */
  readonly #dropped = new Map<string, string>();
  readonly #beat: ReturnType<typeof setInterval>;
  #workforce: Workforce = { workers: 0, slots: 0, threads: 0 };
  #nextId = 1;
  #jobs = 0;
  #received = 0;
  #beating = false;
  #waiting = false;
  #destroyed = false;

  private constructor({ queue, onWaiting }: ClusterPoolOptions, redis: Redis, bull: Queue, events: QueueEvents) {
    [this.#name, this.#onWaiting, this.#redis, this.#queue, this.#events] = [queue, onWaiting, redis, bull, events];
    this.#chunks = new ChunkSender(redis);
    events.on("completed", ({ jobId }) => void this.#fetch(jobId).catch(() => undefined));
    events.on("failed", ({ jobId, failedReason }) => void this.#failed(jobId, failedReason).catch(() => undefined));
    // Both try again by themselves; jobs wait meanwhile.
    events.on("error", () => undefined);
    bull.on("error", () => undefined);
    this.#beat = setInterval(() => void this.#tick(), BEAT);
  }

  static async create(options: ClusterPoolOptions): Promise<ClusterPool> {
    const { packages, address, queue } = options;
    const redis = await connect(packages, address);
    const { Queue, QueueEvents } = packages.bullmq;
    const [seconds, microseconds] = (await redis.time()).map(Number) as [number, number];
    const since = `${1000 * seconds + Math.floor(microseconds / 1000)}-0`;
    const bull = new Queue(queue, { connection: redis, prefix: PREFIX });
    // From now on, also what is said before it listens.
    const events = new QueueEvents(queue, { connection: redis, prefix: PREFIX, lastEventId: since });
    const pool = new ClusterPool(options, redis, bull, events);
    pool.#workforce = await countWorkers(redis, queue);
    return pool;
  }

  get threads(): number {
    return Math.max(1, this.#workforce.threads);
  }

  get workforce(): Workforce {
    return this.#workforce;
  }

  get traffic(): Traffic {
    return { jobs: this.#jobs, sentBytes: this.#chunks.bytes, receivedBytes: this.#received };
  }

  addPlan(recipe: PlanRecipe): number {
    const id = this.#nextId++;
    this.#plans.set(id, chunkOf(encode(recipeToSend(recipe))));
    return id;
  }

  removePlan(id: number): void {
    this.#plans.delete(id);
  }

  async *map<T extends Task, R>(plan: number, tasks: Iterable<T> | AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<{ task: T; result: R }> {
    if (this.#destroyed) throw new Error("the backend was destroyed");
    const content = this.#plans.get(plan)!;
    const run = randomUUID();
    const window: { tasks: readonly T[]; results: Promise<unknown[]> }[] = [];
    const abort = (): void => this.#giveUp(new Set([run]), signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    this.#runs.add(run);
    try {
      await this.#keepAlive([run]);
      for await (const group of grouped(tasks)) {
        signal?.throwIfAborted();
        const results = this.#submit(run, content, group);
        // Its failure is seen when its turn comes; until then it must not count as unhandled.
        results.catch(() => undefined);
        window.push({ tasks: group, results });
        if (window.length >= Math.max(4, 2 * this.#workforce.slots)) yield* settle<T, R>(window.shift()!, signal);
      }
      while (window.length > 0) yield* settle<T, R>(window.shift()!, signal);
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#end(run);
    }
  }

  #submit(run: string, plan: Chunk, tasks: readonly Task[]): Promise<unknown[]> {
    const pairs = tasks.map((task) => {
      const { structures, ...rest } = task as Task & { first?: number };
      // The leader's own count of structures.
      delete rest.first;
      return [chunkOf(encode(structures)), chunkOf(encode(rest))] as const;
    });
    const data: JobData = { run, plan: plan.hash, tasks: pairs.map(([structures, rest]) => [structures.hash, rest.hash]) };
    return new Promise((resolve, reject) => {
      this.#send({
        run, data, chunks: [plan, ...pairs.flat()], kind: tasks[0]!.kind, count: isSum(tasks[0]!) ? 1 : tasks.length, resolve, reject, tries: 0, heard: Infinity, fetching: false,
      }).catch(reject);
    });
  }

  async #send(job: Pending): Promise<void> {
    const id = `${job.run}-${this.#nextId++}`;
    // Nobody looks for it before it is there.
    job.heard = Infinity;
    this.#pending.set(id, job);
    this.#jobs++;
    await this.#chunks.send(job.chunks, job.tries > 0);
    if (!this.#pending.has(id)) return;
    await this.#queue.add(JOB, job.data, { jobId: id, attempts: 5, backoff: { type: "fixed", delay: 200 }, removeOnComplete: true, removeOnFail: { age: 86_400, count: 1000 } });
    job.heard = Date.now();
    // Given up while it was on its way.
    if (!this.#pending.has(id)) await this.#queue.remove(id);
  }

  async #fetch(id: string): Promise<void> {
    const job = this.#pending.get(id);
    if (!job || job.fetching) return;
    job.fetching = true;
    try {
      const fields = await Promise.all(Array.from({ length: job.count }, (_, index) => this.#redis.hgetBuffer(keys.result(id), String(index))));
      // Lost with the Redis that had them: whoever looks for silent jobs sends it again.
      if (fields.some((bytes) => bytes === null) || !this.#pending.delete(id)) return;
      this.#received += fields.reduce((sum, bytes) => sum + bytes!.byteLength, 0);
      void this.#redis.unlink(keys.result(id)).catch(() => undefined);
      try {
        job.resolve(fields.map((bytes) => decodeResult(job.kind, bytes!)));
      } catch (error) {
        job.reject(error);
      }
    } finally {
      job.fetching = false;
    }
  }

  async #failed(id: string, reason: string): Promise<void> {
    const job = this.#pending.get(id);
    if (!job || !this.#pending.delete(id)) return;
    const error = failureOf(reason);
    if (error instanceof Unready) return this.#again(job, error);
    job.reject(error);
  }

  async #again(job: Pending, reason: Error): Promise<void> {
    if (++job.tries > TRIES) return job.reject(reason);
    try {
      await this.#keepAlive([job.run]);
      if (this.#runs.has(job.run)) await this.#send(job);
    } catch (error) {
      job.reject(error);
    }
  }

  /** Signs of life, who works, and what has become of jobs that nobody speaks of. */
  async #tick(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      await this.#keepAlive([...this.#runs]);
      this.#workforce = await countWorkers(this.#redis, this.#name);
      const waiting = this.#workforce.workers === 0 && this.#pending.size > 0;
      if (waiting && !this.#waiting) this.#onWaiting(this.#name);
      this.#waiting = waiting;
      const silent = [...this.#pending].filter(([, { heard }]) => heard < Date.now() - SILENCE);
      await Promise.all(silent.map(([id, job]) => this.#lookFor(id, job)));
    } catch {
      // Redis is away; the next beat finds it again or waits.
    } finally {
      this.#beating = false;
    }
  }

  async #lookFor(id: string, job: Pending): Promise<void> {
    job.heard = Date.now();
    const found = (await this.#queue.getJob(id)) as Job | undefined;
    if (found) {
      if (found.failedReason && (await found.isFailed())) await this.#failed(id, found.failedReason);
      return;
    }
    // Done, and gone for that reason, or lost.
    await this.#fetch(id);
    if (!job.fetching && this.#pending.delete(id)) await this.#again(job, new Error("Redis loses the jobs that it is given"));
  }

  async #keepAlive(runs: readonly string[]): Promise<void> {
    if (runs.length === 0) return;
    const commands = this.#redis.pipeline();
    for (const run of runs) commands.set(keys.run(run), "1", "EX", LIFETIME.run);
    await commands.exec();
  }

  #giveUp(runs: ReadonlySet<string>, reason: unknown): void {
    for (const [id, job] of this.#pending) {
      if (!runs.has(job.run)) continue;
      this.#pending.delete(id);
      this.#dropped.set(id, job.run);
      job.reject(reason);
    }
  }

  /** Nobody wants the results of a run any more: what waits is taken back, what runs is told so. */
  async #end(run: string): Promise<void> {
    this.#runs.delete(run);
    this.#giveUp(new Set([run]), new Error("dropped"));
    const ids = [...this.#dropped].filter(([, own]) => own === run).map(([id]) => id);
    for (const id of ids) this.#dropped.delete(id);
    const cleared = this.#redis.status === "ready" && !this.#destroyed
      ? Promise.all([this.#redis.unlink(keys.run(run)), ...ids.map((id) => this.#queue.remove(id))]).catch(() => undefined)
      : Promise.resolve();
    // A Redis that does not answer keeps nobody; the run's key expires by itself.
    await Promise.race([cleared, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearInterval(this.#beat);
    this.#giveUp(new Set(this.#runs), new Error("the backend was destroyed"));
    void Promise.allSettled([this.#events.close(), this.#queue.close()]).then(() => this.#redis.disconnect());
  }
}
