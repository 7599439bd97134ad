// Energies, forces and virials of functions of pairs, Eq. (70): E_i = c_{aᵢ} + Σ_j g_{aᵢaⱼ}(r_ij), f_ij = g' r_ij/r_ij.
import { findRangeNeighbors } from "../structure/range-neighbors.js";
import { locating } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { evaluatePairFunction, type PairFunction } from "./pair-function.js";
import { addPairVirial } from "./pair-virial.js";

/** Everything that pair terms of a potential say; plain data that survives structured cloning. */
export interface PairSums {
  /** Elements, ascending atomic numbers. */
  readonly species: readonly number[];
  /** Å; the largest radius of all functions, 0 where there are none. */
  readonly cutoff: number;
  /** c in eV, [element]: what an atom has without neighbors. */
  readonly constants: Float64Array;
  /** g, [element of the center][element of the neighbor][function]; the center's share of a pair is the sum of the functions. */
  readonly functions: readonly (readonly (readonly PairFunction[])[])[];
}

/**
 * Adds the energies of the centers first … end − 1 in eV to `localEnergies`, [center], and what they give to `forces` (eV/Å, [atom][xyz]) and
 * `virial` (eV, [3][3]), Eqs. (21) and (22), where these are wanted. All elements of the structure must be known.
 * @throws InputError and CapacityError as `findRangeNeighbors`, with the structure's name.
 */
export function addPairSums(
  { species: elements, cutoff, constants, functions }: PairSums,
  structure: Pick<Structure, "species" | "positions" | "cell" | "pbc" | "origin">,
  first: number,
  end: number,
  localEnergies: Float64Array,
  forces: Float64Array | null,
  virial: Float64Array | null,
): void {
  const { species } = structure;
  const elementOf = new Uint8Array(256);
  elements.forEach((z, index) => (elementOf[z] = index));
  for (let center = first; center < end; center++) localEnergies[center - first]! += constants[elementOf[species[center]!]!]!;
  if (cutoff === 0) return;
  const list = locating(structure, () => findRangeNeighbors({ ...structure, info: new Map(), arrays: new Map() }, cutoff, first, end));
  const { offsets, neighbors, vectors, distances } = list;
  const out = new Float64Array(2);
  for (let center = first; center < end; center++) {
    const row = functions[elementOf[species[center]!]!]!;
    let energy = 0;
    for (let pair = offsets[center - first]!; pair < offsets[center - first + 1]!; pair++) {
      const r = distances[pair]!;
      let slope = 0;
      const all = row[elementOf[species[neighbors[pair]!]!]!]!;
      for (let k = 0; k < all.length; k++) {
        evaluatePairFunction(all[k]!, r, out);
        energy += out[0]!;
        slope += out[1]!;
      }
      if (forces && virial && slope !== 0) addForce(3 * center, 3 * neighbors[pair]!, vectors, 3 * pair, slope / r, forces, virial);
    }
    localEnergies[center - first]! += energy;
  }
}

/** F_i += f, F_j −= f, W −= r ⊗ f with f = factor · r, i and j the places of the atoms' forces. */
function addForce(i: number, j: number, vectors: Float64Array, at: number, factor: number, forces: Float64Array, virial: Float64Array): void {
  const x = vectors[at]!;
  const y = vectors[at + 1]!;
  const z = vectors[at + 2]!;
  const fx = factor * x;
  const fy = factor * y;
  const fz = factor * z;
  forces[i]! += fx;
  forces[i + 1]! += fy;
  forces[i + 2]! += fz;
  forces[j]! -= fx;
  forces[j + 1]! -= fy;
  forces[j + 2]! -= fz;
  addPairVirial(virial, x, y, z, fx, fy, fz);
}
