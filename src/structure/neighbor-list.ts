/**
 * Neighbor list of the environments of Eq. (1): all pairs with r_ij = positions[j] + shift·cell − positions[i] and |r_ij| < cutoff.
 *
 * Atoms are sorted into bins; each bin meets half of the bins in its reach, and both directions of a pair are written at once. Cost and
 * memory are linear in the number of atoms (cell lists: Allen and Tildesley, Computer Simulation of Liquids, Oxford 1987).
 */
import { CapacityError, InputError } from "../errors.js";
import { positionError, sortIntoBins, type Bins } from "./bins.js";
import { cellVolume, checkCell, type Structure } from "./structure.js";

/** Pairs of all centers, one center after the other; within a center by ascending neighbor, images of one neighbor in a fixed order. */
export interface NeighborList {
  /** Å; an atom at exactly this distance is not a neighbor. */
  readonly cutoff: number;
  /** First pair of each center, [center + 1]. */
  readonly offsets: Int32Array;
  /** Atom of each pair, [pair]. */
  readonly neighbors: Int32Array;
  /** Lattice shift of the neighbor, [pair][3]; 0 along an axis that is not periodic. */
  readonly shifts: Int32Array;
  /** r_ij = positions[j] + shift·cell − positions[i] in Å, [pair][3]; exactly opposite in the reverse pair. */
  readonly vectors: Float64Array;
  /** |r_ij| in Å, [pair]. */
  readonly distances: Float64Array;
  /** Index of the pair j→i with the opposite shift, [pair]. */
  readonly reverse: Int32Array;
}

/** Two atoms closer than this (Å) stand on one site: a mistake in the input, and a direction r̂ that is only rounding error. */
export const SAME_SITE = 1e-6;
/** About 5 GB with the scratch space; more is a slip in the cutoff or the cell. */
export const MAX_PAIRS = 2 ** 26;

/**
 * Finds all pairs closer than `cutoff` (Å), periodic images (own ones too) included. Positions need not lie in the cell.
 * @throws InputError on a cutoff that is not positive, a position that is not finite, two atoms closer than 1e-6 Å, or a periodic axis without volume;
 * CapacityError when there are more than 2^26 pairs.
 */
export function createNeighborList(structure: Structure, cutoff: number): NeighborList {
  if (!(cutoff > 0 && Number.isFinite(cutoff))) throw new InputError("cutoff is not positive", { key: "cutoff", expected: "a length in Å above 0", got: String(cutoff) });
  checkCell(structure);
  checkExpectedPairs(structure, cutoff);
  const bins = sortIntoBins(structure, cutoff);
  const list = writeBothDirections(structure.species.length, cutoff, findPairs(bins, cutoff), bins.wraps);
  if (bins.transform) shiftsOfCell(list, bins.transform, structure.positions);
  return list;
}

/** Shifts that count vectors of another lattice become shifts of the cell. @throws InputError where these are too large. */
function shiftsOfCell({ neighbors, shifts }: NeighborList, transform: Float64Array, positions: Float64Array): void {
  for (let pair = 0; pair < neighbors.length; pair++) {
    const [a, b, c] = shifts.subarray(3 * pair, 3 * pair + 3);
    for (let k = 0; k < 3; k++) {
      const shift = a * transform[k] + b * transform[3 + k] + c * transform[6 + k];
      if (!(Math.abs(shift) < 2 ** 31)) throw positionError(positions, neighbors[pair]);
      shifts[3 * pair + k] = shift;
    }
  }
}

/** Each unordered pair once: atoms, r_ij, |r_ij|, and the image of the second wrapped atom. */
interface HalfPairs {
  count: number;
  first: Int32Array;
  second: Int32Array;
  vectors: Float64Array;
  distances: Float64Array;
  images: Int32Array;
}

export function capacityError(cutoff: number): CapacityError {
  return new CapacityError("too many pairs", { key: "cutoff", expected: `a cutoff that leaves at most ${MAX_PAIRS} pairs`, got: `${cutoff} Å` });
}

