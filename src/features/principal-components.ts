// Principal components of normalized features, Eq. (14): the leading eigenvectors of Σ p̂ p̂ᵀ, uncentered.
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Above this size the eigenvectors are found through the smaller matrix of scalar products between environments. */
const PRIMAL_SIZE = 1200;

/** Environments that determine the components of `size` features: enough for the tail of the spectrum, few enough for a second of work. */
export function sampleSize(size: number): number {
  return size <= PRIMAL_SIZE ? Math.min(20000, Math.max(2000, Math.floor(2e9 / (size * size)))) : PRIMAL_SIZE;
}

export interface PrincipalComponents {
  /** V, [feature][component], orthonormal columns. */
  readonly projection: Float64Array;
  readonly count: number;
  /** Share of Σ|p̂|² that the components leave out. */
  readonly residual: number;
}

/**
 * The fewest components that leave less than `threshold` of Σ|p̂|², at most `limit`.
 * @param rows p̂, [environment][size]
 */
export function principalComponents(algebra: LinearAlgebra, rows: Float64Array, size: number, threshold: number, limit: number): PrincipalComponents {
  const count = rows.length / size;
  const dual = count < size;
  const order = dual ? count : size;
  const matrix = algebra.multiply(rows, rows, dual ? { m: count, n: count, k: size, transB: true } : { m: size, n: size, k: count, transA: true });
  const { values, vectors } = algebra.symmetricEigen(matrix, order);
  let total = 0;
  for (let k = 0; k < order; k++) total += matrix[k * order + k]!;
  let kept = 0;
  let residual = 1;
  // An eigenvalue below the rounding of the largest one has no reliable direction.
  while (kept < Math.min(order, limit) && residual > threshold && values[kept]! > 1e-14 * values[0]!) residual -= values[kept++]! / total;
  const projection = new Float64Array(size * kept);
  if (!dual) {
    for (let q = 0; q < kept; q++) for (let f = 0; f < size; f++) projection[f * kept + q] = vectors[q * size + f]!;
    return { projection, count: kept, residual: Math.max(0, residual) };
  }
  const leading = vectors.subarray(0, kept * count);
  const back = algebra.multiply(leading, rows, { m: kept, n: size, k: count });
  for (let q = 0; q < kept; q++) {
    const scale = 1 / Math.sqrt(values[q]!);
    for (let f = 0; f < size; f++) projection[f * kept + q] = back[q * size + f]! * scale;
  }
  return { projection, count: kept, residual: Math.max(0, residual) };
}
