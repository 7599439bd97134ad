// Results on their way to the host: copied into a buffer that can be mapped, which is used again afterwards.
import { USAGE, type GpuContext } from "./context.js";
import type { BufferName, Workspace } from "./workspace.js";

export interface PendingRead {
  readonly buffer: GPUBuffer;
  readonly bytes: readonly number[];
}

export class Readback {
  readonly #context: GpuContext;
  readonly #label: string;
  readonly #free: GPUBuffer[] = [];
  #isDestroyed = false;

  constructor(context: GpuContext, label: string) {
    this.#context = context;
    this.#label = label;
  }

  /** Records the copy of the first `bytes` of each buffer; to be read when the commands are submitted. */
  encode(encoder: GPUCommandEncoder, workspace: Workspace, parts: readonly (readonly [BufferName, number])[]): PendingRead {
    const bytes = parts.map(([, size]) => size);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    const at = this.#free.findIndex(({ size }) => size >= total);
    // One that is too small would never be used again; the next job of this size finds the new one.
    if (at < 0) for (const small of this.#free.splice(0)) this.#context.destroyBuffer(small);
    const buffer =
      at < 0
        ? this.#context.createBuffer(`${this.#label}: results`, Math.ceil(1.25 * total), USAGE.mapRead | USAGE.copyTarget)
        : this.#free.splice(at, 1)[0]!;
    let offset = 0;
    for (const [name, size] of parts) {
      if (size > 0) encoder.copyBufferToBuffer(workspace.get(name), 0, buffer, offset, size);
      offset += size;
    }
    return { buffer, bytes };
  }

  /** Waits for the GPU; one array per part. */
  async read({ buffer, bytes }: PendingRead): Promise<Float32Array[]> {
    const total = bytes.reduce((sum, size) => sum + size, 0);
    try {
      await buffer.mapAsync(1, 0, Math.max(4, total));
    } catch (error) {
      this.#context.destroyBuffer(buffer);
      throw error;
    }
    const values = new Float32Array(buffer.getMappedRange(0, Math.max(4, total)).slice(0, total));
    buffer.unmap();
    if (this.#isDestroyed) this.#context.destroyBuffer(buffer);
    else this.#free.push(buffer);
    let offset = 0;
    return bytes.map((size) => values.subarray(offset / 4, (offset += size) / 4));
  }

  /** What is still being read goes when it was. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const buffer of this.#free.splice(0)) this.#context.destroyBuffer(buffer);
  }
}

/** The same bits as integers. */
export function asUint32(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