/** Images of an atom itself within the cutoff, as many as a sphere of the dimension of the lattice has room for. */
function ownImages(cell: Float64Array, pbc: readonly boolean[], cutoff: number): number {
  const rows = [0, 1, 2].filter((axis) => pbc[axis]).map((axis) => cell.subarray(3 * axis, 3 * axis + 3));
  const dot = (a: Float64Array, b: Float64Array): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  if (rows.length === 0) return 0;
  if (rows.length === 1) return (2 * cutoff) / Math.sqrt(dot(rows[0], rows[0]));
  if (rows.length === 3) return ((4 / 3) * Math.PI * cutoff ** 3) / Math.abs(cellVolume(cell));
  const [a, b] = rows;
  return (Math.PI * cutoff ** 2) / Math.sqrt(dot(a, a) * dot(b, b) - dot(a, b) ** 2);
}

/** A crystal with an absurd cutoff, or with a cell without extent, is refused before any memory is taken for it. */
export function checkExpectedPairs({ species, cell, pbc }: Structure, cutoff: number): void {
  if (!cell) return;
  // Of a layer or a chain only the images of an atom itself are sure to be near.
  const expected = ownImages(cell, pbc, cutoff) * (pbc.every(Boolean) ? species.length ** 2 : species.length);
  // The mean density may be off by a shell or so; far beyond the limit that does not matter.
  if (expected > 2 * MAX_PAIRS) throw capacityError(cutoff);
}

function grow(pairs: HalfPairs, needed: number, cutoff: number): void {
  if (2 * needed > MAX_PAIRS) throw capacityError(cutoff);
  const capacity = Math.min(MAX_PAIRS / 2, Math.max(needed, 2 * pairs.first.length));
  const longer = <T extends Int32Array | Float64Array>(from: T, to: T): T => (to.set(from), to);
  pairs.first = longer(pairs.first, new Int32Array(capacity));
  pairs.second = longer(pairs.second, new Int32Array(capacity));
  pairs.vectors = longer(pairs.vectors, new Float64Array(3 * capacity));
  pairs.distances = longer(pairs.distances, new Float64Array(capacity));
  pairs.images = longer(pairs.images, new Int32Array(3 * capacity));
}

function findPairs(bins: Bins, cutoff: number): HalfPairs {
  const [na, nb, nc] = bins.counts;
  const [ra, rb, rc] = bins.reach;
  const pairs: HalfPairs = { count: 0, first: new Int32Array(0), second: new Int32Array(0), vectors: new Float64Array(0), distances: new Float64Array(0), images: new Int32Array(0) };
  grow(pairs, Math.min(20 * bins.atoms.length + 64, MAX_PAIRS / 2), cutoff);
  for (let a = 0; a < na; a++) {
    for (let b = 0; b < nb; b++) {
      for (let c = 0; c < nc; c++) {
        const bin = (a * nb + b) * nc + c;
        if (bins.starts[bin] === bins.starts[bin + 1]) continue;
        // The bins at +(da, db, dc) only: those at the opposite offsets find this one.
        for (let da = 0; da <= ra; da++) {
          const imageA = Math.floor((a + da) / na);
          if (imageA !== 0 && !bins.pbc[0]) continue;
          for (let db = da === 0 ? 0 : -rb; db <= rb; db++) {
            const imageB = Math.floor((b + db) / nb);
            if (imageB !== 0 && !bins.pbc[1]) continue;
            for (let dc = da === 0 && db === 0 ? 0 : -rc; dc <= rc; dc++) {
              const imageC = Math.floor((c + dc) / nc);
              if (imageC !== 0 && !bins.pbc[2]) continue;
              const other = ((a + da - imageA * na) * nb + (b + db - imageB * nb)) * nc + (c + dc - imageC * nc);
              pairBins(bins, cutoff, pairs, bin, other, imageA, imageB, imageC, da === 0 && db === 0 && dc === 0);
            }
          }
        }
      }
    }
  }
  return pairs;
}

