import { GpuError, InputError } from "../errors.js";
import type { Backend, DeviceLoss } from "./backend.js";
import { CpuBackend } from "./cpu/cpu-backend.js";
import { GpuBackend } from "./gpu/gpu-backend.js";

/** What computes: a real GPU where there is one, the processor's cores, or a GPU of whatever sort. */
export type BackendKind = "auto" | "cpu" | "gpu";

/** The platform's GPUDevice. TypeScript 5 knows it from the package @webgpu/types, later ones by themselves; where it is not known, any object. */
export type CallersDevice = typeof globalThis extends { GPUDevice: { prototype: infer Device } } ? Device : object;

export interface BackendOptions {
  /** Worker threads of the CPU backend, and of the GPU backend's sums of a fit; by default one per core. */
  readonly threads?: number | undefined;
  /** A WebGPU device of the caller's, for "gpu" and "auto"; it is not destroyed with the backend. */
  readonly device?: CallersDevice | undefined;
  /** Hears why "auto" took the CPU. */
  readonly onFallback?: ((reason: GpuError) => void) | undefined;
  /**
   * When a job's GPU device is lost: "resume" (default) asks for a new one and goes on with what is left, "cpu" leaves the rest to the CPU,
   * "fail" ends in a GpuError. A caller's own device cannot be replaced: "resume" is "fail" there. Evaluators belong to their device and fail with it.
   */
  readonly onDeviceLost?: DeviceLoss | undefined;
}

const DEVICE_LOSS: readonly DeviceLoss[] = ["resume", "cpu", "fail"];

/** Cores that this process may use; 1 where the platform does not say. */
function availableThreads(): number {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency) return navigator.hardwareConcurrency;
  if (typeof process !== "undefined" && process.versions?.node) return process.getBuiltinModule("node:os").availableParallelism();
  return 1;
}

/**
 * Starts a backend. "gpu" takes the best WebGPU adapter, also one in software; "auto" takes a real GPU when there is one and the CPU otherwise.
 * @throws InputError on an unknown kind or choice, or a number of threads below 1; GpuError when "gpu" was asked for and there is none.
 */
export async function createBackend(
  kind: BackendKind = "auto",
  { threads = availableThreads(), device, onFallback, onDeviceLost = "resume" }: BackendOptions = {},
): Promise<Backend> {
  if (kind !== "auto" && kind !== "cpu" && kind !== "gpu")
    throw new InputError("unknown backend", { key: "backend", expected: "auto, cpu or gpu", got: String(kind) });
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 512)) {
    throw new InputError("impossible number of threads", { key: "threads", expected: "a whole number from 1 to 512", got: String(threads) });
  }
  if (!DEVICE_LOSS.includes(onDeviceLost))
    throw new InputError("unknown choice", { key: "onDeviceLost", expected: DEVICE_LOSS.join(", "), got: String(onDeviceLost) });
  if (kind === "cpu") return CpuBackend.create(threads);
  try {
    return await GpuBackend.create({ device, threads, onDeviceLost, acceptSoftware: kind === "gpu" });
  } catch (error) {
    if (kind !== "auto" || !(error instanceof GpuError)) throw error;
    onFallback?.(error);
    return CpuBackend.create(threads);
  }
}
