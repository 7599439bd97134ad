// Apart from the meshes: what the package publishes names no type of three, which has none of its own (test/package).
import { InputError } from "../index.js";

/** A vector on every atom. */
export interface Arrows {
  /** [atom][xyz]; one that is NaN is left out. */
  readonly vectors: Float64Array;
  /** Å per unit of the vectors; by default the longest arrow is 2 Å. */
  readonly scale?: number;
  /** What they are ("forces"), for the legend. */
  readonly label?: string;
  /** Unit of the vectors ("eV/Å"). */
  readonly unit?: string;
}

/** Length in Å of the longest arrow where no scale is given. */
export const LONGEST = 2;
/** Lengths, [atom]. */
export function lengthsOf(vectors: Float64Array): Float64Array {
  return Float64Array.from({ length: vectors.length / 3 }, (_, atom) => Math.hypot(vectors[3 * atom]!, vectors[3 * atom + 1]!, vectors[3 * atom + 2]!));
}

/** Length of the longest vector, in its unit; 0 when there is none. @throws InputError unless there are three numbers for each of `atoms`. */
export function longestArrow({ vectors }: Arrows, atoms: number): number {
  if (vectors.length !== 3 * atoms) {
    throw new InputError("arrows and atoms disagree", { key: "arrows", expected: `${3 * atoms} numbers`, got: `${vectors.length}` });
  }
  return lengthsOf(vectors).reduce((longest, length) => (length > longest ? length : longest), 0);
}
