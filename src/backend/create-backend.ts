import { InputError } from "../errors.js";
import type { Backend } from "./backend.js";
import { CpuBackend } from "./cpu/cpu-backend.js";

export type BackendKind = "auto" | "cpu";

/** Cores that this process may use; 1 where the platform does not say. */
function availableThreads(): number {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency) return navigator.hardwareConcurrency;
  if (typeof process !== "undefined" && process.versions?.node) return process.getBuiltinModule("node:os").availableParallelism();
  return 1;
}

/**
 * Starts a backend. "auto" takes the fastest one that this build has, which is the CPU.
 * @param options.threads worker threads, by default one per core.
 * @throws InputError on an unknown kind or a number of threads below 1.
 */
export async function createBackend(kind: BackendKind = "auto", options: { readonly threads?: number | undefined } = {}): Promise<Backend> {
  if (kind !== "auto" && kind !== "cpu") throw new InputError("unknown backend", { key: "backend", expected: "auto or cpu", got: String(kind) });
  const threads = options.threads ?? availableThreads();
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 512)) {
    throw new InputError("impossible number of threads", { key: "threads", expected: "a whole number from 1 to 512", got: String(threads) });
  }
  return CpuBackend.create(threads);
}
