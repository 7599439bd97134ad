// ∂p̂/∂r of every pair of a chunk of centers, Eq. (23), in rows behind the features of the centers: shaders/spectrum-gradient.wgsl.
import type { ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { SPECTRUM_GRADIENT } from "./generated/shaders.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

/** Workgroups that share the pairs of a center with one element: a chunk may have too few centers to fill a GPU. */
const STRIPES = 8;

export class SpectrumGradientPass {
  readonly #program: ComputeProgram;
  readonly #labels: GPUBuffer;
  readonly #elements: number;
  #group!: GPUBindGroup;

  private constructor(program: ComputeProgram, { labels, tables }: ResidentTables) {
    this.#program = program;
    this.#labels = labels;
    this.#elements = tables.layout.species.length;
  }

  static async create(context: GpuContext, resident: ResidentTables): Promise<SpectrumGradientPass> {
    const { layout, lMax, nQuads, radialOnly, normalize } = resident.tables;
    const elements = layout.species.length;
    const program = await context.program({
      label: "spectrum-gradient",
      code: SPECTRUM_GRADIENT,
      bindings: ["rows", "read", "read", "read", "read", "read", "read", "read", "write"],
      constants: {
        ELEMENTS: elements,
        MIXED: Number(layout.densities < elements),
        DENSITIES: layout.densities,
        DEGREES: lMax + 1,
        N_STRIDE: 4 * nQuads,
        FEATURES: layout.size,
        STRIDE: resident.featureBytes / 4,
        RADIAL: Number(radialOnly),
        NORMALIZE: Number(normalize),
        STRIPES,
      },
    });
    return new SpectrumGradientPass(program, resident);
  }

  bind(workspace: Workspace): void {
    const [rows, slots, offsets, pairs, places] = (["rows", "slots", "offsets", "pairs", "pair places"] as const).map((name) => workspace.get(name));
    const filled = (["environments", "contracted", "features"] as const).map((name) => workspace.get(name));
    this.#group = this.#program.bind([rows!, slots!, offsets!, pairs!, places!, this.#labels, ...filled]);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, count, this.#elements * STRIPES);
  }
}
