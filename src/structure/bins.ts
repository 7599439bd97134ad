/**
 * Bins for atoms in any cell with any periodic axes: fractional coordinates s_k = b_k·r along periodic axes, with b_k·a_l = δ_kl, and
 * distances along unit vectors orthogonal to these for the others. Atoms closer than the cutoff differ by at most cutoff·|b_k| in s_k.
 */
import { InputError } from "../errors.js";
import type { Structure } from "./structure.js";

/** Bins are this much (relative) wider than the cutoff needs, so that rounding of a bin index loses no pair. */
const MARGIN = 1 + 1e-9;
const MAX_SHIFT = 2 ** 29;

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
  /** wrapped = positions − wraps·cell, [atom][3]. */
  readonly wraps: Int32Array;
}

/** Rows: the reciprocal vectors of the periodic axes (b_k·a_l = δ_kl), and for the others unit vectors orthogonal to all of these. */
function binningDirections(lattice: Float64Array, pbc: readonly boolean[]): Float64Array {
  const rows = Float64Array.from(lattice);
  const periodic = [0, 1, 2].filter((axis) => pbc[axis]);
  const open = [0, 1, 2].filter((axis) => !pbc[axis]);
  if (open.length === 3) return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  if (open.length === 2) {
    const along = rows.subarray(3 * periodic[0], 3 * periodic[0] + 3);
    const [x, y, z] = along.map(Math.abs);
    const least = x <= y && x <= z ? [1, 0, 0] : y <= z ? [0, 1, 0] : [0, 0, 1];
    rows.set(unit(cross(along, least)), 3 * open[0]);
    rows.set(unit(cross(along, rows.subarray(3 * open[0], 3 * open[0] + 3))), 3 * open[1]);
  } else if (open.length === 1) {
    rows.set(unit(cross(rows.subarray(3 * periodic[0], 3 * periodic[0] + 3), rows.subarray(3 * periodic[1], 3 * periodic[1] + 3))), 3 * open[0]);
  }
  const directions = new Float64Array(9);
  for (let axis = 0; axis < 3; axis++) {
    const own = rows.subarray(3 * axis, 3 * axis + 3);
    const normal = cross(rows.subarray(3 * ((axis + 1) % 3), 3 * ((axis + 1) % 3) + 3), rows.subarray(3 * ((axis + 2) % 3), 3 * ((axis + 2) % 3) + 3));
    const volume = own[0] * normal[0] + own[1] * normal[1] + own[2] * normal[2];
    for (let k = 0; k < 3; k++) directions[3 * axis + k] = normal[k] / volume;
  }
  return directions;
}

function cross(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: number[]): number[] {
  const length = Math.hypot(a[0], a[1], a[2]);
  return a.map((x) => x / length);
}

/**
 * Wraps the atoms into the cell along its periodic axes and sorts them into bins not much larger than `cutoff` (Å).
 * @throws InputError on a position that is not finite, or absurdly far outside the cell.
 */
export function sortIntoBins({ positions, species, cell, pbc }: Structure, cutoff: number): Bins {
  const size = species.length;
  const lattice = new Float64Array(9);
  for (let k = 0; k < 9; k++) if (pbc[Math.floor(k / 3)]) lattice[k] = cell![k];
  const directions = binningDirections(lattice, pbc);

  const coordinates = new Float64Array(3 * size);
  const wraps = new Int32Array(3 * size);
  const low = [0, 0, 0];
  const width = [0, 0, 0];
  const counts: [number, number, number] = [1, 1, 1];
  const reach: [number, number, number] = [0, 0, 0];
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
    counts[axis] = binCount(heights[axis], cutoff * MARGIN);
  }
  // A few atoms in a vast cell must not cost memory for its empty space.
  for (const limit = 32 * size + 4096; counts[0] * counts[1] * counts[2] > limit; ) {
    const largest = counts.indexOf(Math.max(...counts));
    counts[largest] = Math.ceil(counts[largest] / 2);
  }
  for (let axis = 0; axis < 3; axis++) {
    const needed = heights[axis] > 0 ? Math.ceil((cutoff * MARGIN * counts[axis]) / heights[axis]) : 0;
    reach[axis] = pbc[axis] ? needed : Math.min(needed, counts[axis] - 1);
  }

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
  return { counts, reach, pbc, lattice, starts, atoms, wrapped, wraps };
}

/** Bins as wide as the cutoff, or half as wide where that leaves clearly less space to search. */
function binCount(height: number, cutoff: number): number {
  const searched = (count: number): number => (2 * Math.ceil((cutoff * count) / height) + 1) / count;
  const coarse = Math.max(1, Math.floor(height / cutoff));
  const fine = Math.max(1, Math.floor((2 * height) / cutoff));
  return height > 0 && searched(fine) < 0.75 * searched(coarse) ? fine : coarse;
}

function positionError(positions: Float64Array, atom: number): InputError {
  const got = Array.from(positions.subarray(3 * atom, 3 * atom + 3)).join(" ");
  return new InputError("position is not a finite number near the cell", { atom, key: "positions", expected: `numbers in Å, within ${MAX_SHIFT} cells`, got });
}
