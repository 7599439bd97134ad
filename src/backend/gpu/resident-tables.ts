// The tables of the features in GPU buffers.
import type { GpuContext } from "./context.js";
import type { FeatureTables } from "./feature-tables.js";

export class ResidentTables {
  readonly tables: FeatureTables;
  readonly table: GPUBuffer;
  readonly recurrence: GPUBuffer;
  readonly own: GPUBuffer;
  readonly labels: GPUBuffer;
  readonly blocks: GPUBuffer;
  /** Bytes of one row: coefficients of all densities, and features. */
  readonly coefficientBytes: number;
  readonly featureBytes: number;
  readonly #context: GpuContext;

  /** @throws CapacityError when the radial tables of all elements are more than a pass may bind. */
  constructor(context: GpuContext, tables: FeatureTables) {
    this.#context = context;
    this.tables = tables;
    this.table = context.createFilled("radial table", tables.table);
    this.recurrence = context.createFilled("harmonic recurrence", tables.recurrence);
    this.own = context.createFilled("own density", tables.own);
    this.labels = context.createFilled("feature labels", tables.labels);
    this.blocks = context.createFilled("feature blocks", tables.blocks);
    this.coefficientBytes = 16 * tables.layout.densities * (tables.lMax + 1) ** 2 * tables.nQuads;
    this.featureBytes = 16 * Math.ceil(tables.layout.size / 4);
  }

  /** Constants of the programs that read the radial table. */
  get radialConstants(): Record<string, number> {
    const { lMax, nQuads, layout, intervals, start, inverseStep, tableStride, centerStride } = this.tables;
    return {
      L_MAX: lMax,
      N_QUADS: nQuads,
      ELEMENTS: layout.species.length,
      MIXED: Number(layout.densities < layout.species.length),
      TABLE_STRIDE: tableStride,
      CENTER_STRIDE: centerStride,
      INTERVALS: intervals,
      START: start,
      INVERSE_STEP: inverseStep,
      INVERSE_STEP_REST: inverseStep - Math.fround(inverseStep),
    };
  }

  destroy(): void {
    for (const buffer of [this.table, this.recurrence, this.own, this.labels, this.blocks]) this.#context.destroyBuffer(buffer);
  }
}
