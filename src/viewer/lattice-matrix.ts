import { mat3d } from "wgpu-matrix";

/** The matrix that takes (a, b, c) to a·a₁ + b·a₂ + c·a₃: its columns are the rows of `cell`, the lattice vectors in Å; for `vec3d.transformMat3`. */
export function latticeMatrix(cell: Float64Array): Float64Array {
  return mat3d.create(...cell);
}
