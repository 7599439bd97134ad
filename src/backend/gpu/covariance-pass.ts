// Covariance of the density coefficients of a chunk of centers, Eqs. (30), (31) and (42): shaders/covariance.wgsl.
import { blockCount, blockSize, type CovarianceLayout } from "../../basis/covariance.js";
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { COVARIANCE } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { Chunk } from "./rows.js";
import type { Workspace } from "./workspace.js";

/** Rows that float32 sums: their rounding stays that of the coefficients. */
export const GROUP = 64;

export class CovariancePass {
  /** Numbers of one group's sums. */
  readonly stride: number;
  readonly #program: ComputeProgram;
  readonly #resident: ResidentTables;
  readonly #mixed: boolean;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, resident: ResidentTables, mixed: boolean) {
    const { lMax, nQuads, layout } = resident.tables;
    const quads = mixed ? layout.densities * nQuads : nQuads;
    this.stride = (mixed ? 1 : layout.densities) * (lMax + 1) * 16 * quads * quads;
    this.#program = program;
    this.#resident = resident;
    this.#mixed = mixed;
  }

  static async create(context: GpuContext, resident: ResidentTables, mixed: boolean): Promise<CovariancePass> {
    const { lMax, nQuads, layout } = resident.tables;
    const program = await context.program({
      label: "covariance",
      code: COVARIANCE,
      bindings: ["rows", "read", "read", "read", "write"],
      constants: { L_MAX: lMax, N_QUADS: nQuads, DENSITIES: layout.densities, MIXED: Number(mixed), GROUP },
    });
    return new CovariancePass(program, resident, mixed);
  }

  /** Groups of a chunk of so many rows; two elements may share a block of rows. */
  groups(rows: number): number {
    return Math.ceil(rows / GROUP) + this.#resident.tables.layout.species.length;
  }

  bind(workspace: Workspace): void {
    const names = ["rows", "slots", "roots", "coefficients", "partials"] as const;
    this.#group = this.#program.bind(names.map((name) => workspace.get(name)));
  }

  encode(pass: GPUComputePassEncoder, { parts }: Chunk): void {
    for (const { block, first, count } of parts) {
      const groups = Math.floor((first + count - 1) / GROUP) - Math.floor(first / GROUP) + 1;
      this.#program.encode(pass, this.#group, block, groups, Math.ceil(this.stride / (16 * 64)));
    }
  }

  /**
   * Adds what a chunk's groups came to, group after group, in float64.
   * @param sums as those of the covariance
   * @param blockOf the covariance's block of centers, [element]
   */
  addTo(sums: Float64Array, covariance: CovarianceLayout, { parts }: Chunk, blockOf: Int32Array, values: Float32Array): void {
    const { nMax, nQuads } = this.#resident.tables;
    const size = blockSize(covariance);
    const perCenter = blockCount(covariance) / (covariance.centers?.length ?? 1);
    const quads = this.#mixed ? (size / nMax) * nQuads : nQuads;
    /** Quad and place in it of each channel. */
    const channels = Array.from({ length: size }, (_, k) => [Math.floor(k / nMax) * nQuads + ((k % nMax) >> 2), (k % nMax) & 3] as const);
    for (const { element, first, count } of parts) {
      const own = blockOf[element]! * perCenter * size * size;
      for (let block = Math.floor(first / GROUP); block * GROUP < first + count; block++) {
        for (let matrix = 0; matrix < perCenter; matrix++) {
          const from = (block + element) * this.stride + matrix * 16 * quads * quads;
          let at = own + matrix * size * size;
          for (const [i, x] of channels) for (const [j, y] of channels) sums[at++]! += values[from + 16 * (i * quads + j) + 4 * x + y]!;
        }
      }
    }
  }
}
