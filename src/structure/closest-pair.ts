/** Two atoms whose distance is the smallest share of the sum of their covalent radii. */
import { covalentRadiusOf } from "./elements.js";
import { createNeighborList } from "./neighbor-list.js";
import type { Structure } from "./structure.js";

export interface ClosestPair {
  /** Distance over the sum of the covalent radii. */
  readonly ratio: number;
  /** Å */
  readonly distance: number;
  readonly atoms: readonly [number, number];
}

/**
 * The pair of atoms, images included, whose distance is the smallest share of its covalent radii; null when none is below `share`.
 * @throws InputError and CapacityError of the neighbor search.
 */
export function closestPair(structure: Structure, share: number): ClosestPair | null {
  const { species } = structure;
  const radii = Float64Array.from(species, covalentRadiusOf);
  const cutoff = 2 * share * radii.reduce((most, radius) => Math.max(most, radius), 0);
  if (!(cutoff > 0)) return null;
  const { offsets, neighbors, distances } = createNeighborList(structure, cutoff);
  let closest: ClosestPair | null = null;
  for (let atom = 0; atom < species.length; atom++) {
    for (let pair = offsets[atom]!; pair < offsets[atom + 1]!; pair++) {
      const other = neighbors[pair]!;
      const ratio = distances[pair]! / (radii[atom]! + radii[other]!);
      if (ratio < (closest?.ratio ?? share)) closest = { ratio, distance: distances[pair]!, atoms: [atom, other] };
    }
  }
  return closest;
}
