// A device with what all passes need of it: labelled and counted buffers, programs compiled once, and errors that become a GpuError.
import { CapacityError, GpuError } from "../../errors.js";
import type { AdapterReport } from "../backend.js";
import { ComputeProgram, type ProgramSource } from "./compute-program.js";
import type { AdapterDescription, OpenDevice } from "./device.js";
import { PassTimer } from "./pass-timer.js";

/** GPUBufferUsage of the specification; Node has no such global. */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const;

/** Some drivers refuse a buffer of exactly the limit that they state. */
const MARGIN = 65536;

export class GpuContext {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  /** Largest buffer, in bytes, that a pass may bind. */
  readonly maxBytes: number;
  /** Only when passes are to be timed. */
  readonly timer: PassTimer | null;
  readonly #owned: boolean;
  readonly #buffers = new Set<GPUBuffer>();
  readonly #programs = new Map<string, Promise<ComputeProgram>>();
  readonly #lost: Promise<GpuError>;
  /** What came of the buffers created since the last job looked. */
  readonly #creations: Promise<GPUError | null>[] = [];
  #failure: GpuError | null = null;
  #isLost = false;

  /**
   * @param owned whether the device is destroyed with the context; a caller's own device is not.
   * @throws GpuError when passes are to be timed and the device cannot.
   */
  constructor({ device, adapter }: OpenDevice, owned: boolean, timePasses = false) {
    this.device = device;
    this.adapter = adapter;
    this.timer = timePasses ? new PassTimer(device) : null;
    this.#owned = owned;
    this.maxBytes = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize) - MARGIN;
    this.#lost = device.lost.then(({ reason, message }) => {
      this.#isLost = this.#failure === null;
      this.#failure ??= new GpuError("the GPU device was lost", {
        expected: "to begin again with a new backend, or the CPU backend",
        got: message || reason || "no reason given",
      });
      return this.#failure;
    });
  }

  /** Whether the device was lost, and not destroyed with this context. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The adapter with its limits, for reports. */
  get report(): AdapterReport {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return { ...this.adapter, limits: { maxBufferSize, maxStorageBufferBindingSize, usedBufferSize: this.maxBytes } };
  }

  /** Buffers that exist now. */
  get bufferCount(): number {
    return this.#buffers.size;
  }

  createBuffer(label: string, bytes: number, usage: number): GPUBuffer {
    // The size of a bound array must be a multiple of its element, and no buffer may be empty.
    this.device.pushErrorScope("out-of-memory");
    const buffer = this.device.createBuffer({ label, size: Math.max(16, 16 * Math.ceil(bytes / 16)), usage });
    this.#creations.push(this.device.popErrorScope());
    this.#buffers.add(buffer);
    return buffer;
  }

  /** A storage (or other) buffer with the given content. @throws CapacityError when that is more than a pass may bind. */
  createFilled(label: string, content: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, usage: number = USAGE.storage): GPUBuffer {
    if (content.byteLength > this.maxBytes) {
      throw new CapacityError("a table would be larger than this GPU allows", {
        key: label,
        expected: `at most ${this.maxBytes} bytes; fewer elements, radial functions, features or sparse points, or the CPU backend`,
        got: `${content.byteLength} bytes`,
      });
    }
    const buffer = this.createBuffer(label, content.byteLength, usage | USAGE.copyTarget);
    this.device.queue.writeBuffer(buffer, 0, content);
    return buffer;
  }

  destroyBuffer(buffer: GPUBuffer): void {
    if (this.#buffers.delete(buffer)) buffer.destroy();
  }

  /** The compiled program, the same one for the same code and constants. @throws GpuError with line and source when it does not compile. */
  program(source: ProgramSource): Promise<ComputeProgram> {
    const key = JSON.stringify([source.label, source.constants ?? {}]);
    let program = this.#programs.get(key);
    if (!program) {
      program = ComputeProgram.create(this.device, source);
      this.#programs.set(key, program);
      // A failure is not kept: it may have been the device's.
      program.catch(() => this.#programs.delete(key));
    }
    return program;
  }

  /** A compute pass for the programs; every pass begins here, so that it can be timed. */
  beginPass(encoder: GPUCommandEncoder, label: string): GPUComputePassEncoder {
    return this.timer ? this.timer.begin(encoder) : encoder.beginComputePass({ label });
  }

  /** @throws GpuError when the device is lost. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * Awaits `work`, which creates buffers and, before it first waits for anything, records and submits.
   * @throws GpuError when the GPU refuses a command, has no memory, or is lost; whatever else `work` throws.
   */
  async run<T>(what: string, work: () => Promise<T> | T): Promise<T> {
    this.check();
    this.device.pushErrorScope("validation");
    // The body of an async function runs at once up to its first wait.
    const result = (async () => work())();
    const scope = this.device.popErrorScope();
    const [outcome, validation] = await Promise.allSettled([result, scope]);
    try {
      const memory = (await Promise.all(this.#creations.splice(0))).find((error) => error !== null);
      if (memory)
        throw new GpuError(`${what}: the GPU has no memory left`, {
          expected: "fewer structures at once, fewer features or sparse points, or the CPU backend",
          got: memory.message,
        });
      if (validation.status === "rejected") throw validation.reason;
      if (validation.value)
        throw new GpuError(`${what}: the GPU refused a command`, {
          expected: "the CPU backend, and a report of this as an error in Lather",
          got: validation.value.message,
        });
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    } catch (error) {
      throw await this.#explain(what, error);
    }
  }

  async #explain(what: string, error: unknown): Promise<unknown> {
    // The news of a loss may come a moment after the failures that it causes.
    await Promise.race([this.#lost, new Promise((resolve) => setTimeout(resolve, 10))]);
    if (this.#failure) return this.#failure;
    const isGpu = error instanceof Error && (error.name === "OperationError" || error.name === "AbortError") && "code" in error;
    return isGpu ? new GpuError(`${what} failed on the GPU`, { got: (error as Error).message }) : error;
  }

  destroy(): void {
    this.#failure ??= new GpuError("the backend was destroyed", { expected: "a backend that is still open" });
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.#programs.clear();
    this.timer?.destroy();
    if (this.#owned) this.device.destroy();
  }
}
