// The GPU backend beside the CPU backend, its specification. A machine without any adapter fails these tests. All files of this folder run in Node
// and in Chromium, and so name nothing of Node; what needs Node is in test/gpu-node.
import { afterAll, beforeAll } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { CpuBackend } from "../../src/backend/cpu/cpu-backend.js";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { GpuBackend } from "../../src/backend/gpu/gpu-backend.js";
import type { GpuBackendOptions } from "../../src/backend/gpu/open-sessions.js";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";
import { pseudoElementContraction } from "../../src/basis/pseudo-elements.js";
import { createRandom } from "../../src/selection/random.js";
import { hyperparameters } from "../unit/backend/systems.js";

export interface Backends {
  readonly cpu: Backend;
  readonly gpu: GpuBackend;
}

export function createGpu(options: Partial<GpuBackendOptions> = {}): Promise<GpuBackend> {
  return GpuBackend.create({ acceptSoftware: true, threads: 1, ...options });
}

/** A device that says it has no larger buffers than this. */
export async function limited(bytes: number): Promise<GPUDevice> {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  Object.defineProperty(device, "limits", { value: { maxBufferSize: bytes, maxStorageBufferBindingSize: bytes } });
  return device;
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

/** A random contraction of four radial functions to three channels. */
export function contracted(species: readonly number[], mixed: boolean, centers: readonly number[] | null = null): Hyperparameters {
  const random = createRandom(5);
  const { basis, ...rest } = hyperparameters({ basis: { nMax: 4, lMax: 2 } });
  return {
    ...rest,
    basis: {
      ...basis,
      contraction: {
        mixed, channels: 3, species, centers,
        matrix: Array.from({ length: (centers?.length ?? 1) * species.length * 3 * 3 * 4 }, () => random.normal()),
      },
    },
  };
}

/** Two random pseudo-elements of four radial functions. */
export function pseudo(species: readonly number[]): Hyperparameters {
  const random = createRandom(6);
  const { basis, ...rest } = hyperparameters({ basis: { nMax: 4, lMax: 2 } });
  return { ...rest, basis: { ...basis, contraction: pseudoElementContraction(species.flatMap(() => [random.normal(), random.normal()]), species, basis) } };
}
