// Virials of the structures of a batch, Eq. (22), in segments that the host adds up: shaders/virial.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { VIRIAL } from "./generated/shaders.js";
import type { Workspace } from "./workspace.js";

/** Pairs that one workgroup sums up. */
const SEGMENT = 8192;

export interface Segments {
  /** First pair and the pair behind the last, [segment][2]. */
  readonly ranges: Uint32Array<ArrayBuffer>;
  /** First segment of each structure, [structure + 1]. */
  readonly first: Int32Array;
}

/** The cut depends on each structure alone. */
export function createSegments(firstPairs: Int32Array): Segments {
  const ranges: number[] = [];
  const first = new Int32Array(firstPairs.length);
  for (let s = 0; s + 1 < firstPairs.length; s++) {
    for (let pair = firstPairs[s]!; pair < firstPairs[s + 1]!; pair += SEGMENT) ranges.push(pair, Math.min(pair + SEGMENT, firstPairs[s + 1]!));
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
    return new VirialPass(await context.program({ label: "virial", code: VIRIAL, bindings: ["read", "read", "read", "write"] }));
  }

  bind(workspace: Workspace): void {
    this.#group = this.#program.bind((["segments", "pairs", "pair forces", "virials"] as const).map((name) => workspace.get(name)));
  }

  encode(pass: GPUComputePassEncoder, segments: number): void {
    this.#program.encode(pass, this.#group, null, segments);
  }
}
