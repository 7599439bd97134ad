// Rows of L K of one structure, Eqs. (17) and (23), that were computed elsewhere, and their weights.
import type { FitLabels } from "../backend.js";

/** Columns are the sparse points, padded per element to an even number with zeros. */
export interface KernelRows {
  /** The row of the energy and, where forces or a virial are labelled, those of the virial: xx, yy, zz, yz, xz, xy. */
  readonly sums: Float64Array;
  /** Rows of the forces, [atom][xyz][column]; empty without such labels. */
  readonly forces: Float32Array;
}

/** Rows of Λ^{−1/2} L K: energy, forces, virial, as far as labelled. */
export function weightRows({ sums, forces }: KernelRows, labels: FitLabels, columns: number): Float64Array {
  const { weights } = labels;
  const [energy, virial] = [sums.subarray(0, columns), sums.subarray(columns)];
  const parts: (readonly [ArrayLike<number>, number])[] = [];
  if (labels.energy !== null) parts.push([energy, weights.energy]);
  if (labels.forces) parts.push([forces, weights.forces]);
  if (labels.virial) parts.push([virial, weights.virial]);
  const out = new Float64Array(parts.reduce((sum, [values]) => sum + values.length, 0));
  let at = 0;
  for (const [values, weight] of parts) for (let k = 0; k < values.length; k++) out[at++] = values[k]! * weight;
  return out;
}
