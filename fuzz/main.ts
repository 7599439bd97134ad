/**
 * npm run fuzz -- [--target NAME] [--count N] [--seed S] [--keep FOLDER]
 *
 * Damaged inputs for every reader: nothing but InputError and CapacityError may come out, no input may take a second, allocate more than ten
 * times its size (and 8 MiB, the noise of the engine), or change when what was read is written and read again. Input k of a target depends on
 * the seed and on k alone. Findings are written to the folder and end the run with exit code 1.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createRandom } from "../src/selection/random.js";
import { mutate } from "./mutate.js";
import { attackOnce, targets } from "./targets.js";

interface Task {
  readonly name: string;
  readonly seed: number;
  readonly first: number;
  readonly end: number;
}

interface Finding {
  readonly kind: "error" | "slow" | "memory" | "changed";
  readonly index: number;
  readonly what: string;
  readonly bytes: Uint8Array;
}

type Message = { readonly done: number; readonly taken: number; readonly slowest: number } | { readonly finding: Finding } | { readonly at: number };

const SLOW = 1000;
const HANGS = 20_000;
const FLOOR = 8 << 20;
const REPORT_EVERY = 2000;

function inputOf(name: string, seed: number, index: number): Uint8Array {
  return mutate(targets.find((target) => target.name === name)!.corpus, createRandom(seed * 1e9 + index));
}

/** Bytes that live outside and inside the heap; what is allocated shows as growth, unless the collector ran in between. */
function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function attackRange({ name, seed, first, end }: Task, post: (message: Message) => void): Promise<void> {
  const target = targets.find((candidate) => candidate.name === name)!;
  let taken = 0;
  let slowest = 0;
  for (let index = first; index < end; index++) {
    const bytes = inputOf(name, seed, index);
    const memory = allocated();
    const start = performance.now();
    const report = (kind: Finding["kind"], what: string): void => post({ finding: { kind, index, what, bytes } });
    try {
      if (await attackOnce(target, bytes)) taken++;
    } catch (error) {
      const { name: kind, message, stack } = error as Error;
      report(kind === "Error" && message.includes("changed when") ? "changed" : "error", `${kind}: ${message} ${stack?.split("\n")[1]?.trim() ?? ""}`);
    }
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (took > SLOW) report("slow", `${Math.round(took)} ms`);
    const grown = allocated() - memory;
    if (grown > 10 * bytes.length + FLOOR) report("memory", `${(grown / 1e6).toFixed(1)} MB for ${bytes.length} bytes`);
    if (index % REPORT_EVERY === 0) post({ at: index });
  }
  post({ done: end - first, taken, slowest });
}

/** Runs one target in a worker that is ended when an input hangs. */
function runTask(task: Task, onFinding: (finding: Finding) => void): Promise<{ done: number; taken: number; slowest: number }> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 1024 } });
    let last = task.first;
    let timer: NodeJS.Timeout;
    const settle = (result: { done: number; taken: number; slowest: number }): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(result);
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        onFinding({ kind: "slow", index: last, what: `no sign for ${HANGS / 1000} s after input ${last}`, bytes: inputOf(task.name, task.seed, last) });
        settle({ done: last - task.first, taken: 0, slowest: HANGS });
      }, HANGS);
    };
    watch();
    worker.on("message", (message: Message) => {
      watch();
      if ("finding" in message) onFinding(message.finding);
      else if ("at" in message) last = message.at;
      else settle(message);
    });
    worker.on("error", (error) => {
      onFinding({ kind: "error", index: last, what: `the worker ended: ${error.message}`, bytes: inputOf(task.name, task.seed, last) });
      settle({ done: last - task.first, taken: 0, slowest: 0 });
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { target: { type: "string" }, count: { type: "string", default: "1e6" }, seed: { type: "string", default: "1" }, keep: { type: "string" } },
  });
  const count = Number(values.count);
  const seed = Number(values.seed);
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (!(count >= 1) || chosen.length === 0) {
    process.stderr.write(`fuzz: --target is one of ${targets.map(({ name }) => name).join(", ")}; --count a number\n`);
    process.exit(2);
  }
  const folder = values.keep ?? join(tmpdir(), "lather-fuzz");
  let failures = 0;
  for (const { name } of chosen) {
    const seen = new Set<string>();
    const start = performance.now();
    const onFinding = ({ kind, index, what, bytes }: Finding): void => {
      // One of each: the message without its numbers and quoted words.
      const key = `${kind} ${what.replaceAll(/\d+|"[^"]*"/g, "#").slice(0, 160)}`;
      if (seen.has(key)) return;
      seen.add(key);
      failures++;
      mkdirSync(folder, { recursive: true });
      const path = join(folder, `${name}-${kind}-${index}`);
      writeFileSync(path, bytes);
      process.stdout.write(`  ${kind} at input ${index}: ${what.slice(0, 300)}\n    ${path}\n`);
    };
    const half = Math.ceil(count / 2);
    const results = await Promise.all([[0, half], [half, count]].map(([first, end]) => runTask({ name, seed, first, end }, onFinding)));
    const sum = (key: "done" | "taken"): number => results.reduce((total, result) => total + result[key], 0);
    const slowest = Math.max(...results.map((result) => result.slowest)).toFixed(0);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(`${name}: ${sum("done")} inputs, ${sum("taken")} taken, slowest ${slowest} ms, ${seen.size} findings, ${seconds} s\n`);
  }
  process.exitCode = failures === 0 ? 0 : 1;
}

if (isMainThread) await main();
else await attackRange(workerData as Task, (message) => parentPort!.postMessage(message));
