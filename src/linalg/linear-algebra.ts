/**
 * Dense float64 linear algebra for host code on row-major matrices: products, Cholesky factors, triangular and least-squares solutions, symmetric
 * eigenvectors.
 * Creation is asynchronous (it compiles the kernels of wasm/), the calls are not. Arguments are copied in and results out, none is changed.
 * Errors: InputError for a length that does not fit the sizes, NumericalError for numbers that are not finite or do not allow the operation,
 * CapacityError.
 */
import { InputError, NumericalError } from "../errors.js";
import { solveLeastSquares } from "./least-squares.js";
import { type SymmetricEigen, decomposeSymmetric } from "./symmetric-eigen.js";
import { WasmKernels } from "./wasm-kernels.js";

export type { SymmetricEigen } from "./symmetric-eigen.js";

/** op(A) is [m × k], op(B) [k × n]; with transA the array holds Aᵀ's transpose, that is A as [k × m], with transB B as [n × k]. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** A matrix [rows × columns] that stays with the kernels, for many products with vectors. */
export interface ResidentMatrix {
  /** A x, [rows]; the array is overwritten by the next call. */
  timesVector(x: Float64Array): Float64Array;
}

export interface LinearAlgebra {
  /** Copies A [rows × columns]; its memory goes with the returned object, which has kernels of its own. */
  createResidentMatrix(a: Float64Array, rows: number, columns: number): Promise<ResidentMatrix>;
  /** op(A) op(B) as [m × n]. */
  multiply(a: Float64Array, b: Float64Array, shape: ProductShape): Float64Array;
  /** L [n × n] with A = L Lᵀ, zero above the diagonal; of A the lower triangle is read. NumericalError when A is not positive definite. */
  cholesky(a: Float64Array, n: number): Float64Array;
  /** L^{-1} b for L [n × n], of which the lower triangle is read. */
  solveLower(l: Float64Array, b: Float64Array, n: number): Float64Array;
  /** L^{-T} b */
  solveLowerTransposed(l: Float64Array, b: Float64Array, n: number): Float64Array;
  /** X L^{-T} for X [m × n]: rows of a kernel matrix become rows of Φ, THEORY.md Eq. (18). */
  whitenRows(x: Float64Array, l: Float64Array, m: number, n: number): Float64Array;
  /** x [columns] that minimizes |A x − b|, A [rows × columns], by Householder QR. NumericalError when A has not full column rank. */
  leastSquares(a: Float64Array, rows: number, columns: number, b: Float64Array): Float64Array;
  /** All eigenvalues and eigenvectors of the symmetric A [n × n], of which the upper triangle is read. */
  symmetricEigen(a: Float64Array, n: number): SymmetricEigen;
}

/** Compiles the kernels for this thread. */
export async function createLinearAlgebra(): Promise<LinearAlgebra> {
  return new WasmLinearAlgebra(await WasmKernels.create());
}

class WasmLinearAlgebra implements LinearAlgebra {
  readonly #kernels: WasmKernels;

  constructor(kernels: WasmKernels) {
    this.#kernels = kernels;
  }

