/**
 * Bins for atoms in any cell with any periodic axes: fractional coordinates s_k = b_k·r along periodic axes, with b_k·a_l = δ_kl, and
 * distances along unit vectors orthogonal to these for the others. Atoms closer than the cutoff differ by at most cutoff·|b_k| in s_k.
 */
import { InputError } from "../errors.js";
import { completeLattice, reciprocalVectors, reduction } from "./lattice.js";
import type { Structure } from "./structure.js";

/** Bins are this much (relative) wider than the cutoff needs, so that rounding of a bin index loses no pair. */
const MARGIN = 1 + 1e-9;
/** Cells that an atom may be outside its own. */
export const MAX_SHIFT = 2 ** 29;

export interface Bins {
  /** Number of bins, and of bins to look at on either side, along each axis. */
  readonly counts: readonly [number, number, number];
  readonly reach: readonly [number, number, number];
  readonly pbc: readonly boolean[];
  /** Lattice vectors of the periodic axes, zero for the others, [3][3]. */
  readonly lattice: Float64Array;
  /** First sorted atom of each bin, [bin + 1]. */
  readonly starts: Int32Array;
  /** Atoms in the order of their bins, [sorted]. */
  readonly atoms: Int32Array;
  /** Positions wrapped into the cell along periodic axes, [sorted][3]. */
  readonly wrapped: Float64Array;
  /** wrapped = positions − wraps·lattice, [atom][3]. */
  readonly wraps: Int32Array;
  /** Whole numbers with lattice = transform · cell, [3][3]; null where the lattice is the cell itself. */
  readonly transform: Float64Array | null;
}

/** Images of the cell to be looked at beyond which shorter vectors of its lattice are worth looking for. */
const MANY_IMAGES = 2000;

/** Images of a cell, of which the reciprocal vectors are given, in a box around a sphere of the cutoff. */
function imagesWithin(directions: Float64Array, pbc: readonly boolean[], cutoff: number): number {
  let images = 1;
  for (let axis = 0; axis < 3; axis++) {
    if (pbc[axis]) images *= 2 * Math.ceil(cutoff * Math.hypot(directions[3 * axis], directions[3 * axis + 1], directions[3 * axis + 2])) + 1;
  }
  return images;
}

/** Lattice vectors of the periodic axes to search along, and the reciprocals of these completed to a basis. */
interface SearchLattice extends Pick<Bins, "lattice" | "transform"> {
  readonly directions: Float64Array;
}

/** The cell, or, where that is sheared so much that it has far too many images within the cutoff, short vectors of the same lattice. */
function searchLattice(cell: Float64Array, pbc: readonly boolean[], cutoff: number): SearchLattice {
  const own: SearchLattice = { lattice: cell, transform: null, directions: reciprocalVectors(completeLattice(cell, pbc)) };
  const images = imagesWithin(own.directions, pbc, cutoff);
  if (images <= MANY_IMAGES) return own;
  const { transform } = reduction(cell, pbc);
  // From the cell itself: the steps of the reduction have rounded.
  const lattice = cell.map((_, k) => [0, 1, 2].reduce((sum, row) => sum + transform[3 * Math.floor(k / 3) + row] * cell[3 * row + (k % 3)], 0));
  const directions = reciprocalVectors(completeLattice(lattice, pbc));
  return imagesWithin(directions, pbc, cutoff) < images ? { lattice, transform, directions } : own;
}

/**
 * Wraps the atoms into the cell along its periodic axes and sorts them into bins not much larger than `cutoff` (Å).
 * @throws InputError on a position that is not finite, or absurdly far outside the cell.
 */
