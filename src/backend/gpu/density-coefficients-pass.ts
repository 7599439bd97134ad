// Density coefficients of a chunk of centers, Eq. (5): shaders/density-coefficients.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { DENSITY_COEFFICIENTS } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import { pairsPerTile } from "./tiles.js";
import type { Workspace } from "./workspace.js";

export class DensityCoefficientsPass {
  readonly #program: ComputeProgram;
  readonly #resident: ResidentTables;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, resident: ResidentTables) {
    this.#program = program;
    this.#resident = resident;
  }

  static async create(context: GpuContext, resident: ResidentTables): Promise<DensityCoefficientsPass> {
    const { lMax, nQuads } = resident.tables;
    const degrees = lMax + 1;
    const program = await context.program({
      label: "density-coefficients",
      code: DENSITY_COEFFICIENTS,
      bindings: ["rows", "read", "read", "read", "read", "read", "read", "write"],
      constants: { ...resident.radialConstants, TILE: pairsPerTile(16 * degrees * nQuads + 4 * degrees ** 2, 0, 16, context) },
    });
    return new DensityCoefficientsPass(program, resident);
  }

  /** To be called when buffers of the workspace were replaced. */
  bind(workspace: Workspace): void {
    const { table, recurrence, own } = this.#resident;
    this.#group = this.#program.bind([
      workspace.get("rows"),
      workspace.get("slots"),
      workspace.get("offsets"),
      workspace.get("pairs"),
      table,
      recurrence,
      own,
      workspace.get("coefficients"),
    ]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count, this.#resident.tables.layout.densities);
  }
}