/** Appends the pairs between the atoms of `bin` and those of the given image of `other`; `same` when both are one bin of one image. */
function pairBins(bins: Bins, cutoff: number, pairs: HalfPairs, bin: number, other: number, imageA: number, imageB: number, imageC: number, same: boolean): void {
  const { starts, atoms, wrapped, lattice } = bins;
  const begin = starts[other];
  const end = starts[other + 1];
  if (begin === end) return;
  const tx = imageA * lattice[0] + imageB * lattice[3] + imageC * lattice[6];
  const ty = imageA * lattice[1] + imageB * lattice[4] + imageC * lattice[7];
  const tz = imageA * lattice[2] + imageB * lattice[5] + imageC * lattice[8];
  for (let i = starts[bin]; i < starts[bin + 1]; i++) {
    if (pairs.count + end - begin > pairs.first.length) grow(pairs, pairs.count + end - begin, cutoff);
    const { first, second, vectors, distances, images } = pairs;
    const x = wrapped[3 * i] - tx;
    const y = wrapped[3 * i + 1] - ty;
    const z = wrapped[3 * i + 2] - tz;
    let count = pairs.count;
    for (let j = same ? i + 1 : begin; j < end; j++) {
      const dx = wrapped[3 * j] - x;
      const dy = wrapped[3 * j + 1] - y;
      const dz = wrapped[3 * j + 2] - z;
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
      if (!(distance < cutoff)) continue;
      if (distance < SAME_SITE) throw sameSiteError(atoms[i], atoms[j], distance);
      first[count] = atoms[i];
      second[count] = atoms[j];
      vectors[3 * count] = dx;
      vectors[3 * count + 1] = dy;
      vectors[3 * count + 2] = dz;
      distances[count] = distance;
      images[3 * count] = imageA;
      images[3 * count + 1] = imageB;
      images[3 * count + 2] = imageC;
      count++;
    }
    pairs.count = count;
  }
}

export function sameSiteError(i: number, j: number, distance: number): InputError {
  const [low, high] = i < j ? [i, j] : [j, i];
  const what = low === high ? "atom stands on its own periodic image" : `atoms ${low} and ${high} stand on one site`;
  return new InputError(what, { atom: low, key: "positions", expected: `a distance of ${SAME_SITE} Å or more`, got: `${distance} Å` });
}

function writeBothDirections(size: number, cutoff: number, pairs: HalfPairs, wraps: Int32Array): NeighborList {
  const { first, second, images, count } = pairs;
  const offsets = new Int32Array(size + 1);
  for (let p = 0; p < count; p++) {
    offsets[first[p] + 1]++;
    offsets[second[p] + 1]++;
  }
  for (let i = 0; i < size; i++) offsets[i + 1] += offsets[i];
  // First pass: directed pairs grouped by their neighbor (2p for first → second, 2p + 1 for the way back). Scanning these groups in
  // order then fills each center by ascending neighbor, without a comparison sort.
  const next = offsets.slice();
  const grouped = new Int32Array(2 * count);
  for (let p = 0; p < count; p++) {
    grouped[next[second[p]]++] = 2 * p;
    grouped[next[first[p]]++] = 2 * p + 1;
  }
  next.set(offsets);
  const neighbors = new Int32Array(2 * count);
  const shifts = new Int32Array(6 * count);
  const vectors = new Float64Array(6 * count);
  const distances = new Float64Array(2 * count);
  const reverse = new Int32Array(2 * count);
  const placed = new Int32Array(count);
  const seen = new Uint8Array(count);
  for (let neighbor = 0; neighbor < size; neighbor++) {
    for (let g = offsets[neighbor]; g < offsets[neighbor + 1]; g++) {
      const p = grouped[g] >> 1;
      const back = (grouped[g] & 1) === 1;
      const center = back ? second[p] : first[p];
      const sign = back ? -1 : 1;
      const pair = next[center]++;
      neighbors[pair] = neighbor;
      distances[pair] = pairs.distances[p];
      vectors[3 * pair] = sign * pairs.vectors[3 * p];
      vectors[3 * pair + 1] = sign * pairs.vectors[3 * p + 1];
      vectors[3 * pair + 2] = sign * pairs.vectors[3 * p + 2];
      shifts[3 * pair] = sign * images[3 * p] - wraps[3 * neighbor] + wraps[3 * center];
      shifts[3 * pair + 1] = sign * images[3 * p + 1] - wraps[3 * neighbor + 1] + wraps[3 * center + 1];
      shifts[3 * pair + 2] = sign * images[3 * p + 2] - wraps[3 * neighbor + 2] + wraps[3 * center + 2];
      if (seen[p] === 1) {
        reverse[pair] = placed[p];
        reverse[placed[p]] = pair;
      } else {
        seen[p] = 1;
        placed[p] = pair;
      }
    }
  }
  return { cutoff, offsets, neighbors, shifts, vectors, distances, reverse };
}
