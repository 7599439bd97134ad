/** W −= r ⊗ f, [3][3], of one pair, Eq. (22). In scalars: it stands in the innermost loop over pairs. */
export function addPairVirial(virial: Float64Array, x: number, y: number, z: number, fx: number, fy: number, fz: number): void {
  virial[0]! -= x * fx;
  virial[1]! -= x * fy;
  virial[2]! -= x * fz;
  virial[3]! -= y * fx;
  virial[4]! -= y * fy;
  virial[5]! -= y * fz;
  virial[6]! -= z * fx;
  virial[7]! -= z * fy;
  virial[8]! -= z * fz;
}
