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

export interface BackendOptions {
  readonly backend: BackendKind;
  readonly threads?: number;
}

export function addBackendOptions(command: Command): Command {
  return command
    .option("--threads <n>", "worker threads of the CPU backend (default: one per core)", wholeNumber)
    .addOption(new Option("--backend <kind>", "where to compute: the best there is, or one by name").choices(["auto", "cpu"]).default("auto"));
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
