/**
 * Collective variables s(r) with their derivatives. Distance: |r_ij| of the nearest images. Coordination number: the mean over the centers i of
 * Σ_j s(r_ij) over all neighbors j and images within the cutoff, with the rational switching function of x = r/r₀
 * (Iannuzzi, Laio and Parrinello, doi:10.1103/PhysRevLett.90.238302)
 *   s(x) = (1 − xⁿ)/(1 − xᵐ) = Σ_{k<n} xᵏ / Σ_{k<m} xᵏ,
 * shifted and stretched so that it is 1 at r = 0 and 0 at the cutoff. The second form has no gap at x = 1.
 */
import { InputError } from "../errors.js";
import { createMinimumImage } from "../structure/minimum-image.js";
import { createNeighborList } from "../structure/neighbor-list.js";
import type { Structure } from "../structure/structure.js";
import { checkRange } from "./option-checks.js";

export interface CollectiveValue {
  /** In the unit of the variable. */
  readonly value: number;
  /** ∂s/∂r per Å, [atom][xyz]. */
  readonly gradient: Float64Array;
  /** ∂s/∂ε by strain of cell and positions, [3][3]; null when it is unknown. */
  readonly strain: Float64Array | null;
}

/** s of positions in Å, [atom][xyz], unwrapped, and the rows of a cell in Å, [3][3]; the same bits for the same input. */
export type CollectiveVariable = (positions: Float64Array, cell: Float64Array | null) => CollectiveValue | Promise<CollectiveValue>;

function checkAtoms(key: string, atoms: readonly number[], structure: Structure): void {
  const size = structure.species.length;
  const bad = atoms.find((atom) => !(Number.isInteger(atom) && atom >= 0 && atom < size));
  if (bad !== undefined) throw new InputError("there is no such atom", { key, expected: `0 to ${size - 1}`, got: String(bad) });
  if (new Set(atoms).size !== atoms.length) throw new InputError("an atom is named twice", { key, expected: "every atom once", got: atoms.join(", ") });
}

/** Distance of two atoms in Å. @throws InputError unless `atoms` are two atoms of the structure. */
export function distanceVariable(structure: Structure, atoms: readonly [number, number]): CollectiveVariable {
  checkAtoms("atoms", atoms, structure);
  const { pbc } = structure;
  const [first, second] = atoms.map((atom) => 3 * atom);
  return (positions, cell) => {
    const [vector] = createMinimumImage({ cell, pbc })([0, 1, 2].map((k) => positions[second + k] - positions[first + k]));
    const value = Math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
    const gradient = new Float64Array(positions.length);
    const strain = new Float64Array(9);
    for (let k = 0; k < 3; k++) {
      gradient[second + k] = vector[k] / value;
      gradient[first + k] = -gradient[second + k];
      for (let l = 0; l < 3; l++) strain[3 * k + l] = (vector[k] * vector[l]) / value;
    }
    return { value, gradient, strain };
  };
}

export interface CoordinationOptions {
  /** 0-based atoms whose neighbors are counted. */
  readonly centers: readonly number[];
  /** 0-based atoms that are counted; they may be centers, too. */
  readonly neighbors: readonly number[];
  /** r₀ in Å, where a neighbor counts n/m. */
  readonly radius: number;
  /** n, 6 by default. */
  readonly numerator?: number | undefined;
  /** m above n, 12 by default. */
  readonly denominator?: number | undefined;
  /** Å, 3 r₀ by default. */
  readonly cutoff?: number | undefined;
}

/** s(x) and ds/dx. */
export function rationalSwitch(x: number, numerator: number, denominator: number): { value: number; slope: number } {
  // Horner's scheme of Σ xᵏ and of its derivative.
  const sum = (count: number): [number, number] => {
    let [value, slope] = [0, 0];
    for (let k = 0; k < count; k++) [value, slope] = [value * x + 1, slope * x + value];
    return [value, slope];
  };
  const [[top, topSlope], [bottom, bottomSlope]] = [sum(numerator), sum(denominator)];
  return { value: top / bottom, slope: (topSlope - (top / bottom) * bottomSlope) / bottom };
}

/** Mean coordination number of the centers. @throws InputError on atoms that are not there, or a switching function out of range. */
export function coordinationVariable(structure: Structure, { centers, neighbors, radius, numerator = 6, denominator = 12, cutoff = 3 * radius }: CoordinationOptions): CollectiveVariable {
  checkAtoms("centers", centers, structure);
  checkAtoms("neighbors", neighbors, structure);
  if (centers.length === 0 || neighbors.length === 0) throw new InputError("a coordination number needs atoms", { key: centers.length === 0 ? "centers" : "neighbors", expected: "one atom or more", got: "none" });
  checkRange("radius", radius, radius > 0, "a length in Å above 0");
  checkRange("numerator", numerator, Number.isInteger(numerator) && numerator >= 1, "a whole number, 1 or more");
  checkRange("denominator", denominator, Number.isInteger(denominator) && denominator > numerator, "a whole number above the numerator");
  checkRange("cutoff", cutoff, cutoff > radius, "a length in Å above the radius");
  const counted = new Set(neighbors);
  const end = rationalSwitch(cutoff / radius, numerator, denominator).value;
  const weight = 1 / ((1 - end) * centers.length);
  return (positions, cell) => {
    const list = createNeighborList({ ...structure, positions, cell }, cutoff);
    const gradient = new Float64Array(positions.length);
    const strain = new Float64Array(9);
    let value = 0;
    for (const center of centers) {
      for (let pair = list.offsets[center]; pair < list.offsets[center + 1]; pair++) {
        const neighbor = list.neighbors[pair];
        if (!counted.has(neighbor)) continue;
        const r = list.distances[pair];
        const part = rationalSwitch(r / radius, numerator, denominator);
        value += weight * (part.value - end);
        const slope = (weight * part.slope) / radius;
        for (let k = 0; k < 3; k++) {
          const along = (slope * list.vectors[3 * pair + k]) / r;
          gradient[3 * neighbor + k] += along;
          gradient[3 * center + k] -= along;
          for (let l = 0; l < 3; l++) strain[3 * l + k] += list.vectors[3 * pair + l] * along;
        }
      }
    }
    return { value, gradient, strain };
  };
}
