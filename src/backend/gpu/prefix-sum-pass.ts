// Counts in a buffer become the sums of all counts before them, the sum of all behind the last: shaders/block-sums.wgsl, shaders/prefix-sum.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { BLOCK_SUMS, PREFIX_SUM } from "./generated/shaders.js";

/** A workgroup takes a block. Every one adds up the sums of the blocks before its own, so that their number is kept small however many counts there are. */
const MAX_BLOCKS = 256;
/** Counts that are worth a workgroup. */
const BLOCK = 1024;
/** Bytes of the buffer of sums. */
export const BLOCK_SUMS_BYTES = 4 * MAX_BLOCKS;

export class PrefixSumPass {
  readonly #programs: readonly [ComputeProgram, ComputeProgram];
  #groups!: readonly [GPUBindGroup, GPUBindGroup];

  private constructor(programs: readonly [ComputeProgram, ComputeProgram]) {
    this.#programs = programs;
  }

  static async create(context: GpuContext): Promise<PrefixSumPass> {
    return new PrefixSumPass(
      await Promise.all([
        context.program({ label: "block-sums", code: BLOCK_SUMS, bindings: ["rows", "read", "write"] }),
        context.program({ label: "prefix-sum", code: PREFIX_SUM, bindings: ["rows", "read", "write"] }),
      ]),
    );
  }

  /** What the programs must know of `count` counts, for their block of `sizes`. */
  static sizes(count: number): [number, number] {
    return [count, BLOCK * Math.max(1, Math.ceil(count / (BLOCK * MAX_BLOCKS)))];
  }

  /** @param values one more than there are counts; `use`: what is counted, for the labels */
  bind(sizes: GPUBuffer, values: GPUBuffer, sums: GPUBuffer, use: string): void {
    const [first, second] = this.#programs;
    this.#groups = [first.bind([sizes, values, sums], use), second.bind([sizes, sums, values], use)];
  }

  /** @param block index of the block of `sizes` */
  encode(pass: GPUComputePassEncoder, block: number, count: number): void {
    const blocks = Math.max(1, Math.ceil(count / PrefixSumPass.sizes(count)[1]));
    this.#programs.forEach((program, k) => program.encode(pass, this.#groups[k]!, block, blocks));
  }
}
