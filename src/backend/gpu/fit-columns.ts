// The columns of a fit's rows that belong to the sparse points of one element, or to some of them where all would be too wide for a buffer.
// The weights x_m that come of the rows are large and alternate in sign: rounding errors that differ from point to point are multiplied by Σ|x|.
// So with μ the mean of the points, z = μ + δ and z_m = μ + δ_m, float32 is used for what is small: t = δ·z_m = δ·μ + δ·δ_m and, of derivatives,
// ∂z·z_m = ∂z·μ + ∂z·δ_m, where the products with μ (a column of their own) are the same for all points. a_m = μ·z_m
// is a constant.
// Measured on a silicon fit with M = 40: without μ the error of test energies grew by 2 to 13 %.
import type { FitCenter } from "../backend.js";
import type { GpuContext } from "./context.js";
import { USAGE } from "./context.js";
import type { FitChunk } from "./fit-chunks.js";
import { KernelRowsPass } from "./kernel-rows-pass.js";
import { MatrixProductPass, paddedColumns, rightMatrix, type ProductPlace } from "./matrix-product-pass.js";
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
  readonly #product: MatrixProductPass;
  readonly #points: GPUBuffer;
  readonly #virial: KernelRowsPass;
  readonly #forces: KernelRowsPass;
  readonly #sizes: GPUBuffer;

  private constructor(
    context: GpuContext,
    [element, elements]: readonly [number, number],
    [first, count]: readonly [number, number],
    reference: Float64Array,
    product: MatrixProductPass,
    passes: readonly [KernelRowsPass, KernelRowsPass],
  ) {
    this.#context = context;
    this.element = element;
    this.first = first;
    this.count = count;
    this.stride = paddedColumns(count + 1);
    this.#product = product;
    const padded = new Float32Array(this.stride);
    padded.set(reference);
    this.#points = context.createFilled("kernel rows: points", padded);
    [this.#virial, this.#forces] = passes;
    this.#sizes = context.createFilled("kernel rows: sizes", new Uint32Array([this.stride / 4, elements, element, count]), USAGE.uniform);
  }

  /**
   * To be called within GpuContext.run.
   * @param element index of the element, and how many there are
   * @param points first sparse point, and how many
   * @param mean μ
   * @param left where δ and ∂δ stand
   */
  static async create(
    context: GpuContext,
    center: FitCenter,
    zeta: number,
    element: readonly [number, number],
    points: readonly [number, number],
    mean: Float32Array,
    left: Pick<ProductPlace, "left" | "leftStride">,
  ): Promise<FitColumns> {
    const { size, sparsePoints } = center;
    const [first, count] = points;
    const columns = new Float64Array((count + 1) * size);
    const reference = new Float64Array(count);
    for (let k = 0; k < count * size; k++) {
      const [value, mu] = [sparsePoints[first * size + k]!, mean[k % size]!];
      columns[k] = value - mu;
      reference[Math.floor(k / size)]! += value * mu;
    }
    columns.set(mean, count * size);
    const matrix = rightMatrix(columns, size, count + 1, true);
    const passes = [await KernelRowsPass.create(context, "virial-rows", zeta), await KernelRowsPass.create(context, "force-rows", zeta)] as const;
    const place: ProductPlace = { ...left, out: "products", outStride: paddedColumns(count + 1), accumulate: false };
    const product = await MatrixProductPass.create(context, "sparse points", matrix, place);
    return new FitColumns(context, element, points, reference, product, passes);
  }

  bind(workspace: Workspace): void {
    this.#product.bind(workspace);
    for (const pass of [this.#virial, this.#forces]) pass.bind(workspace, this.#sizes, this.#points);
  }

  /** Adds a chunk of centers to the rows. */
  encode(pass: GPUComputePassEncoder, chunk: FitChunk): void {
    const quads = this.stride / 4;
    this.#product.encode(pass, chunk.products);
    this.#virial.encode(pass, chunk.segments, quads);
    this.#forces.encode(pass, chunk.atoms, quads);
  }

  destroy(): void {
    this.#product.destroy();
    this.#context.destroyBuffer(this.#sizes);
    this.#context.destroyBuffer(this.#points);
  }
}

/** μ of a center's sparse points, exact in float32. */
export function meanPoint({ size, sparsePoints }: FitCenter): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(size);
  sparsePoints.forEach((value, k) => (sum[k % size]! += value));
  return Float32Array.from(sum, (value) => (value * size) / Math.max(1, sparsePoints.length));
}
