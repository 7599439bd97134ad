// Buffers that one job after the other uses again. They grow when a larger job comes and never shrink, so that repeated jobs create nothing.
import { CapacityError } from "../../errors.js";
import { USAGE, type GpuContext } from "./context.js";

export type BufferName =
  | "rows"
  | "slots"
  | "list sizes"
  | "boxes"
  | "coordinates"
  | "bins"
  | "places"
  | "sorted"
  | "block sums"
  | "offsets"
  | "found"
  | "pairs"
  | "neighbors"
  | "images"
  | "reverse"
  | "status"
  | "pair places"
  | "atoms"
  | "segments"
  | "roots"
  | "coefficients"
  | "partials"
  | "features"
  | "chain values"
  | "chain slopes"
  | "environments"
  | "components"
  | "centered"
  | "products"
  | "slope"
  | "gradient"
  | "adjoint"
  | "pair forces"
  | "forces"
  | "energies"
  | "virials"
  | "contracted"
  | "kernel rows"
  | "taken"
  | "distances"
  | "farthest";

const UNIFORMS: ReadonlySet<BufferName> = new Set(["rows", "atoms", "list sizes"]);

export class Workspace {
  readonly #context: GpuContext;
  readonly #label: string;
  readonly #buffers = new Map<BufferName, GPUBuffer>();
  /** Changes when a buffer was replaced: bind groups made before are of no use then. */
  generation = 0;

  constructor(context: GpuContext, label: string) {
    this.#context = context;
    this.#label = label;
  }

  /**
   * Makes sure that the buffer holds `bytes`; its content is lost when it grows.
   * @throws CapacityError when that is more than a pass may bind.
   */
  reserve(name: BufferName, bytes: number): void {
    const { maxBytes } = this.#context;
    const old = this.#buffers.get(name);
    if (old && old.size >= bytes) return;
    if (bytes > maxBytes) {
      throw new CapacityError("a buffer would be larger than this GPU allows", {
        key: name,
        expected: `at most ${maxBytes} bytes; smaller structures or cutoff, or the CPU backend`,
        got: `${bytes} bytes`,
      });
    }
    // Work that was submitted with the old buffer still finishes.
    if (old) this.#context.destroyBuffer(old);
    // The next step of dynamics has a few pairs more or less: with a quarter to spare it creates nothing.
    const size = Math.min(maxBytes, Math.ceil(1.25 * bytes));
    const usage = UNIFORMS.has(name) ? USAGE.uniform : USAGE.storage | USAGE.copySource;
    this.#buffers.set(name, this.#context.createBuffer(`${this.#label}: ${name}`, size, usage | USAGE.copyTarget));
    this.generation++;
  }

  get(name: BufferName): GPUBuffer {
    return this.#buffers.get(name)!;
  }

  write(name: BufferName, content: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    this.reserve(name, content.byteLength);
    this.#context.device.queue.writeBuffer(this.get(name), 0, content);
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) this.#context.destroyBuffer(buffer);
    this.#buffers.clear();
  }
}
