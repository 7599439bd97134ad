// Energies of the rows of one element, Eqs. (15) and (16), and ∂ε/∂s_m in place of the products: shaders/kernel.wgsl.
import type { CenteredModel } from "./centered-model.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { centeredStride } from "./centered-features-pass.js";
import { KERNEL } from "./generated/shaders.js";
import { paddedColumns } from "./matrix-product-pass.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

export class KernelPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #mean: GPUBuffer;
  readonly #slope: BufferName;
  readonly #points: GPUBuffer;
  readonly #sizes: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, model: CenteredModel, weights: Float64Array, mean: GPUBuffer, slope: BufferName, slopeStride: number) {
    this.#context = context;
    this.#program = program;
    this.#mean = mean;
    this.#slope = slope;
    const stride = paddedColumns(model.points);
    const points = new Float32Array(2 * stride);
    for (let m = 0; m < model.points; m++) points.set([model.products[m]!, weights[m]!], 2 * m);
    this.#points = context.createFilled("kernel: points", points);
    this.#sizes = context.createFilled("kernel: sizes", new Uint32Array([stride, centeredStride(model.size), slopeStride, 0]), USAGE.uniform);
  }

  /** @param mean as the centered features have it; the slope goes to `slope`, padded with zeros to `slopeStride` numbers. */
  static async create(
    context: GpuContext, zeta: number, model: CenteredModel, weights: Float64Array, mean: GPUBuffer, slope: BufferName, slopeStride: number,
  ): Promise<KernelPass> {
    const program = await context.program({
      label: "kernel", code: KERNEL, bindings: ["rows", "sizes", "read", "read", "read", "read", "write", "write", "write"], constants: { ZETA: zeta },
    });
    return new KernelPass(context, program, model, weights, mean, slope, slopeStride);
  }

  bind(workspace: Workspace): void {
    const [rows, slots, environments, products] = (["rows", "slots", "environments", "products"] as const).map((name) => workspace.get(name)) as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
    this.#group = this.#program.bind([rows, this.#sizes, slots, environments, this.#points, this.#mean, products, workspace.get(this.#slope), workspace.get("energies")]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  destroy(): void {
    this.#context.destroyBuffer(this.#points);
    this.#context.destroyBuffer(this.#sizes);
  }
}
