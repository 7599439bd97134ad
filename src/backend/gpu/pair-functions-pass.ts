// Energies and pair forces of functions of pairs, Eq. (70): shaders/pair-functions.wgsl.
import type { PairSums } from "../../pairs/pair-sums.js";
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { PAIR_FUNCTIONS } from "./generated/shaders.js";
import type { Workspace } from "./workspace.js";

/** 32-bit words of a function on the GPU. */
const WORDS = 8;

export class PairFunctionsPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #tables: readonly GPUBuffer[];
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, tables: readonly GPUBuffer[]) {
    this.#context = context;
    this.#program = program;
    this.#tables = tables;
  }

  /** To be called within GpuContext.run. @throws CapacityError when the splines are more than a pass may bind. */
  static async create(context: GpuContext, { functions }: PairSums): Promise<PairFunctionsPass> {
    const lists = functions.flat();
    const all = lists.flat();
    const ranges = new Uint32Array(2 * lists.length);
    let next = 0;
    lists.forEach((list, index) => ranges.set([next, (next += list.length)], 2 * index));
    const words = new Uint32Array(WORDS * all.length);
    const floats = new Float32Array(words.buffer);
    // Both directions of a pair may have the same spline.
    const splines = [...new Set(all.map((one) => one.coefficients))];
    const firsts = new Map<Float64Array, number>();
    const coefficients = new Float32Array(splines.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const spline of splines) {
      firsts.set(spline, end / 4);
      coefficients.set(spline, end);
      end += spline.length;
    }
    all.forEach(({ coefficients: own, intervals, divided, radius, start, inverseStep }, index) => {
      words.set([firsts.get(own)!, intervals, Number(divided)], WORDS * index);
      floats.set([radius, start, inverseStep, inverseStep - Math.fround(inverseStep)], WORDS * index + 3);
    });
    const program = await context.program({
      label: "pair-functions", code: PAIR_FUNCTIONS, bindings: ["sizes", "read", "read", "read", "read", "read", "read", "write", "write"],
    });
    // First what may be too large.
    const table = context.createFilled("splines of pairs", coefficients);
    const tables = [context.createFilled("ranges of pair functions", ranges), context.createFilled("pair functions", words), table];
    return new PairFunctionsPass(context, program, tables);
  }

  bind(workspace: Workspace): void {
    const get = (name: Parameters<Workspace["get"]>[0]): GPUBuffer => workspace.get(name);
    this.#group = this.#program.bind(
      [get("atoms"), get("coordinates"), get("offsets"), get("pairs"), ...this.#tables, get("energies"), get("pair forces")],
    );
  }

  encode(pass: GPUComputePassEncoder, atoms: number): void {
    this.#program.encode(pass, this.#group, null, Math.ceil(atoms / 64));
  }

  destroy(): void {
    for (const table of this.#tables) this.#context.destroyBuffer(table);
  }
}
