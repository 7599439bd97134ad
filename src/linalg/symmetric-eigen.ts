/** A = Σ_c λ_c u_c u_cᵀ: eigenvalues in descending order, eigenvectors with a fixed sign, so that what is built on them is reproducible. */
import { NumericalError } from "../errors.js";
import type { WasmKernels } from "./wasm-kernels.js";

export interface SymmetricEigen {
  /** λ_c, [component], descending. */
  readonly values: Float64Array;
  /** u_c, [component][n], orthonormal rows; the component of largest magnitude (the first of equals) is positive. */
  readonly vectors: Float64Array;
}

/** Of the finite A [n × n] the upper triangle is read; what is allocated in the kernels' arena the caller releases. */
export function decomposeSymmetric(kernels: WasmKernels, a: Float64Array, n: number): SymmetricEigen {
  const largest = a.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  // A power of two: it changes no digit. Squares of very large or small elements would overflow or vanish.
  const scale = largest === 0 ? 1 : 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const pointers = [n * n, n, n * n].map((length) => kernels.allocate(length * 8)) as [number, number, number];
  const workspace = kernels.allocate(kernels.exports.eigenWorkspaceBytes(n) >>> 0);
  const matrix = kernels.float64(pointers[0], n * n);
  for (let k = 0; k < matrix.length; k++) matrix[k] = a[k]! / scale;
  const failed = kernels.exports.symmetricEigen(n, pointers[0], pointers[1], pointers[2], workspace);
  if (failed >= 0) {
    throw new NumericalError("the eigenvalues did not converge", { expected: "at most 50 sweeps for each", got: `more for number ${failed} of ${n}` });
  }

  const unordered = kernels.float64(pointers[1], n);
  const rows = kernels.float64(pointers[2], n * n);
  const order = Int32Array.from(unordered, (_, c) => c).sort((x, y) => unordered[y]! - unordered[x]! || x - y);
  const values = Float64Array.from(order, (c) => unordered[c]! * scale);
  const vectors = new Float64Array(n * n);
  order.forEach((c, row) => {
    const vector = rows.subarray(c * n, (c + 1) * n);
    const sign = vector.reduce((lead, value) => (Math.abs(value) > Math.abs(lead) ? value : lead), 0) < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors[row * n + i] = sign * vector[i]!;
  });
  return { values, vectors };
}
