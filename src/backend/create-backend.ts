import { GpuError, InputError } from "../errors.js";
import type { Backend } from "./backend.js";
import { CpuBackend } from "./cpu/cpu-backend.js";
import { GpuBackend } from "./gpu/gpu-backend.js";

export type BackendKind = "auto" | "cpu" | "gpu";

export interface BackendOptions {
  /** Worker threads of the CPU backend, and of the CPU's part of the GPU backend; by default one per core. */
  readonly threads?: number | undefined;
  /** A WebGPU device of the caller's, for "gpu" and "auto"; it is not destroyed with the backend. */
  readonly device?: GPUDevice | undefined;
  /** Hears why "auto" took the CPU. */
  readonly onFallback?: ((reason: GpuError) => void) | undefined;
}

/** Cores that this process may use; 1 where the platform does not say. */
function availableThreads(): number {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency) return navigator.hardwareConcurrency;
  if (typeof process !== "undefined" && process.versions?.node) return process.getBuiltinModule("node:os").availableParallelism();
  return 1;
}

/**
 * Starts a backend. "gpu" takes the best WebGPU adapter, also one in software; "auto" takes a real GPU when there is one and the CPU otherwise.
 * @throws InputError on an unknown kind or a number of threads below 1; GpuError when "gpu" was asked for and there is none.
 */
export async function createBackend(kind: BackendKind = "auto", { threads = availableThreads(), device, onFallback }: BackendOptions = {}): Promise<Backend> {
  if (kind !== "auto" && kind !== "cpu" && kind !== "gpu")
    throw new InputError("unknown backend", { key: "backend", expected: "auto, cpu or gpu", got: String(kind) });
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 512)) {
    throw new InputError("impossible number of threads", { key: "threads", expected: "a whole number from 1 to 512", got: String(threads) });
  }
  if (kind === "cpu") return CpuBackend.create(threads);
  try {
    return await GpuBackend.create({ device, threads, acceptSoftware: kind === "gpu" });
  } catch (error) {
    if (kind !== "auto" || !(error instanceof GpuError)) throw error;
    onFallback?.(error);
    return CpuBackend.create(threads);
  }
}
