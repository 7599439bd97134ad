/** min |A x − b| by Householder QR of [A b]: with Qᵀ[A b] = [R c; 0 d], R x = c and |d| is the residual. */
import { InputError, NumericalError } from "../errors.js";
import type { WasmKernels } from "./wasm-kernels.js";

/** x [columns] for finite A [rows × columns] and b [rows]; what it allocates in the kernels' arena the caller releases. */
export function solveLeastSquares(kernels: WasmKernels, a: Float64Array, rows: number, columns: number, b: Float64Array): Float64Array {
  if (rows < columns) {
    throw new InputError("least squares with fewer equations than unknowns", { expected: `at least ${columns} rows`, got: `${rows}` });
  }
  const total = columns + 1;
  const pointer = kernels.allocate(rows * total * 8);
  const workspace = kernels.allocate(kernels.exports.qrWorkspaceBytes(rows, total) >>> 0);
  const stacked = kernels.float64(pointer, rows * total);
  for (let i = 0; i < rows; i++) {
    stacked.set(a.subarray(i * columns, (i + 1) * columns), i * total);
    stacked[i * total + columns] = b[i]!;
  }
  kernels.exports.qrReduce(rows, columns, total, pointer, total, workspace);
  const r = kernels.float64(pointer, columns * total);
  checkRank(r, rows, columns);
  const x = new Float64Array(columns);
  for (let i = columns - 1; i >= 0; i--) {
    let sum = r[i * total + columns]!;
    for (let j = i + 1; j < columns; j++) sum -= r[i * total + j]! * x[j]!;
    x[i] = sum / r[i * total + i]!;
  }
  return x;
}

/**
 * |R_jj| is the distance of column j from the span of those before it, |R_·j| its own length: their ratio is rounding when the column adds nothing.
 */
function checkRank(r: Float64Array, rows: number, columns: number): void {
  const total = columns + 1;
  const tolerance = Math.max(rows, 16) * Number.EPSILON;
  for (let j = 0; j < columns; j++) {
    let length = 0;
    for (let i = 0; i <= j; i++) length = Math.hypot(length, r[i * total + j]!);
    const distance = Math.abs(r[j * total + j]!);
    if (distance > tolerance * length) continue;
    const relative = (distance / length).toExponential(1);
    throw new NumericalError("the least-squares problem has no unique solution", {
      expected: `${columns} independent columns; leave out or merge unknowns, or add a regularization`,
      got: length === 0 ? `column ${j} is zero` : `column ${j} depends on the columns before it (relative distance ${relative})`,
    });
  }
}
