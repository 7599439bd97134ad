// What leader and workers have agreed upon: names in Redis, the data of a job, and how its failure is told.
import { createHash } from "node:crypto";
import * as v from "valibot";
import { CapacityError, InputError, NumericalError, type ErrorDetails } from "../errors.js";
import { bestKernelBuild, type KernelBuild } from "../linalg/wasm-kernels.js";
import { latherVersion } from "../model/version.js";
import { parseFields } from "./parse.js";

/** Of all keys of BullMQ. */
export const PREFIX = "lather";
/** The one kind of job that workers know. */
export const JOB = "tasks";

/**
 * The queue of those whose results have the same bits: one version of Lather, of the kernels and of the engine, whose exp and sin may differ by version.
 * @param name several groups of workers may share one Redis
 */
export function queueName(name: string, build: KernelBuild = bestKernelBuild()): string {
  if (!/^[\w-]{1,64}$/.test(name)) throw new InputError("not the name of a queue", { expected: "up to 64 letters, digits, _ and -", got: name });
  return `${name}-${latherVersion}-${build}-node${process.versions.node.split(".")[0]}`;
}

export const keys = {
  /** Bytes by their SHA-256. */
  chunk: (hash: string): string => `${PREFIX}:chunk:${hash}`,
  /** There as long as somebody wants the results. */
  run: (run: string): string => `${PREFIX}:run:${run}`,
  /** A hash, field k is the result of task k. */
  result: (job: string): string => `${PREFIX}:result:${job}`,
  /** A set of the workers that have ever been there. */
  workers: (queue: string): string => `${PREFIX}:${queue}:workers`,
  /** Jobs that a worker runs at a time and its threads; there as long as it lives. */
  worker: (queue: string, id: string): string => `${PREFIX}:${queue}:worker:${id}`,
};

/** Seconds that keys outlive the last one who needed them. */
export const LIFETIME = { chunk: 6 * 3600, run: 15, result: 900, worker: 10 } as const;

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const hash = v.pipe(v.string("a hash"), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"));
const jobData = v.strictObject({
  /** Whose run it is. */
  run: v.pipe(v.string("an id"), v.regex(/^[0-9a-f-]{36}$/, "a UUID")),
  plan: hash,
  /** Chunks of each task: its structures, and the rest. */
  tasks: v.pipe(v.array(v.strictTuple([hash, hash], "two hashes"), "a list of tasks"), v.minLength(1, "one task or more"), v.maxLength(64, "64 tasks at most")),
}, "an object");

export type JobData = v.InferOutput<typeof jobData>;

/** @throws InputError on a job of another name, with an id that no leader makes, or with other data. */
export function parseJob(name: string, id: string | undefined, data: unknown): JobData {
  if (name !== JOB) throw new InputError("unknown job", { expected: JOB, got: name });
  if (!/^[0-9a-f-]{36}-\d+$/.test(id ?? "")) throw new InputError("not the id of a leader's job", { got: id ?? "none" });
  return parseFields(jobData, data);
}

/** A job that can be done, but not now: its chunks have expired, or nobody waits for it. */
export class Unready extends Error {
  override readonly name = "Unready";
}

const CLASSES = [InputError, NumericalError, CapacityError];
const texts = v.exactOptional(v.pipe(v.string(), v.maxLength(10_000)));
const place = v.exactOptional(v.number());
const failureShape = v.object({
  name: v.string(), message: v.string(), what: texts,
  details: v.exactOptional(v.strictObject({ file: texts, line: place, structure: place, atom: place, key: texts, expected: texts, got: texts })),
});

/** An error as the reason of a failed job. */
export function failureText(error: unknown): string {
  const { name, message, what, details } = error as InputError;
  return JSON.stringify({ name, message, what, details });
}

/** The error behind the reason of a failed job; BullMQ has reasons of its own. */
export function failureOf(reason: string): Error {
  let json: unknown;
  try {
    json = JSON.parse(reason);
  } catch {
    return new Error(`a job of the cluster failed: ${reason}`);
  }
  const parsed = v.safeParse(failureShape, json);
  if (!parsed.success) return new Error(`a job of the cluster failed: ${reason}`);
  const { name, message, what, details } = parsed.output;
  if (name === "Unready") return new Unready(message);
  const Class = CLASSES.find((candidate) => candidate.name === name);
  return Class && what !== undefined ? new Class(what, (details ?? {}) as ErrorDetails) : new Error(message);
}
