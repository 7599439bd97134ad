// δ = z − μ of the centers of one element, in place: shaders/subtract-mean.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { SUBTRACT_MEAN } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

export class SubtractMeanPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #values: BufferName;
  readonly #mean: GPUBuffer;
  readonly #sizes: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, mean: Float32Array<ArrayBuffer>, values: BufferName, stride: number) {
    this.#context = context;
    this.#program = program;
    this.#values = values;
    this.#mean = context.createFilled("mean of the sparse points", mean);
    this.#sizes = context.createFilled("subtract mean: sizes", new Uint32Array([mean.length, stride, 0, 0]), USAGE.uniform);
  }

  /** @param values where z stands, [row][stride] */
  static async create(context: GpuContext, mean: Float32Array<ArrayBuffer>, values: BufferName, stride: number): Promise<SubtractMeanPass> {
    const bindings = ["rows", "sizes", "read", "write"] as const;
    return new SubtractMeanPass(context, await context.program({ label: "subtract-mean", code: SUBTRACT_MEAN, bindings }), mean, values, stride);
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind([workspace.get("rows"), this.#sizes, this.#mean, workspace.get(this.#values)]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  destroy(): void {
    this.#context.destroyBuffer(this.#mean);
    this.#context.destroyBuffer(this.#sizes);
  }
}
