// Rows of L K for the forces and the virial of one structure, Eqs. (17) and (23), that were computed elsewhere, and their weights.
import type { FitLabels } from "../backend.js";

/** Columns are the sparse points, padded per element to an even number with zeros. */
export interface KernelRows {
  /** Rows of the virial, xx, yy, zz, yz, xz, xy; empty where neither forces nor a virial are labelled. */
  readonly virial: Float64Array;
  /** Rows of the forces, [atom][xyz][column]; empty likewise. */
  readonly forces: Float32Array;
}

/**
 * Rows of Λ^{−1/2} L K: energy, forces, virial, as far as labelled.
 * @param energy the energy's, weighted; empty without a label
 */
export function weightRows(energy: Float64Array, { virial, forces }: KernelRows, labels: FitLabels): Float64Array {
  const parts: (readonly [ArrayLike<number>, number | Float64Array])[] = [[energy, 1]];
  if (labels.forces) parts.push([forces, labels.weights.forces]);
  if (labels.virial) parts.push([virial, labels.weights.virial]);
  const out = new Float64Array(parts.reduce((sum, [values]) => sum + values.length, 0));
  let at = 0;
  for (const [values, weight] of parts) {
    if (typeof weight === "number") for (let k = 0; k < values.length; k++) out[at++] = values[k]! * weight;
    else weight.forEach((own, row) => {
      const columns = values.length / weight.length;
      for (let k = row * columns; k < (row + 1) * columns; k++) out[at++] = values[k]! * own;
    });
  }
  return out;
}
