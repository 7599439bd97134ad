// Rows times a resident matrix: shaders/matrix-product.wgsl. Projection on components, products with sparse points, and both ways back.
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { MATRIX_PRODUCT } from "./generated/shaders.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Columns of a resident matrix come in tiles of 64. */
export function paddedColumns(columns: number): number {
  return 64 * Math.ceil(columns / 64);
}

/** A matrix for the right side of a product: [k][column], k padded to 4 and columns to 64 with zeros. */
export interface RightMatrix {
  readonly inner: number;
  readonly columns: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** `values` [k][column], or [column][k] when it is to be transposed. */
export function rightMatrix(values: ArrayLike<number>, inner: number, columns: number, transposed: boolean): RightMatrix {
  const stride = paddedColumns(columns);
  const padded = new Float32Array(4 * Math.ceil(inner / 4) * stride);
  for (let k = 0; k < inner; k++)
    for (let column = 0; column < columns; column++) padded[k * stride + column] = values[transposed ? column * inner + k : k * columns + column]!;
  return { inner, columns, values: padded };
}

export interface ProductPlace {
  readonly left: BufferName;
  /** Numbers from row to row; multiples of 4. */
  readonly leftStride: number;
  readonly out: BufferName;
  readonly outStride: number;
  /** Add to what stands in `out`. */
  readonly accumulate: boolean;
}

export class MatrixProductPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #label: string;
  readonly #place: ProductPlace;
  readonly #matrix: GPUBuffer;
  readonly #sizes: GPUBuffer;
  readonly #tiles: number;
  #group!: GPUBindGroup;

  private constructor(context: GpuContext, program: ComputeProgram, label: string, matrix: RightMatrix, place: ProductPlace) {
    this.#context = context;
    this.#program = program;
    this.#label = label;
    this.#place = place;
    this.#tiles = Math.ceil(matrix.columns / 64);
    this.#matrix = context.createFilled(label, matrix.values);
    const sizes = new Uint32Array([Math.ceil(matrix.inner / 4), paddedColumns(matrix.columns) / 4, place.leftStride / 4, place.outStride / 4]);
    this.#sizes = context.createFilled(`${label}: sizes`, sizes, USAGE.uniform);
  }

  static async create(context: GpuContext, label: string, matrix: RightMatrix, place: ProductPlace): Promise<MatrixProductPass> {
    const program = await context.program({
      label: "matrix-product",
      code: MATRIX_PRODUCT,
      bindings: ["rows", "sizes", "read", "read", "write"],
      constants: { ACCUMULATE: Number(place.accumulate) },
    });
    return new MatrixProductPass(context, program, label, matrix, place);
  }

  bind(workspace: Workspace): void {
    const [left, out] = [workspace.get(this.#place.left), workspace.get(this.#place.out)];
    this.#group = this.#program.bind([workspace.get("rows"), this.#sizes, left, this.#matrix, out], this.#label);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    this.#program.encode(pass, this.#group, block, Math.ceil(count / 64), this.#tiles);
  }

  destroy(): void {
    this.#context.destroyBuffer(this.#matrix);
    this.#context.destroyBuffer(this.#sizes);
  }
}
