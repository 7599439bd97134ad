// ½ δ·S'δ of the rows of one element: shaders/curvature.wgsl.
import { centeredStride } from "./centered-features-pass.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { CURVATURE } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

export class CurvaturePass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #slope: BufferName;
  readonly #sizes: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, size: number, slope: BufferName, slopeStride: number) {
    this.#context = context;
    this.#program = program;
    this.#slope = slope;
    this.#sizes = context.createFilled("curvature: sizes", new Uint32Array([centeredStride(size), slopeStride, 0, 0]), USAGE.uniform);
  }

  /** @param slope where S'δ stands, [row][slopeStride]. */
  static async create(context: GpuContext, size: number, slope: BufferName, slopeStride: number): Promise<CurvaturePass> {
    return new CurvaturePass(
      context,
      await context.program({ label: "curvature", code: CURVATURE, bindings: ["rows", "sizes", "read", "read", "write"] }),
      size,
      slope,
      slopeStride,
    );
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind([
      workspace.get("rows"),
      this.#sizes,
      workspace.get("centered"),
      workspace.get(this.#slope),
      workspace.get("environments"),
    ]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  destroy(): void {
    this.#context.destroyBuffer(this.#sizes);
  }
}