export function sortIntoBins({ positions, species, cell, pbc }: Structure, cutoff: number): Bins {
  const size = species.length;
  const own = new Float64Array(9);
  for (let k = 0; k < 9; k++) if (pbc[Math.floor(k / 3)]) own[k] = cell![k];
  const { lattice, transform, directions } = searchLattice(own, pbc, cutoff);

  const coordinates = new Float64Array(3 * size);
  const wraps = new Int32Array(3 * size);
  const low = [0, 0, 0];
  const width = [0, 0, 0];
  const heights = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const [dx, dy, dz] = directions.subarray(3 * axis, 3 * axis + 3);
    let least = Infinity;
    let most = -Infinity;
    for (let atom = 0; atom < size; atom++) {
      let s = dx * positions[3 * atom] + dy * positions[3 * atom + 1] + dz * positions[3 * atom + 2];
      if (pbc[axis]) {
        const wrap = Math.floor(s);
        if (!(Math.abs(wrap) < MAX_SHIFT)) throw positionError(positions, atom);
        wraps[3 * atom + axis] = wrap;
        s -= wrap;
      } else if (!Number.isFinite(s)) throw positionError(positions, atom);
      coordinates[3 * atom + axis] = s;
      if (s < least) least = s;
      if (s > most) most = s;
    }
    low[axis] = pbc[axis] || size === 0 ? 0 : least;
    width[axis] = pbc[axis] ? 1 : Math.max(0, most - least);
    heights[axis] = width[axis] / Math.hypot(dx, dy, dz);
  }
  const distance = cutoff * MARGIN;
  const { counts, reach } = planBins(heights, [distance, distance, distance], pbc, 32 * size + 4096);

  const binOf = new Int32Array(size);
  const starts = new Int32Array(counts[0] * counts[1] * counts[2] + 1);
  for (let atom = 0; atom < size; atom++) {
    let bin = 0;
    for (let axis = 0; axis < 3; axis++) {
      const place = width[axis] > 0 ? Math.floor(((coordinates[3 * atom + axis] - low[axis]) / width[axis]) * counts[axis]) : 0;
      bin = bin * counts[axis] + Math.min(place, counts[axis] - 1);
    }
    binOf[atom] = bin;
    starts[bin + 1]++;
  }
  for (let bin = 1; bin < starts.length; bin++) starts[bin] += starts[bin - 1];
  const next = starts.slice();
  const atoms = new Int32Array(size);
  const wrapped = new Float64Array(3 * size);
  for (let atom = 0; atom < size; atom++) {
    const place = next[binOf[atom]]++;
    atoms[place] = atom;
    const a = wraps[3 * atom];
    const b = wraps[3 * atom + 1];
    const c = wraps[3 * atom + 2];
    for (let k = 0; k < 3; k++) wrapped[3 * place + k] = positions[3 * atom + k] - (a * lattice[k] + b * lattice[3 + k] + c * lattice[6 + k]);
  }
  return { counts, reach, pbc, lattice, starts, atoms, wrapped, wraps, transform };
}

/**
 * Number of bins, and of bins to look at on either side, along each axis.
 * @param heights extent of the atoms' space along each axis, Å
 * @param distances how far to look along each axis, Å
 * @param limit most bins: a few atoms in a vast cell must not cost memory for its empty space
 */
export function planBins(
  heights: readonly number[],
  distances: readonly number[],
  pbc: readonly boolean[],
  limit: number,
): { counts: [number, number, number]; reach: [number, number, number] } {
  const axes = [0, 1, 2] as const;
  const counts = axes.map((axis) => binCount(heights[axis], distances[axis])) as [number, number, number];
  while (counts[0] * counts[1] * counts[2] > limit) {
    const largest = counts.indexOf(Math.max(...counts));
    counts[largest] = Math.ceil(counts[largest] / 2);
  }
  const reach = axes.map((axis) => {
    const needed = heights[axis] > 0 ? Math.ceil((distances[axis] * counts[axis]) / heights[axis]) : 0;
    return pbc[axis] ? needed : Math.min(needed, counts[axis] - 1);
  }) as [number, number, number];
  return { counts, reach };
}

/** Bins as wide as the cutoff, or half as wide where that leaves clearly less space to search. */
function binCount(height: number, cutoff: number): number {
  const searched = (count: number): number => (2 * Math.ceil((cutoff * count) / height) + 1) / count;
  const coarse = Math.max(1, Math.floor(height / cutoff));
  const fine = Math.max(1, Math.floor((2 * height) / cutoff));
  return height > 0 && searched(fine) < 0.75 * searched(coarse) ? fine : coarse;
}

export function positionError(positions: Float64Array, atom: number): InputError {
  const got = Array.from(positions.subarray(3 * atom, 3 * atom + 3)).join(" ");
  return new InputError("position is not a finite number near the cell", { atom, key: "positions", expected: `numbers in Å, within ${MAX_SHIFT} cells`, got });
}
