// Energies of the rows of one element, Eqs. (15) and (16), ∂ε/∂s_m in place of the products, and the rest of ∂ε/∂p̂: shaders/kernel.wgsl.
import type { CenterModel } from "../../model/potential.js";
import type { CenteredModel } from "./centered-model.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { KERNEL } from "./generated/shaders.js";
import { paddedColumns } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

export class KernelPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #points: GPUBuffer;
  readonly #reference: GPUBuffer;
  readonly #sizes: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(
    context: GpuContext,
    program: ComputeProgram,
    { tables, featureBytes }: ResidentTables,
    model: CenteredModel,
    { projection, weights }: CenterModel,
  ) {
    this.#context = context;
    this.#program = program;
    const features = tables.layout.size;
    const stride = paddedColumns(model.points);
    const points = new Float32Array(2 * stride);
    for (let m = 0; m < model.points; m++) points.set([model.products[m]!, weights[m]!], 2 * m);
    this.#points = context.createFilled("kernel: points", points);
    this.#reference = context.createFilled("kernel: reference", referenceFeatures(model, projection, features));
    const sizes = new Uint32Array([stride, features, featureBytes / 4, paddedColumns(features), 0, 0, 0, 0]);
    new Float32Array(sizes.buffer)[4] = model.parallel;
    this.#sizes = context.createFilled("kernel: sizes", sizes, USAGE.uniform);
  }

  /** @param accumulate whether ∂ε/∂p̂ already holds a part. */
  static async create(
    context: GpuContext,
    resident: ResidentTables,
    model: CenteredModel,
    center: CenterModel,
    accumulate: boolean,
  ): Promise<KernelPass> {
    const program = await context.program({
      label: "kernel",
      code: KERNEL,
      bindings: ["rows", "sizes", "read", "read", "read", "read", "read", "write", "write", "write"],
      constants: { ZETA: model.zeta, ORDER: model.order, NORMALIZE: Number(resident.tables.normalize), ACCUMULATE: Number(accumulate) },
    });
    return new KernelPass(context, program, resident, model, center);
  }

  bind(workspace: Workspace): void {
    const [slots, environments, features] = (["slots", "environments", "features"] as const).map((name) => workspace.get(name)) as [
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
    ];
    const filled = (["products", "gradient", "energies"] as const).map((name) => workspace.get(name));
    this.#group = this.#program.bind([workspace.get("rows"), this.#sizes, slots, environments, this.#points, this.#reference, features, ...filled]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  destroy(): void {
    for (const buffer of [this.#points, this.#reference, this.#sizes]) this.#context.destroyBuffer(buffer);
  }
}

/** Vμ and Vg⟂, [feature][2]; V is 1 without a projection. */
function referenceFeatures(
  { mean, perpendicular, size }: CenteredModel,
  projection: Float64Array | null,
  features: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(2 * features);
  for (let f = 0; f < features; f++) {
    let [x, y] = projection ? [0, 0] : [mean[f]!, perpendicular[f]!];
    if (projection) {
      for (let q = 0, at = f * size; q < size; q++, at++) {
        x += projection[at]! * mean[q]!;
        y += projection[at]! * perpendicular[q]!;
      }
    }
    out.set([x, y], 2 * f);
  }
  return out;
}
