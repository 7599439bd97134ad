// Forces of all pairs of a chunk of centers, Eq. (21): shaders/pair-forces.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { PAIR_DERIVATIVES, PAIR_FORCES } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import { pairsPerTile } from "./tiles.js";
import type { Workspace } from "./workspace.js";

/** Bytes in which 64 threads leave their parts of the sums. */
const PARTS = 64 * 16;

export class PairForcesPass {
  readonly #program: ComputeProgram;
  readonly #resident: ResidentTables;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, resident: ResidentTables) {
    this.#program = program;
    this.#resident = resident;
  }

  static async create(context: GpuContext, resident: ResidentTables): Promise<PairForcesPass> {
    const { lMax, nQuads } = resident.tables;
    const degrees = lMax + 1;
    const program = await context.program({
      label: "pair-forces",
      code: PAIR_FORCES + PAIR_DERIVATIVES,
      bindings: ["rows", "read", "read", "read", "read", "read", "read", "write"],
      constants: { ...resident.radialConstants, TILE: pairsPerTile(32 * degrees * nQuads + 16 * degrees ** 2, PARTS, 8, context) },
    });
    return new PairForcesPass(program, resident);
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
      workspace.get("adjoint"),
      workspace.get("pair forces"),
    ]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count, this.#resident.tables.layout.species.length);
  }
}
