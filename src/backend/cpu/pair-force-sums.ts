// Forces and virial out of pair forces.
import { addPairVirial } from "../../pairs/pair-virial.js";
import type { Environments } from "./environments.js";

/** F_i += f_ij, F_j −= f_ij, W −= r_ij ⊗ f_ij, Eqs. (21) and (22). */
export function addPairForces(
  { neighbors, vectors }: Environments,
  atom: number,
  first: number,
  pairForces: Float64Array,
  forces: Float64Array,
  virial: Float64Array,
): void {
  let [ix, iy, iz] = [0, 0, 0];
  for (let k = 0, pair = first; k < pairForces.length; k += 3, pair++) {
    const fx = pairForces[k]!,
      fy = pairForces[k + 1]!,
      fz = pairForces[k + 2]!;
    const j = 3 * neighbors[pair]!;
    forces[j]! -= fx;
    forces[j + 1]! -= fy;
    forces[j + 2]! -= fz;
    ix += fx;
    iy += fy;
    iz += fz;
    const x = vectors[3 * pair]!,
      y = vectors[3 * pair + 1]!,
      z = vectors[3 * pair + 2]!;
    addPairVirial(virial, x, y, z, fx, fy, fz);
  }
  forces[3 * atom]! += ix;
  forces[3 * atom + 1]! += iy;
  forces[3 * atom + 2]! += iz;
}

/** W −= r_ij ⊗ f_ij, Eq. (22), of pairs whose forces stand in front of rows of equal length. */
export function addVirial({ vectors }: Environments, first: number, count: number, rows: Float64Array, virial: Float64Array): void {
  const width = rows.length / count;
  for (let pair = 0; pair < count; pair++) {
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) virial[3 * a + b]! -= vectors[3 * (first + pair) + a]! * rows[pair * width + b]!;
  }
}
