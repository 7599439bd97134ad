/**
 * Features of a kernel, Eq. (88): φ(x) = Q^{−1/2} Vᵀ k(x), k(x) = (k(x, x_m))_m and K_MM = V Q Vᵀ over the points x_m, so that φ(x) · φ(x') is the Nyström
 * approximation of k(x, x') (Williams and Seeger, NIPS 13, 682 (2000)), and k(x, x') itself between rows that are all points.
 */
import { NumericalError } from "../errors.js";
import { checkExponent } from "../kernel/exponent.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Eigenvalues of K_MM below this share of the largest are rounding. */
const RANK_TOLERANCE = 1e-12;

/** (x · x_m)^ζ, [row][point]. */
export function kernelRows(algebra: LinearAlgebra, rows: Float64Array, points: Float64Array, size: number, zeta: number): Float64Array {
  const [m, n] = [rows.length / size, points.length / size];
  const kernel = algebra.multiply(rows, points, { m, n, k: size, transB: true });
  if (zeta !== 1) for (let k = 0; k < kernel.length; k++) kernel[k] = kernel[k]! ** zeta;
  return kernel;
}

export interface NystromFeatures {
  /** V Q^{−1/2}, [point][feature]. */
  readonly whitening: Float64Array;
  readonly size: number;
}

/**
 * @param points x_m, [point][size]
 * @throws InputError for a ζ out of range; NumericalError when all points are 0.
 */
export function nystromFeatures(algebra: LinearAlgebra, points: Float64Array, size: number, zeta: number): NystromFeatures {
  checkExponent(zeta);
  const count = points.length / size;
  const { values, vectors } = algebra.symmetricEigen(kernelRows(algebra, points, points, size, zeta), count);
  let rank = 0;
  while (rank < count && values[rank]! > 0 && values[rank]! > RANK_TOLERANCE * values[0]!) rank++;
  if (rank === 0) throw new NumericalError("the kernel of the points is 0", { expected: "a point that is not 0", got: `${count} that are` });
  const whitening = new Float64Array(count * rank);
  for (let q = 0; q < rank; q++) for (let m = 0; m < count; m++) whitening[m * rank + q] = vectors[q * count + m]! / Math.sqrt(values[q]!);
  return { whitening, size: rank };
}
