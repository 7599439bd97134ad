import { InvalidArgumentError, Option, type Command } from "commander";
import { atomicNumberOf, createBackend, type AdapterReport, type Backend, type BackendKind } from "../index.js";

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
  { backend: kind, threads: asked }: BackendOptions, atoms: number, job: (backend: Backend, used: BackendReport) => Promise<Result>,
): Promise<Result> {
  let fallback: string | null = null;
  const busy = Math.floor(atoms / threadAtoms) + 1;
  const threads = asked !== undefined && asked > busy ? busy : asked;
  const backend = await createBackend(kind, { threads, onFallback: ({ what }) => (fallback = what) });
  try {
    const { adapter } = backend;
    const idle = threads === asked ? "" : ` (of ${asked}: ${atoms} atoms keep no more of them busy)`;
    const description = `${backend.description}${idle}`;
    return await job(backend, { backend: backend.kind, threads: backend.threads, description, adapter, fallback });
  } finally {
    backend.destroy();
  }
}
