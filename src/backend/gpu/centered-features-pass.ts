// δ = z − μ of the rows of one element, and its products with μ, g and s: shaders/centered-features.wgsl.
import type { CenteredModel } from "./centered-model.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { CENTERED_FEATURES } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Numbers of a row of δ. */
export function centeredStride(size: number): number {
  return 4 * Math.ceil(size / 4);
}

export class CenteredFeaturesPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #source: BufferName;
  readonly #sizes: GPUBuffer;
  readonly #reference: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, model: CenteredModel, source: BufferName, sourceStride: number) {
    this.#context = context;
    this.#program = program;
    this.#source = source;
    const stride = centeredStride(model.size);
    const reference = new Float32Array(4 * stride);
    for (let q = 0; q < model.size; q++) reference.set([model.mean[q]!, model.slope[q]!, model.curvature?.parallel[q] ?? 0], 4 * q);
    this.#reference = context.createFilled("mean of the sparse points", reference);
    this.#sizes = context.createFilled("centered features: sizes", new Uint32Array([stride, sourceStride, 0, 0]), USAGE.uniform);
  }

  static async create(context: GpuContext, model: CenteredModel, source: BufferName, sourceStride: number): Promise<CenteredFeaturesPass> {
    const program = await context.program({
      label: "centered-features",
      code: CENTERED_FEATURES,
      bindings: ["rows", "sizes", "read", "read", "write", "write"],
    });
    return new CenteredFeaturesPass(context, program, model, source, sourceStride);
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind([
      workspace.get("rows"),
      this.#sizes,
      workspace.get(this.#source),
      this.#reference,
      workspace.get("centered"),
      workspace.get("environments"),
    ]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  destroy(): void {
    this.#context.destroyBuffer(this.#reference);
    this.#context.destroyBuffer(this.#sizes);
  }
}
