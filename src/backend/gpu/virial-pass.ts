// Virials of the structures of a batch, Eq. (22), in segments that the host adds up: shaders/virial.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { VIRIAL } from "./generated/shaders.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Centers whose pairs one workgroup sums up. */
const SEGMENT = 128;

const BUFFERS: readonly BufferName[] = ["atoms", "segments", "offsets", "pairs", "pair forces", "virials"];

export interface Segments {
  /** First center and the center behind the last, [segment][2]. */
  readonly ranges: Uint32Array<ArrayBuffer>;
  /** First segment of each structure, [structure + 1]. */
  readonly first: Int32Array;
}

/** The cut depends on each structure alone. */
export function createSegments(firstAtoms: Int32Array): Segments {
  const ranges: number[] = [];
  const first = new Int32Array(firstAtoms.length);
  for (let s = 0; s + 1 < firstAtoms.length; s++) {
    for (let atom = firstAtoms[s]!; atom < firstAtoms[s + 1]!; atom += SEGMENT) ranges.push(atom, Math.min(atom + SEGMENT, firstAtoms[s + 1]!));
    first[s + 1] = ranges.length / 2;
  }
  return { ranges: Uint32Array.from(ranges), first };
}

export class VirialPass {
  readonly #program: ComputeProgram;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram) {
    this.#program = program;
  }

  static async create(context: GpuContext): Promise<VirialPass> {
    return new VirialPass(await context.program({ label: "virial", code: VIRIAL, bindings: ["sizes", "read", "read", "read", "read", "write"] }));
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind(BUFFERS.map((name) => workspace.get(name)));
  }

  encode(pass: GPUComputePassEncoder, segments: number): void {
    this.#program.encode(pass, this.#group, null, segments);
  }
}
