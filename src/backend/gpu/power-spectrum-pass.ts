// Features of a chunk of centers from their coefficients, Eqs. (11)–(13): shaders/power-spectrum.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { POWER_SPECTRUM } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

export class PowerSpectrumPass {
  readonly #program: ComputeProgram;
  readonly #labels: GPUBuffer;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, labels: GPUBuffer) {
    this.#program = program;
    this.#labels = labels;
  }

  static async create(context: GpuContext, { tables, labels, featureBytes }: ResidentTables): Promise<PowerSpectrumPass> {
    const program = await context.program({
      label: "power-spectrum",
      code: POWER_SPECTRUM,
      bindings: ["rows", "read", "read", "write", "write"],
      constants: {
        ORDERS: (tables.lMax + 1) ** 2,
        N_STRIDE: 4 * tables.nQuads,
        DENSITIES: tables.layout.densities,
        FEATURES: tables.layout.size,
        STRIDE: featureBytes / 4,
        RADIAL: Number(tables.radialOnly),
        NORMALIZE: Number(tables.normalize),
      },
    });
    return new PowerSpectrumPass(program, labels);
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind([
      workspace.get("rows"),
      this.#labels,
      workspace.get("coefficients"),
      workspace.get("features"),
      workspace.get("environments"),
    ]);
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
