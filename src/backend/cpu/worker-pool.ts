// One worker per thread, tasks given out one at a time to whoever is free, results in the order of the tasks.
// Message passing only: works without cross-origin isolation.
import { CapacityError, InputError, NumericalError } from "../../errors.js";
import { compileKernels, type KernelBuild } from "../../linalg/wasm-kernels.js";
import { WORKER_SOURCE } from "./generated/worker-source.js";
import type { Plan } from "./plan.js";
import { planOf, type PlanRecipe } from "./plan-recipe.js";
import type { TaskPool } from "./task-pool.js";
import type { Task } from "./tasks.js";
import type { Reply, Request } from "./worker.js";

/** What Web Workers and Node's worker threads have in common here. */
interface Port {
  post(request: Request): void;
  /** A busy Node thread keeps the process alive, an idle one does not. */
  hold(busy: boolean): void;
  terminate(): void;
}

interface Job {
  readonly id: number;
  readonly plan: number;
  readonly task: Task;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that the system has no memory for, or whose heap is full, ends with one of these. */
function outOfMemory(error: Error & { readonly code?: string }): Error {
  if (!/^ERR_WORKER_(OUT_OF_MEMORY|INIT_FAILED)$/.test(error.code ?? "")) return error;
  return new CapacityError("no memory for a thread", { key: "threads", expected: "fewer threads, or smaller structures", got: error.message });
}

function openPort(receive: (reply: Reply) => void, fail: (error: Error) => void): Port {
  if (typeof Worker === "undefined") {
    const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    const thread = new Thread(WORKER_SOURCE, { eval: true });
    thread.unref();
    thread.on("message", receive);
    thread.on("error", (error: Error & { readonly code?: string }) => fail(outOfMemory(error)));
    thread.on("exit", (code) => fail(new Error(`a worker thread ended with code ${code}`)));
    return {
      post: (request) => thread.postMessage(request),
      hold: (busy) => (busy ? thread.ref() : thread.unref()),
      terminate: () => void thread.terminate(),
    };
  }
  const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }: MessageEvent<Reply>) => receive(data);
  worker.onerror = (event) =>
    fail(new Error(event.message || "a worker could not start; does the page's Content-Security-Policy allow blob: workers?"));
  return {
    post: (request) => worker.postMessage(request),
    hold: () => undefined,
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

function revive(error: NonNullable<Reply["error"]>): Error {
  const Class = [InputError, NumericalError, CapacityError].find((candidate) => candidate.name === error.name);
  return Class && error.what !== undefined ? new Class(error.what, error.details) : new Error(error.message);
}

export class WorkerPool implements TaskPool {
  readonly threads: number;
  readonly #ports: Port[] = [];
  readonly #running: (Job | null)[] = [];
  readonly #waiting: Job[] = [];
  readonly #knows: Set<number>[] = [];
  readonly #plans = new Map<number, Plan>();
  #nextId = 1;
  #failure: Error | null = null;

  private constructor(threads: number) {
    this.threads = threads;
  }

  /** @param build kernels; the faster ones by default */
  static async create(threads: number, build?: KernelBuild): Promise<WorkerPool> {
    const module = await compileKernels(build);
    const pool = new WorkerPool(threads);
    for (let index = 0; index < threads; index++) {
      const port = openPort(
        (reply) => pool.#finish(index, reply),
        (error) => pool.#fail(error),
      );
      port.post({ kind: "start", module });
      pool.#ports.push(port);
      pool.#running.push(null);
      pool.#knows.push(new Set());
    }
    return pool;
  }

  /** Makes a plan known; workers get it with their first task. */
  addPlan(recipe: PlanRecipe): number {
    const content = planOf(recipe);
    const id = this.#nextId++;
    this.#plans.set(id, content);
    return id;
  }

  removePlan(id: number): void {
    if (!this.#plans.delete(id)) return;
    this.#knows.forEach((known, index) => {
      if (known.delete(id)) this.#ports[index]!.post({ kind: "release", plan: id });
    });
  }

  run(plan: number, task: Task): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.push({ id: this.#nextId++, plan, task, resolve, reject });
      this.#dispatch();
    });
  }

  /**
   * Results in the order of the tasks; at most two tasks per thread are under way or waiting to be taken.
   * When the caller stops early or `signal` fires, tasks that have not begun are dropped.
   */
  async *map<T extends Task, R>(plan: number, tasks: Iterable<T> | AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<{ task: T; result: R }> {
    const window: { task: T; result: Promise<unknown> }[] = [];
    const drop = (): void => {
      for (const { task } of window) {
        const at = this.#waiting.findIndex((job) => job.task === task);
        if (at >= 0) this.#waiting.splice(at, 1)[0]!.reject(signal?.reason ?? new Error("dropped"));
      }
    };
    signal?.addEventListener("abort", drop);
    try {
      for await (const task of tasks) {
        signal?.throwIfAborted();
        const result = this.run(plan, task);
        // Its failure is seen when its turn comes; until then it must not count as unhandled.
        result.catch(() => undefined);
        window.push({ task, result });
        if (window.length >= 2 * this.threads) yield await settle<T, R>(window.shift()!, signal);
      }
      while (window.length > 0) yield await settle<T, R>(window.shift()!, signal);
    } finally {
      signal?.removeEventListener("abort", drop);
      drop();
    }
  }

  #dispatch(): void {
    for (let index = 0; index < this.threads && this.#waiting.length > 0; index++) {
      if (this.#running[index]) continue;
      const job = this.#waiting.shift()!;
      const port = this.#ports[index]!;
      this.#running[index] = job;
      port.hold(true);
      const content = this.#plans.get(job.plan);
      if (!this.#knows[index]!.has(job.plan) && content) {
        this.#knows[index]!.add(job.plan);
        port.post({ kind: "plan", plan: job.plan, content });
      }
      port.post({ kind: "task", id: job.id, plan: job.plan, task: job.task });
    }
  }

  #finish(index: number, { result, error }: Reply): void {
    const job = this.#running[index];
    this.#running[index] = null;
    this.#ports[index]!.hold(false);
    if (error) job?.reject(this.#completed(revive(error)));
    else job?.resolve(result);
    this.#dispatch();
  }

  /** What a thread had no memory for says how many there are. */
  #completed(error: Error): Error {
    if (!(error instanceof CapacityError) || error.details.key !== "threads") return error;
    return new CapacityError(error.what, { ...error.details, got: `${this.threads} threads, ${error.details.got ?? "no memory"}` });
  }

  /** A worker that dies takes its task with it: everything under way is rejected, nothing hangs. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const job of [...this.#running, ...this.#waiting]) job?.reject(error);
    this.#running.fill(null);
    this.#waiting.length = 0;
    for (const port of this.#ports) port.terminate();
  }

  destroy(): void {
    this.#fail(new Error("the backend was destroyed"));
  }
}

async function settle<T, R>(entry: { task: T; result: Promise<unknown> }, signal: AbortSignal | undefined): Promise<{ task: T; result: R }> {
  const result = (await entry.result) as R;
  signal?.throwIfAborted();
  return { task: entry.task, result };
}
