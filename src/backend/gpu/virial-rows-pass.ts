// What a chunk of centers adds to the rows of virials, Eqs. (22) and (23): shaders/virial-rows.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { VIRIAL_ROWS } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

export class VirialRowsPass {
  readonly #program: ComputeProgram;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram) {
    this.#program = program;
  }

  static async create(context: GpuContext, zeta: number): Promise<VirialRowsPass> {
    const bindings = ["rows", "sizes", "read", "read", "read", "read", "read", "read", "write"] as const;
    return new VirialRowsPass(await context.program({ label: "virial-rows", code: VIRIAL_ROWS, bindings, constants: { ZETA: zeta } }));
  }

  /**
   * @param sizes columns over 4, elements, index of the element, column of the products with μ
   * @param points a_m
   */
  bind(workspace: Workspace, sizes: GPUBuffer, points: GPUBuffer): void {
    const names = ["pair places", "segments", "offsets", "pairs", "products"] as const;
    const rest = names.map((name) => workspace.get(name));
    this.#group = this.#program.bind([workspace.get("rows"), sizes, ...rest, points, workspace.get("kernel rows")]);
  }

  /** @param quads columns over 4; those of a product are whole tiles of 16 */
  encode(pass: GPUComputePassEncoder, { block, count }: RowRange, quads: number): void {
    this.#program.encode(pass, this.#group, block, quads / 16, Math.ceil(count / 4));
  }
}
