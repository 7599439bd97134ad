// What a chunk of centers adds to the rows of virials, Eqs. (22) and (23), or forces, Eqs. (21) and (23), in the columns of one element:
// shaders/virial-rows.wgsl, shaders/force-rows.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { FORCE_ROWS, KERNEL_PRODUCTS, VIRIAL_ROWS } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Every program with what it reads of the workspace, in the order of the binding numbers. */
const PROGRAMS = {
  "virial-rows": [VIRIAL_ROWS, ["pair places", "segments", "offsets", "pairs", "products"]],
  "force-rows": [FORCE_ROWS, ["pair places", "offsets", "neighbors", "reverse", "products"]],
} as const satisfies Record<string, readonly [string, readonly BufferName[]]>;

type RowKind = keyof typeof PROGRAMS;

export class KernelRowsPass {
  readonly #program: ComputeProgram;
  readonly #read: readonly BufferName[];
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, read: readonly BufferName[]) {
    this.#program = program;
    this.#read = read;
  }

  static async create(context: GpuContext, label: RowKind, zeta: number): Promise<KernelRowsPass> {
    const [code, read] = PROGRAMS[label];
    const bindings = ["rows", "sizes", ...read.map(() => "read" as const), "read", "write"] as const;
    return new KernelRowsPass(await context.program({ label, code: code + KERNEL_PRODUCTS, bindings, constants: { ZETA: zeta } }), read);
  }

  /**
   * @param sizes columns over 4, elements, index of the element, column of the products with μ
   * @param points a_m
   */
  bind(workspace: Workspace, sizes: GPUBuffer, points: GPUBuffer): void {
    const read = this.#read.map((name) => workspace.get(name));
    this.#group = this.#program.bind([workspace.get("rows"), sizes, ...read, points, workspace.get("kernel rows")]);
  }

  /**
   * @param range segments for virials, atoms for forces
   * @param quads columns over 4; those of a product are whole tiles of 16
   */
  encode(pass: GPUComputePassEncoder, { block, count }: RowRange, quads: number): void {
    this.#program.encode(pass, this.#group, block, quads / 16, Math.ceil(count / 4));
  }
}
