// The columns of a fit's rows that belong to the sparse points of one element, or to some of them where all would be too wide for a buffer.
import type { FitCenter } from "../backend.js";
import type { GpuContext } from "./context.js";
import { USAGE } from "./context.js";
import { EnergyRowsPass } from "./energy-rows-pass.js";
import type { FitChunk } from "./fit-chunks.js";
import { ForceRowsPass } from "./force-rows-pass.js";
import { MatrixProductPass, paddedColumns, rightMatrix, type ProductPlace } from "./matrix-product-pass.js";
import { VirialRowsPass } from "./virial-rows-pass.js";
import type { Workspace } from "./workspace.js";

export class FitColumns {
  /** Index of the element. */
  readonly element: number;
  /** First sparse point, and how many. */
  readonly first: number;
  readonly count: number;
  /** Numbers from row to row. */
  readonly stride: number;
  readonly #context: GpuContext;
  readonly #points: MatrixProductPass;
  readonly #energy: EnergyRowsPass;
  readonly #virial: VirialRowsPass;
  readonly #forces: ForceRowsPass;
  readonly #sizes: GPUBuffer;

  private constructor(
    context: GpuContext,
    [element, elements]: readonly [number, number],
    [first, count]: readonly [number, number],
    points: MatrixProductPass,
    passes: readonly [EnergyRowsPass, VirialRowsPass, ForceRowsPass],
  ) {
    this.#context = context;
    this.element = element;
    this.first = first;
    this.count = count;
    this.stride = paddedColumns(count);
    this.#points = points;
    [this.#energy, this.#virial, this.#forces] = passes;
    this.#sizes = context.createFilled("kernel rows: sizes", new Uint32Array([this.stride / 4, elements, element, 0]), USAGE.uniform);
  }

  /**
   * To be called within GpuContext.run.
   * @param element index of the element, and how many there are
   * @param points first sparse point, and how many
   * @param left where z stands
   */
  static async create(
    context: GpuContext,
    center: FitCenter,
    zeta: number,
    element: readonly [number, number],
    points: readonly [number, number],
    left: Pick<ProductPlace, "left" | "leftStride">,
  ): Promise<FitColumns> {
    const { size, sparsePoints } = center;
    const [first, count] = points;
    const matrix = rightMatrix(sparsePoints.subarray(first * size, (first + count) * size), size, count, true);
    const passes = [await EnergyRowsPass.create(context, zeta), await VirialRowsPass.create(context, zeta), await ForceRowsPass.create(context, zeta)] as const;
    const place: ProductPlace = { ...left, out: "products", outStride: paddedColumns(count), accumulate: false };
    return new FitColumns(context, element, points, await MatrixProductPass.create(context, "sparse points", matrix, place), passes);
  }

  bind(workspace: Workspace): void {
    this.#points.bind(workspace);
    for (const pass of [this.#energy, this.#virial, this.#forces]) pass.bind(workspace, this.#sizes);
  }

  /** Adds a chunk of centers to the rows. */
  encode(pass: GPUComputePassEncoder, chunk: FitChunk, derivatives: boolean): void {
    const quads = this.stride / 4;
    this.#points.encode(pass, chunk.products);
    this.#energy.encode(pass, chunk.segments, quads);
    if (!derivatives) return;
    this.#virial.encode(pass, chunk.segments, quads);
    this.#forces.encode(pass, chunk.atoms, quads);
  }

  destroy(): void {
    this.#points.destroy();
    this.#context.destroyBuffer(this.#sizes);
  }
}
