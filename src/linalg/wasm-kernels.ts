/** The SIMD WebAssembly kernels (wasm/) with an arena for their arguments: one instance per thread, nothing shared between instances. */
import { CapacityError } from "../errors.js";
import { FUSED_KERNELS_BASE64, KERNELS_BASE64 } from "./generated/kernels.js";
import type { KernelExports } from "./kernel-exports.js";

const PAGE = 65536;
/** One page short of 4 GiB, so that the address behind the last byte is still a 32-bit number. */
const MAX_PAGES = 65535;
/** Growing by 1 MiB at least keeps many small allocations from growing many times. */
const GROWTH_PAGES = 16;
const ALIGNMENT = 64;

/** Two builds of the same kernels; "fused" uses relaxed SIMD's multiply-add. Their results differ in the last bits. */
export type KernelBuild = "plain" | "fused";

const modules = new Map<KernelBuild, Promise<WebAssembly.Module>>();

function binaryOf(build: KernelBuild): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(build === "fused" ? FUSED_KERNELS_BASE64 : KERNELS_BASE64), (character) => character.charCodeAt(0));
}

let best: KernelBuild | undefined;

/** The faster build that this engine takes: "fused" from Chrome 114 and Node 22 on, and in Node 20 where its flag is set. */
export function bestKernelBuild(): KernelBuild {
  best ??= WebAssembly.validate(binaryOf("fused")) ? "fused" : "plain";
  return best;
}

/** A build of the module, decoded and compiled once per thread; it can be sent to workers. */
export function compileKernels(build: KernelBuild = bestKernelBuild()): Promise<WebAssembly.Module> {
  let module = modules.get(build);
  if (module === undefined) {
    module = WebAssembly.compile(binaryOf(build));
    modules.set(build, module);
  }
  return module;
}

/** Every thread has a memory of its own, for which the engine also reserves some 10 GiB of addresses. */
function refusal(got: string, cause: unknown): CapacityError {
  const expected = "the browser or operating system to grant it; close other programs, use fewer threads, or raise the limit (ulimit -v)";
  const error = new CapacityError("no memory for the WebAssembly kernels", { key: "threads", expected, got });
  error.cause = cause;
  return error;
}

export class WasmKernels {
  readonly exports: KernelExports;
  readonly memory: WebAssembly.Memory;
  readonly #base: number;
  #top: number;

  private constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as KernelExports;
    this.memory = this.exports.memory;
    this.#base = this.exports.heapBase() >>> 0;
    this.#top = this.#base;
  }

  static async create(module?: WebAssembly.Module): Promise<WasmKernels> {
    const program = module ?? (await compileKernels());
    try {
      return new WasmKernels(await WebAssembly.instantiate(program, {}));
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw refusal(cause.message, cause);
    }
  }

  /** Pointer, aligned to 64 bytes, of `bytes` bytes that hold whatever was there before. Earlier views are detached when the memory has to grow. */
  allocate(bytes: number): number {
    if (!(Number.isSafeInteger(bytes) && bytes >= 0)) throw new RangeError(`allocate: expected a number of bytes, got ${bytes}`);
    const pointer = Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT;
    const end = pointer + bytes;
    const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#grow(missing, bytes);
    this.#top = end;
    return pointer;
  }

  #grow(missing: number, bytes: number): void {
    const used = this.memory.buffer.byteLength / PAGE;
    const room = MAX_PAGES - used;
    const mebibytes = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`;
    const got = `a request of ${mebibytes(bytes)} with ${mebibytes(this.#top)} in use`;
    if (missing > room) {
      const expected = `at most ${mebibytes(MAX_PAGES * PAGE)} per thread; use fewer sparse points or smaller batches`;
      throw new CapacityError("no memory for the WebAssembly kernels", { expected, got });
    }
    try {
      this.memory.grow(Math.min(Math.max(missing, GROWTH_PAGES), room));
    } catch (cause) {
      throw refusal(got, cause);
    }
  }

  /** State of the arena for release. */
  mark(): number {
    return this.#top;
  }

  /** Frees everything allocated since that mark. */
  release(mark: number): void {
    if (!(mark >= this.#base && mark <= this.#top)) throw new RangeError(`release: expected a mark from ${this.#base} to ${this.#top}, got ${mark}`);
    this.#top = mark;
  }

  /** View that lives until the next allocation; pointers of the kernels may come as signed numbers. */
  float64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer >>> 0, length);
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer >>> 0, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer >>> 0, length);
  }
}
