import { InvalidArgumentError, Option, type Command } from "commander";
import { atomicNumberOf, createBackend, InputError, type AdapterReport, type Backend, type BackendKind } from "../index.js";

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return value;
}

export function finiteNumber(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

export function positiveNumber(text: string): number {
  const value = finiteNumber(text);
  if (!(value > 0)) throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

export function seedNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError("Expected a whole number, 0 or more.");
  return value;
}

/** Smallest singular value that counts, relative to the largest. */
export function singularCutoff(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError("Expected a number from 0 to below 1, for example 1e-3.");
  return value;
}

/** Weight of one thing against another. */
export function share(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError("Expected a number from 0 to 1.");
  return value;
}

/** Elements of numbered atom types, for files that do not name elements. */
export interface SpeciesOption {
  readonly species?: readonly string[];
}

export function addSpeciesOption(command: Command): Command {
  const symbols = (text: string): string[] => text.split(",").map((part) => {
    const symbol = part.trim();
    if (atomicNumberOf(symbol) === undefined) throw new InvalidArgumentError(`Expected element symbols such as Si,O; "${symbol}" is none.`);
    return symbol;
  });
  return command.option("--species <list>", "elements of numbered atom types, as Si,O, for LAMMPS files and POSCARs without names", symbols);
}

export interface BackendOptions {
  readonly backend: BackendKind;
  readonly threads?: number;
  readonly cluster?: string;
  readonly queueName?: string;
}

/** Name of the queue, where one Redis has several. */
export function addQueueName(command: Command): Command {
  return command.option("--queue-name <name>", "name of the queue, where several share one Redis (default: lather)");
}

/** For jobs that are worth the way to other machines. */
export function addClusterOption(command: Command): Command {
  return addQueueName(command.option("--cluster <url>", "compute on the machines that run `lather worker` for this Redis, redis://host:6379 or rediss:// (npm packages bullmq, ioredis)"));
}

/** The address with the password that the command line should not show. */
export function redisAddress(address: string): string {
  const { LATHER_REDIS_PASSWORD: password } = process.env;
  if (!password || !URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password === "") url.password = password;
  return url.href;
}

/** @throws InputError on options that say nothing on a cluster. */
async function createClusterBackend({ backend, threads, cluster, queueName }: BackendOptions, tell: (text: string) => void): Promise<Backend> {
  if (backend !== "cpu") throw new InputError("a cluster computes on CPUs", { key: "--backend", expected: "cpu beside --cluster", got: backend });
  if (threads !== undefined) throw new InputError("each worker has threads of its own", { key: "--threads", expected: "none beside --cluster; `lather worker --threads`", got: String(threads) });
  // Node's crypto and the packages of the queue are for those who have one.
  const library = await import("../cluster/index.js");
  return library.createClusterBackend({
    redis: redisAddress(cluster!), queue: queueName, onWaiting: (name) => tell(`lather: waiting for workers of queue ${name}: \`lather worker --queue …\` with this Redis\n`),
  });
}

export function addBackendOptions(command: Command): Command {
  // Not "auto": where Linux has a device but no driver, looking for a GPU takes 0.3 s and Dawn complains on standard error; and float32
  // would give another model file on another machine.
  const backend = new Option("--backend <kind>", "\"gpu\" on request (float32, npm package webgpu); \"auto\": the GPU if there is one");
  return command
    .option("--threads <n>", "worker threads of the CPU (default: one per core)", wholeNumber)
    .addOption(backend.choices(["auto", "cpu", "gpu"]).default("cpu"));
}

/** What --json says of the backend. */
export interface BackendReport {
  readonly backend: Backend["kind"];
  readonly threads: number;
  readonly description: string;
  /** The GPU in the words of its driver, with its limits in bytes; null on the CPU. */
  readonly adapter: AdapterReport | null;
  /** Why --backend auto took the CPU; null where it did not. */
  readonly fallback: string | null;
}

/** The same for people: who computed, and with --backend auto why. */
export function formatBackend({ description, adapter, fallback }: BackendReport, { backend: asked }: BackendOptions): string {
  if (asked !== "auto") return description;
  return `${description} (--backend auto: ${adapter ? "a GPU was found" : fallback})`;
}

/** Atoms that a thread has to do with: a task has 64 at least, but for the last (src/backend/cpu/partition.ts). */
const threadAtoms = 64;

/** Runs a job on a backend, with no more threads than the atoms keep busy, and ends the backend's workers, however the job ends. */
export async function withBackend<Result>(
  options: BackendOptions, atoms: number, job: (backend: Backend, used: BackendReport) => Promise<Result>, tell: (text: string) => void = () => undefined,
): Promise<Result> {
  const { backend: kind, threads: asked, cluster, queueName } = options;
  if (cluster === undefined && queueName !== undefined) throw new InputError("no queue without a cluster", { key: "--queue-name", expected: "--cluster beside it", got: queueName });
  let fallback: string | null = null;
  const busy = Math.floor(atoms / threadAtoms) + 1;
  const threads = asked !== undefined && asked > busy ? busy : asked;
  const backend = cluster !== undefined ? await createClusterBackend(options, tell) : await createBackend(kind, { threads, onFallback: ({ what }) => (fallback = what) });
  try {
    const { adapter } = backend;
    const idle = threads === asked || cluster !== undefined ? "" : ` (of ${asked}: ${atoms} atoms keep no more of them busy)`;
    const description = `${backend.description}${idle}`;
    return await job(backend, { backend: backend.kind, threads: backend.threads, description, adapter, fallback });
  } finally {
    backend.destroy();
  }
}
