// Forces on all atoms of a batch from the pair forces, Eq. (21): shaders/force-gather.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { FORCE_GATHER } from "./generated/shaders.js";
import type { Workspace } from "./workspace.js";

export class ForceGatherPass {
  readonly #program: ComputeProgram;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram) {
    this.#program = program;
  }

  static async create(context: GpuContext): Promise<ForceGatherPass> {
    return new ForceGatherPass(
      await context.program({ label: "force-gather", code: FORCE_GATHER, bindings: ["sizes", "read", "read", "read", "write"] }),
    );
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind((["atoms", "offsets", "reverse", "pair forces", "forces"] as const).map((name) => workspace.get(name)));
  }

  encode(pass: GPUComputePassEncoder, atoms: number): void {
    this.#program.encode(pass, this.#group, null, Math.ceil(atoms / 64));
  }
}
