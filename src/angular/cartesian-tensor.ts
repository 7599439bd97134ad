// Cartesian tensors of rank 0 to 3 as sums of irreducible parts, THEORY.md Eq. (54): T_{ab…} = Σ_parts Σ_μ B^part_{μ,ab…} T^part_μ with orthonormal rows B, so
// that the Frobenius norm is the sum of the parts'. Components are coupled one after the other; those of a vector in the order of Y_1 are y, z, x.
import { coupling, type Parity } from "./clebsch-gordan.js";

/** One irreducible part of a tensor. */
export interface TensorPart {
  /** Degrees by which the indices are coupled: [1] for a vector, [1, 2] for the λ = 2 of rank 2, [1, 2, 1] for a λ = 1 of rank 3. */
  readonly path: readonly number[];
  readonly lambda: number;
  /** σ: 1 where the part has the inversion of a true tensor of its degree. */
  readonly parity: Parity;
  /** B, [μ][component]; components in the order xx, xy, xz, yx, …. */
  readonly rows: Float64Array;
}

/** Cartesian index of each component of Y_1: y, z, x. */
const AXES = [1, 2, 0];

/** All parts of a tensor of this rank without symmetry. */
export function tensorParts(rank: number): TensorPart[] {
  let parts: TensorPart[] = [{ path: [], lambda: 0, parity: 1, rows: Float64Array.of(1) }];
  for (let index = 0; index < rank; index++) {
    const before = 3 ** index;
    parts = parts.flatMap((part) => {
      const lambdas = Array.from({ length: 3 }, (_, k) => part.lambda - 1 + k).filter((lambda) => lambda >= Math.abs(part.lambda - 1));
      return lambdas.map((lambda): TensorPart => {
        const { indices, values } = coupling(part.lambda, 1, lambda);
        const rows = new Float64Array((2 * lambda + 1) * before * 3);
        values.forEach((value, term) => {
          const [m1, m2, mu] = [indices[3 * term]!, indices[3 * term + 1]!, indices[3 * term + 2]!];
          for (let c = 0; c < before; c++) rows[(mu * before + c) * 3 + AXES[m2]!]! += value * part.rows[m1 * before + c]!;
        });
        const parity = (part.lambda + 1 + lambda) % 2 === 0 ? part.parity : (-part.parity as Parity);
        return { path: [...part.path, lambda], lambda, parity, rows };
      });
    });
  }
  return parts;
}

/** T^part_μ of a tensor. */
export function partOf({ lambda, rows }: TensorPart, tensor: ArrayLike<number>): Float64Array {
  const out = new Float64Array(2 * lambda + 1);
  for (let mu = 0; mu < out.length; mu++) for (let c = 0; c < tensor.length; c++) out[mu]! += rows[mu * tensor.length + c]! * tensor[c]!;
  return out;
}

/** Adds a part to a tensor. */
export function addPart({ rows }: TensorPart, values: ArrayLike<number>, tensor: Float64Array): void {
  for (let mu = 0; mu < values.length; mu++) for (let c = 0; c < tensor.length; c++) tensor[c]! += rows[mu * tensor.length + c]! * values[mu]!;
}