  multiply(a: Float64Array, b: Float64Array, { m, n, k, transA = false, transB = false }: ProductShape): Float64Array {
    checkMatrix("A", a, transA ? k : m, transA ? m : k);
    checkMatrix("B", b, transB ? n : k, transB ? k : n);
    return this.#scoped(() => {
      const [pointerA, pointerB] = [this.#copyIn(a), this.#copyIn(b)];
      const c = this.#kernels.allocate(m * n * 8);
      this.#kernels.exports.gemm(Number(transA), Number(transB), m, n, k, 1, pointerA, transA ? m : k, pointerB, transB ? k : n, 0, c, n);
      return this.#kernels.float64(c, m * n).slice();
    });
  }

  async createResidentMatrix(a: Float64Array, rows: number, columns: number): Promise<ResidentMatrix> {
    checkMatrix("A", a, rows, columns);
    const kernels = await WasmKernels.create();
    const [matrix, vector, product] = [kernels.allocate(a.byteLength), kernels.allocate(columns * 8), kernels.allocate(rows * 8)];
    kernels.float64(matrix, a.length).set(a);
    const out = new Float64Array(rows);
    return {
      timesVector: (x) => {
        kernels.float64(vector, columns).set(x);
        kernels.exports.gemv(rows, columns, matrix, columns, vector, product);
        out.set(kernels.float64(product, rows));
        return out;
      },
    };
  }

  cholesky(a: Float64Array, n: number): Float64Array {
    checkMatrix("A", a, n, n);
    return this.#scoped(() => {
      const pointer = this.#copyIn(a);
      const failed = this.#kernels.exports.cholesky(n, pointer, n);
      const factor = this.#kernels.float64(pointer, n * n).slice();
      if (failed >= 0) throw notPositiveDefinite(a, n, failed, factor[failed * n + failed]!);
      for (let i = 0; i < n; i++) factor.fill(0, i * n + i + 1, (i + 1) * n);
      return factor;
    });
  }

  solveLower(l: Float64Array, b: Float64Array, n: number): Float64Array {
    return this.#solve(l, b, 1, n, (matrix, vector) => this.#kernels.exports.trsvLower(n, matrix, n, vector));
  }

  solveLowerTransposed(l: Float64Array, b: Float64Array, n: number): Float64Array {
    return this.#solve(l, b, 1, n, (matrix, vector) => this.#kernels.exports.trsvLowerTransposed(n, matrix, n, vector));
  }

  whitenRows(x: Float64Array, l: Float64Array, m: number, n: number): Float64Array {
    return this.#solve(l, x, m, n, (matrix, rows) => this.#kernels.exports.trsmRightLowerTransposed(m, n, matrix, n, rows, n));
  }

  leastSquares(a: Float64Array, rows: number, columns: number, b: Float64Array): Float64Array {
    checkMatrix("A", a, rows, columns);
    checkMatrix("b", b, rows, 1);
    return this.#scoped(() => solveLeastSquares(this.#kernels, a, rows, columns, b));
  }

  symmetricEigen(a: Float64Array, n: number): SymmetricEigen {
    checkMatrix("A", a, n, n);
    return this.#scoped(() => decomposeSymmetric(this.#kernels, a, n));
  }

  #solve(l: Float64Array, right: Float64Array, m: number, n: number, run: (matrix: number, right: number) => void): Float64Array {
    checkMatrix("L", l, n, n);
    checkMatrix("the right-hand side", right, m, n);
    for (let i = 0; i < n; i++) {
      if (l[i * n + i] !== 0) continue;
      throw new NumericalError("the triangular matrix is singular", { expected: "a diagonal without zeros", got: `0 in row ${i} of ${n}` });
    }
    return this.#scoped(() => {
      const [matrix, solution] = [this.#copyIn(l), this.#copyIn(right)];
      run(matrix, solution);
      return this.#kernels.float64(solution, m * n).slice();
    });
  }

  #copyIn(values: Float64Array): number {
    const pointer = this.#kernels.allocate(values.length * 8);
    this.#kernels.float64(pointer, values.length).set(values);
    return pointer;
  }

  #scoped<T>(run: () => T): T {
    const mark = this.#kernels.mark();
    try {
      return run();
    } finally {
      this.#kernels.release(mark);
    }
  }
}

function notPositiveDefinite(a: Float64Array, n: number, index: number, pivot: number): NumericalError {
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, a[i * n + i]!);
  const got = `pivot ${index} of ${n} is ${pivot.toExponential(3)} where the largest diagonal element is ${largest.toExponential(3)}`;
  const expected = "positive pivots; add a larger jitter to the diagonal, or drop duplicate points";
  return new NumericalError("the matrix is not positive definite", { expected, got });
}

function checkMatrix(name: string, values: Float64Array, rows: number, columns: number): void {
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows >= 0 && columns >= 0;
  if (!whole) throw new InputError(`size of ${name}`, { expected: "whole numbers", got: `${rows} × ${columns}` });
  if (values.length !== rows * columns) throw new InputError(`length of ${name}`, { expected: `${rows} × ${columns} numbers`, got: `${values.length}` });
  // Not findIndex: its callback took a third of the time of a product with few columns.
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  const got = `${values[at]} in row ${Math.floor(at / columns)}, column ${at % columns}`;
  throw new NumericalError(`${name} is not finite`, { expected: "finite numbers", got });
}
