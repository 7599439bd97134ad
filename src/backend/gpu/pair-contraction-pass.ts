// Radial parts and contracted coefficients of the pairs of a chunk of centers, Eq. (23): shaders/pair-contraction.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { PAIR_CONTRACTION, PAIR_DERIVATIVES } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import { pairsPerTile } from "./tiles.js";
import type { Workspace } from "./workspace.js";

/** Bytes of a pair in "contracted". */
export function contractedBytes({ layout, lMax, nQuads }: ResidentTables["tables"]): number {
  return 64 * (layout.densities + 1) * (lMax + 1) * nQuads;
}

export class PairContractionPass {
  readonly #program: ComputeProgram;
  readonly #resident: ResidentTables;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, resident: ResidentTables) {
    this.#program = program;
    this.#resident = resident;
  }

  static async create(context: GpuContext, resident: ResidentTables): Promise<PairContractionPass> {
    const { lMax, nQuads } = resident.tables;
    const degrees = lMax + 1;
    const program = await context.program({
      label: "pair-contraction",
      code: PAIR_CONTRACTION + PAIR_DERIVATIVES,
      bindings: ["rows", "read", "read", "read", "read", "read", "read", "read", "write"],
      constants: { ...resident.radialConstants, TILE: pairsPerTile(32 * degrees * nQuads + 16 * degrees ** 2, 0, 8, context) },
    });
    return new PairContractionPass(program, resident);
  }

  bind(workspace: Workspace): void {
    const { table, recurrence } = this.#resident;
    this.#group = this.#program.bind([
      workspace.get("rows"),
      workspace.get("slots"),
      workspace.get("offsets"),
      workspace.get("pairs"),
      table,
      recurrence,
      workspace.get("coefficients"),
      workspace.get("pair places"),
      workspace.get("contracted"),
    ]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count, this.#resident.tables.layout.species.length);
  }
}
