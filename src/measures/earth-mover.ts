/**
 * Sorted distances and their earth mover's distance, THEORY.md Eq. (69). The distances r_ij of an environment are a distribution p with the same weight
 * for each; with P its cumulative distribution, the Wasserstein distance
 *
 *   W_p(a, b)^p = ∫₀¹ |P_a^{−1}(s) − P_b^{−1}(s)|^p ds
 *
 * is for equal numbers of neighbors the L^p difference of the sorted lists over n^{1/p}; p = 1 is the earth mover's distance (Goscinski, EPFL thesis 2023,
 * Eqs. 1.8 and 1.9; Vallender, Theory Probab. Appl. 18, 784 (1974)). It is the distance of the radial spectra of δ densities, not in L², with an
 * infinitely fine basis: a small shift of an atom is a small distance.
 */
import { InputError } from "../errors.js";
import { createNeighborList } from "../structure/neighbor-list.js";
import type { Structure } from "../structure/structure.js";

/**
 * Distances in Å to the neighbors within the cutoff (Å), ascending, [center][neighbor]; images count each by itself.
 * @param element atomic number of the neighbors; all by default
 * @throws InputError and CapacityError as the neighbor list.
 */
export function sortedDistances(structure: Structure, cutoff: number, element?: number): Float64Array[] {
  const { offsets, neighbors, distances } = createNeighborList(structure, cutoff);
  return Array.from(structure.species, (_, center) => {
    const [from, to] = [offsets[center]!, offsets[center + 1]!];
    return distances.slice(from, to).filter((__, k) => element === undefined || structure.species[neighbors[from + k]!] === element).sort();
  });
}

function checkSorted(values: ArrayLike<number>, key: string): void {
  if (values.length === 0) throw new InputError("an environment without neighbors has no distribution of distances", { key, expected: "1 number at least", got: "none" });
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k]) && (k === 0 || values[k - 1]! <= values[k]!)) continue;
    throw new InputError("distances are not sorted", { key: `${key}.${k}`, expected: "a number, not below the one before", got: String(values[k]) });
  }
}

/**
 * W_p of two ascending lists of distances in Å, of any lengths; in Å.
 * @param order p, 1 (earth mover's distance) by default
 * @throws InputError for lists that are empty or not sorted, and for p below 1.
 */
export function earthMoverDistance(a: ArrayLike<number>, b: ArrayLike<number>, order = 1): number {
  checkSorted(a, "a");
  checkSorted(b, "b");
  if (!(order >= 1 && order < Infinity)) throw new InputError("order of the distance", { key: "order", expected: "a number from 1 on", got: String(order) });
  // Both inverses are steps, at multiples of 1/a.length and of 1/b.length: counted in 1/(a.length b.length), all ends are whole numbers.
  let [i, k, at, sum] = [0, 0, 0, 0];
  while (i < a.length && k < b.length) {
    const [endA, endB] = [(i + 1) * b.length, (k + 1) * a.length];
    const end = Math.min(endA, endB);
    sum += (end - at) * Math.abs(a[i]! - b[k]!) ** order;
    at = end;
    if (endA === end) i++;
    if (endB === end) k++;
  }
  return (sum / (a.length * b.length)) ** (1 / order);
}
