/**
 * Subspaces as points of a product of Grassmann manifolds, each given by orthonormal rows U that span it, THEORY.md Eq. (48): a function of the
 * subspaces alone has its gradient G in directions that leave them, Z = G (1 − UᵀU), and a step along any such Z ends at
 *
 *   U' = (1 + Z Zᵀ)^{−1/2} (U + Z),
 *
 * the orthonormal rows nearest to U + Z (polar retraction; Edelman, Arias and Smith, doi:10.1137/S0895479895290954; Absil, Mahony and Sepulchre,
 * Optimization Algorithms on Matrix Manifolds, 2008). Points and directions are flat arrays, one matrix [rows][columns] behind the other.
 */

import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { BlockDirections } from "./contraction.js";

/** Size of one U; no rows for a subspace of nothing. */
export interface SubspaceShape {
  readonly rows: number;
  readonly columns: number;
}

type Change = (point: Float64Array, direction: Float64Array, shape: SubspaceShape) => Float64Array;

/** Applies a change matrix by matrix. */
function eachMatrix(shapes: readonly SubspaceShape[], point: Float64Array, direction: Float64Array, change: Change): Float64Array {
  const out = new Float64Array(point.length);
  let at = 0;
  for (const shape of shapes) {
    const end = at + shape.rows * shape.columns;
    if (end > at) out.set(change(point.slice(at, end), direction.slice(at, end), shape), at);
    at = end;
  }
  return out;
}

/** G (1 − UᵀU): the part of a direction that changes the subspaces, and not only the bases in them. */
export function horizontalPart(algebra: LinearAlgebra, shapes: readonly SubspaceShape[], point: Float64Array, direction: Float64Array): Float64Array {
  return eachMatrix(shapes, point, direction, (u, g, { rows, columns }) => {
    const along = algebra.multiply(g, u, { m: rows, n: rows, k: columns, transB: true });
    const inside = algebra.multiply(along, u, { m: rows, n: columns, k: rows });
    return g.map((value, index) => value - inside[index]!);
  });
}

/** U' for a horizontal direction Z. */
export function retract(algebra: LinearAlgebra, shapes: readonly SubspaceShape[], point: Float64Array, direction: Float64Array): Float64Array {
  return eachMatrix(shapes, point, direction, (u, z, { rows, columns }) => {
    const moved = u.map((value, index) => value + z[index]!);
    // Of the moved rows themselves, not 1 + Z Zᵀ: so the rounding of the old point does not add up over the steps.
    const gram = algebra.multiply(moved, moved, { m: rows, n: rows, k: columns, transB: true });
    const { values, vectors } = algebra.symmetricEigen(gram, rows);
    const scaled = vectors.map((value, index) => value / Math.sqrt(values[Math.floor(index / rows)]!));
    const inverseRoot = algebra.multiply(vectors, scaled, { m: rows, n: rows, k: rows, transA: true });
    return algebra.multiply(inverseRoot, moved, { m: rows, n: columns, k: rows });
  });
}

/**
 * Principal axes of one subspace: its rows turned so that the variance falls from row to row and none varies with another; the component of
 * largest magnitude is positive. They depend on the subspace alone.
 * @param u orthonormal rows, [q][columns]
 * @param whole all directions of the block: C = Σ_k λ_k V_kᵀ V_k
 */
export function principalAxes(algebra: LinearAlgebra, u: Float64Array, whole: BlockDirections): BlockDirections {
  const rank = whole.variances.length;
  const columns = rank === 0 ? 0 : whole.vectors.length / rank;
  const rows = columns === 0 ? 0 : u.length / columns;
  if (rows === 0) return { vectors: new Float64Array(0), variances: new Float64Array(0), total: whole.total };
  const along = algebra.multiply(u, whole.vectors, { m: rows, n: rank, k: columns, transB: true });
  const weighted = along.map((value, index) => value * whole.variances[index % rank]!);
  const { values, vectors } = algebra.symmetricEigen(algebra.multiply(weighted, along, { m: rows, n: rows, k: rank, transB: true }), rows);
  const turned = algebra.multiply(vectors, u, { m: rows, n: columns, k: rows });
  for (let q = 0; q < rows; q++) {
    const row = turned.subarray(q * columns, (q + 1) * columns);
    const lead = row.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    if (lead < 0) for (let k = 0; k < columns; k++) row[k] = -row[k]!;
  }
  return { vectors: turned, variances: values.map((value) => Math.max(0, value)), total: whole.total };
}
