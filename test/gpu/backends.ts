// The GPU backend beside the CPU backend, its specification. A machine without any adapter fails these tests.
import { afterAll, beforeAll } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { CpuBackend } from "../../src/backend/cpu/cpu-backend.js";
import { GpuBackend } from "../../src/backend/gpu/gpu-backend.js";

export interface Backends {
  readonly cpu: Backend;
  readonly gpu: GpuBackend;
}

export function createGpu(options: { readonly chunkRows?: number; readonly device?: GPUDevice } = {}): Promise<GpuBackend> {
  return GpuBackend.create({ acceptSoftware: true, threads: 1, ...options });
}

/** Both backends for the tests of a file; to be read inside the tests only. */
export function withBackends(): Backends {
  const backends = {} as { cpu: Backend; gpu: GpuBackend };
  beforeAll(async () => {
    backends.cpu = await CpuBackend.create(1);
    backends.gpu = await createGpu();
  });
  afterAll(() => {
    backends.cpu?.destroy();
    backends.gpu?.destroy();
  });
  return backends;
}
