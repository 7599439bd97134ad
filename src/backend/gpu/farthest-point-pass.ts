// The next point of farthest-point sampling, Eq. (19): shaders/farthest-point.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { FARTHEST_POINT } from "./generated/shaders.js";
import type { Workspace } from "./workspace.js";

export class FarthestPointPass {
  readonly #program: ComputeProgram;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram) {
    this.#program = program;
  }

  static async create(context: GpuContext): Promise<FarthestPointPass> {
    const bindings = ["rows", "sizes", "read", "write"] as const;
    return new FarthestPointPass(await context.program({ label: "farthest-point", code: FARTHEST_POINT, bindings }));
  }

  bind(workspace: Workspace, sizes: GPUBuffer): void {
    this.#group = this.#program.bind([workspace.get("rows"), sizes, workspace.get("farthest"), workspace.get("taken")]);
  }

  encode(pass: GPUComputePassEncoder, step: number): void {
    this.#program.encode(pass, this.#group, step, 1);
  }
}
