// ∂ε/∂c of a chunk of centers from ∂ε/∂p̂, Eq. (21): shaders/power-spectrum-adjoint.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { POWER_SPECTRUM_ADJOINT } from "./generated/shaders.js";
import { paddedColumns } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

export class PowerSpectrumAdjointPass {
  readonly #program: ComputeProgram;
  readonly #blocks: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, blocks: GPUBuffer) {
    this.#program = program;
    this.#blocks = blocks;
  }

  static async create(context: GpuContext, { tables, blocks, featureBytes }: ResidentTables): Promise<PowerSpectrumAdjointPass> {
    const { lMax, nMax, nQuads, layout, radialOnly, normalize } = tables;
    const program = await context.program({
      label: "power-spectrum-adjoint",
      code: POWER_SPECTRUM_ADJOINT,
      bindings: ["rows", "read", "read", "read", "read", "write", "write"],
      constants: {
        L_MAX: lMax,
        N_MAX: nMax,
        N_STRIDE: 4 * nQuads,
        DENSITIES: layout.densities,
        FEATURES: layout.size,
        STRIDE: featureBytes / 4,
        GRADIENT_STRIDE: paddedColumns(layout.size),
        RADIAL: Number(radialOnly),
        NORMALIZE: Number(normalize),
      },
    });
    return new PowerSpectrumAdjointPass(program, blocks);
  }

  bind(workspace: Workspace): void {
    const rest = (["coefficients", "features", "environments", "gradient", "adjoint"] as const).map((name) => workspace.get(name));
    this.#group = this.#program.bind([workspace.get("rows"), this.#blocks, ...rest]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count);
  }

  /** Bytes of one row in buffers of its own: none. */
  get rowBytes(): number[] {
    return [];
  }

  reserve(): void {}

  destroy(): void {}
}
