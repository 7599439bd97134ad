// Distances that no two atoms have: mixed-up columns, lengths in another unit, fractional coordinates under a Cartesian name.
import { closestPair } from "../structure/closest-pair.js";
import { symbolOf } from "../structure/elements.js";
import { locating, originOf } from "../structure/origin.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import type { Doubt } from "./doubt.js";

/** Of the sum of the covalent radii; the shortest bonds have 0.8, and compression to 100 GPa leaves 0.7. */
const SHORTEST = 0.6;
/** Å; fractional coordinates lie in such a cube. */
const FRACTIONAL_EXTENT = 1.5;
/** So many atoms do not fit into that cube. */
const TOO_MANY = 8;

/** Whether all atoms lie in a cube that fractional coordinates fill, within a cell that is larger. */
function looksFractional({ positions, species, cell }: Structure, tooClose: boolean): boolean {
  if (!cell || species.length < (tooClose ? 2 : TOO_MANY)) return false;
  return [0, 1, 2].every((axis) => {
    const row = cell.subarray(3 * axis, 3 * axis + 3);
    let [least, most] = [Infinity, -Infinity];
    for (let k = axis; k < positions.length; k += 3) {
      least = Math.min(least, positions[k]!);
      most = Math.max(most, positions[k]!);
    }
    return most - least <= FRACTIONAL_EXTENT && Math.hypot(...row) > FRACTIONAL_EXTENT;
  });
}

/**
 * Doubts about distances; frames whose atoms are within 1.5 Å of one another are said to hold fractional coordinates, and only that.
 * @throws InputError and CapacityError of the neighbor search, with the structure's place.
 */
export function closestAtoms(data: readonly LabeledStructure[]): Doubt[] {
  const found = { fractional: [] as number[], close: [] as number[] };
  const pairs = data.map(({ structure }, frame) => {
    const closest = locating({ origin: originOf(structure, frame) }, () => closestPair(structure, SHORTEST));
    if (looksFractional(structure, closest !== null)) found.fractional.push(frame);
    else if (closest) found.close.push(frame);
    return closest;
  });
  const doubt = (code: string, frames: readonly number[], say: (count: string, smallest: string) => string): Doubt[] => {
    if (frames.length === 0) return [];
    const ratio = (frame: number): number => pairs[frame]?.ratio ?? Infinity;
    const worst = frames.reduce((best, frame) => (ratio(frame) < ratio(best) ? frame : best));
    const count = `${frames.length} of ${data.length} frames`;
    const closest = pairs[worst];
    const { species } = data[worst]!.structure;
    const smallest = closest
      ? `the smallest distance is ${closest.distance.toPrecision(3)} Å (${closest.atoms.map((atom) => `${symbolOf(species[atom]!)} ${atom}`).join(" and ")}), ` +
        `${closest.ratio.toPrecision(2)} of the sum of the covalent radii`
      : `all ${species.length} atoms are within ${FRACTIONAL_EXTENT} Å`;
    return [{ code, frame: worst, text: say(count, smallest) }];
  };
  return [
    ...doubt("coordinates-fractional", found.fractional, (count, smallest) => `positions in ${count} look like fractional coordinates, expected Å; ${smallest}`),
    ...doubt("atoms-too-close", found.close, (count, smallest) => `atoms in ${count} are closer than atoms can be; ${smallest}`),
  ];
}
