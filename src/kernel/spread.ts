/**
 * The spread of a committee, Eqs. (77) and (80): s² = Σ_k (y_k − ȳ)²/(n − 1) over n members is Σ_d u_d²/(n − 1) over the n − 1 directions
 * u_d = (Σ_{k<d} y_k − d y_d)/√(d(d + 1)), d = 1 … n − 1 (Helmert's orthonormal rows): one output less than there are members, and none is subtracted
 * from another after it was computed, so that members that agree have no spread at all.
 */
import { InputError } from "../errors.js";
import type { CenterModel } from "../model/potential.js";

/** A center as predictions of energies and spreads need it. */
export interface SpreadCenter extends CenterModel {
  /** x of the directions, [direction][point]. */
  readonly directions: Float64Array;
}

/** Weights of the directions, [direction][point], from those of the members, [member][point]. */
export function spreadDirections(members: Float64Array, count: number): Float64Array {
  const points = members.length / count;
  const out = new Float64Array((count - 1) * points);
  for (let m = 0; m < points; m++) {
    // Relative to the first member: equal weights then are 0, not a rest of rounding.
    const first = members[m]!;
    let sum = 0;
    for (let d = 1; d < count; d++) {
      const own = members[d * points + m]! - first;
      out[(d - 1) * points + m] = (sum - d * own) / Math.sqrt(d * (d + 1));
      sum += own;
    }
  }
  return out;
}

/**
 * With ζ = 1 every output is one vector v, Eq. (57): these become the points, and the weights unit vectors.
 * @param members their number
 * @throws InputError when a center has not the weights of so many.
 */
export function spreadCenters(centers: readonly CenterModel[], zeta: number, members: number): SpreadCenter[] {
  return centers.map((center, index) => {
    const { size, sparsePoints, weights } = center;
    if (center.members?.length !== members * weights.length) {
      const expected = `${members} × ${weights.length} numbers, as the potential has a committee`;
      throw new InputError("weights of the committee's members", { key: `centers.${index}.members`, expected, got: String(center.members?.length ?? "none") });
    }
    const directions = spreadDirections(center.members, members);
    if (zeta !== 1 || weights.length <= members) return { ...center, directions };
    const points = new Float64Array(members * size);
    for (let output = 0; output < members; output++) {
      const x = output === 0 ? weights : directions.subarray((output - 1) * weights.length, output * weights.length);
      x.forEach((weight, m) => {
        for (let q = 0; q < size; q++) points[output * size + q]! += weight * sparsePoints[m * size + q]!;
      });
    }
    const unit = (rows: number, first: number): Float64Array => Float64Array.from({ length: rows * members }, (_, k) => Number(k % members === first + Math.floor(k / members)));
    return { ...center, sparsePoints: points, weights: unit(1, 0), directions: unit(members - 1, 1) };
  });
}
