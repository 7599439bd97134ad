import type { DataWarning } from "../errors.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";

/** Something doubtful about a list of structures. */
export interface Doubt {
  readonly code: string;
  /** Index in the list of the structure that shows it best. */
  readonly frame: number;
  /** A sentence to which the place is added. */
  readonly text: string;
}

/** The warning for a doubt, with file and frame as the structure was read. */
export function doubtAbout(data: readonly LabeledStructure[], { code, frame: index, text }: Doubt): DataWarning {
  const { file, structure: frame } = originOf(data[index]!.structure, index);
  return { code, ...(file !== undefined && { file }), frame, text: `${text} (${file === undefined ? "" : `${file}, `}frame ${frame})` };
}

/** Median of numbers in any order; NaN of none. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
