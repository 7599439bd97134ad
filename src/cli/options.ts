import { InvalidArgumentError, Option, type Command } from "commander";
import { createBackend, type Backend, type BackendKind } from "../index.js";

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
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
export function backendReport({ kind, threads, description }: Backend): { backend: string; threads: number; description: string } {
  return { backend: kind, threads, description };
}

/** Runs a job on a backend and ends the backend's workers, however the job ends. */
export async function withBackend<Result>({ backend: kind, threads }: BackendOptions, job: (backend: Backend) => Promise<Result>): Promise<Result> {
  const backend = await createBackend(kind, threads === undefined ? {} : { threads });
  try {
    return await job(backend);
  } finally {
    backend.destroy();
  }
}
