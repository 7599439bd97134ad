/**
 * Operations and bytes of the passes that make the neighbor lists, by label; as in gpu-operations.ts. Operations are those of float32: bins, prefix
 * sums, ranks and bisections are integer work, which is not counted, so that passes of nothing else have 0.
 * Left out: the box of a structure (128 bytes), sums of blocks (1 KiB), and batches that are run again because their pairs did not fit.
 */
import { boxCoordinates } from "../src/backend/gpu/box-coordinates.js";
import type { Structure } from "../src/index.js";
import type { Environment } from "./operations.js";

/** Sizes that depend on how space is cut into bins. */
export interface ListSize {
  readonly bins: number;
  /** Atoms in the bins around a center, of all centers together. */
  readonly candidates: number;
}

/** Of all structures together. */
export function listSizeOf(structures: readonly Structure[], cutoff: number): ListSize {
  const sizes = structures.map((structure) => binsOf(structure, cutoff));
  return {
    bins: sizes.reduce((sum, { bins }) => sum + bins, 0),
    candidates: sizes.reduce((sum, { candidates }) => sum + candidates, 0),
  };
}

function binsOf(structure: Structure, cutoff: number): ListSize {
  const { coordinates, counts, reach, pbc } = boxCoordinates(structure, cutoff);
  const strides = [counts[1] * counts[2], counts[2], 1];
  let around = new Float64Array(counts[0] * counts[1] * counts[2]);
  const bin = (atom: number): number =>
    counts.reduce((sum, count, axis) => sum + strides[axis]! * Math.floor((coordinates[4 * atom + axis]! / 2 ** 32) * count), 0);
  const bins = Array.from(structure.species, (_, atom) => bin(atom));
  for (const k of bins) around[k]!++;
  // Atoms within reach of every bin, one axis after the other.
  for (const [axis, count] of counts.entries()) {
    around = around.map((_, k) => {
      const own = Math.floor(k / strides[axis]!) % count;
      let sum = 0;
      for (let at = own - reach[axis]!; at <= own + reach[axis]!; at++) {
        if (pbc[axis] || (at >= 0 && at < count)) sum += around[k + (at - Math.floor(at / count) * count - own) * strides[axis]!]!;
      }
      return sum;
    });
  }
  return { bins: around.length, candidates: bins.reduce((sum, k) => sum + around[k]!, 0) };
}

/** r = Σ_k s_k a_k: an offset and a factor for each s_k, and nine products added up. */
const DISPLACEMENT = 6 + 15;
/** |r|². */
const SQUARE = 5;
/** The same product once more, with what float32 leaves off the a_k, and added. */
const REST = 15 + 3;

/** Bytes of 2³² s_k with the element of an atom, and of an index. */
const COORDINATES = 16;
const INDEX = 4;

/**
 * @param elements number of elements of the lists
 * @returns [label, operations, bytes] in the order in which the passes run
 */
export function listCounts(
  elements: number, environments: readonly Environment[], size: ListSize, withReverse: boolean,
): [string, number, number][] {
  const atoms = environments.length;
  const pairs = environments.reduce((sum, environment) => sum + environment.pairs, 0);
  const bins = size.bins * INDEX;
  const offsets = elements * atoms * INDEX;
  const distances = size.candidates * (DISPLACEMENT + SQUARE);
  // Sorted atoms besides those in their own order.
  const searched = atoms * 2 * COORDINATES + bins + offsets;
  return [
    // Count of the atom's bin read and written; bin and place.
    ["bin-count", 0, atoms * (COORDINATES + 4 * INDEX)],
    ["block-sums: bins", 0, bins],
    ["prefix-sum: bins", 0, 2 * bins],
    ["bin-fill", 0, atoms * (2 * COORDINATES + 3 * INDEX)],
    ["neighbor-search: count", distances, searched],
    ["block-sums: pairs", 0, offsets],
    ["prefix-sum: pairs", 0, 2 * offsets],
    ["neighbor-search: write", distances, searched + pairs * 2 * INDEX],
    // Neighbor and image in; vector and distance, neighbor and image out.
    ["neighbor-order", pairs * (DISPLACEMENT + REST + SQUARE), atoms * COORDINATES + offsets + pairs * 8 * INDEX],
    // The element of a center; neighbor and image in, the other pair out.
    ...(withReverse ? [["reverse-pairs", 0, atoms * INDEX + offsets + pairs * 3 * INDEX] as [string, number, number]] : []),
  ];
}
