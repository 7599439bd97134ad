/**
 * Neighbors of a range of centers, Eq. (1): what one worker needs of a structure. Unlike `createNeighborList`, which writes both directions of
 * every pair at once, each center looks for itself; ranges together cost what the whole costs, so that threads share the work.
 */
import { sortIntoBins, type Bins } from "./bins.js";
import { capacityError, checkExpectedPairs, MAX_PAIRS, SAME_SITE, sameSiteError } from "./neighbor-list.js";
import { checkCell, type Structure } from "./structure.js";

/** Neighbors closer than the cutoff, center after center, images of the center itself included. */
export interface RangeNeighbors {
  /** First pair of each center of the range, [center + 1]. */
  readonly offsets: Int32Array;
  /** Atom of each pair, [pair]. */
  readonly neighbors: Int32Array;
  /** r_ij in Å, [pair][3]. */
  readonly vectors: Float64Array;
  /** |r_ij| in Å, [pair]. */
  readonly distances: Float64Array;
}

/** Pairs found so far; the arrays grow. */
class PairStore {
  count = 0;
  neighbors: Int32Array;
  vectors: Float64Array;
  distances: Float64Array;

  constructor(capacity: number) {
    this.neighbors = new Int32Array(capacity);
    this.vectors = new Float64Array(3 * capacity);
    this.distances = new Float64Array(capacity);
  }

  /** Makes room for `more` pairs. */
  reserve(more: number, cutoff: number): void {
    const needed = this.count + more;
    if (needed <= this.neighbors.length) return;
    if (needed > MAX_PAIRS) throw capacityError(cutoff);
    const larger = new PairStore(Math.max(needed, 2 * this.neighbors.length));
    larger.neighbors.set(this.neighbors);
    larger.vectors.set(this.vectors);
    larger.distances.set(this.distances);
    Object.assign(this, { neighbors: larger.neighbors, vectors: larger.vectors, distances: larger.distances });
  }
}

/**
 * Finds the neighbors of the centers first … end − 1, in an order that depends on the structure alone.
 * @throws InputError on two atoms closer than 1e-6 Å, a position that is not finite, or a periodic axis without volume; CapacityError beyond 2^26 pairs.
 */
export function findRangeNeighbors(structure: Structure, cutoff: number, first: number, end: number): RangeNeighbors {
  checkCell(structure);
  checkExpectedPairs(structure, cutoff);
  const bins = sortIntoBins(structure, cutoff);
  const { binOf, sortedOf } = places(bins);
  const pairs = new PairStore(40 * (end - first) + 64);
  const offsets = new Int32Array(end - first + 1);
  for (let center = first; center < end; center++) {
    const sorted = sortedOf[center]!;
    addNeighbors(bins, cutoff, sorted, binOf[sorted]!, pairs);
    offsets[center - first + 1] = pairs.count;
  }
  const { count, neighbors, vectors, distances } = pairs;
  return { offsets, neighbors: neighbors.subarray(0, count), vectors: vectors.subarray(0, 3 * count), distances: distances.subarray(0, count) };
}

/** Bin of every sorted atom, and place of every atom in the sorted order. */
function places({ starts, atoms }: Bins): { binOf: Int32Array; sortedOf: Int32Array } {
  const binOf = new Int32Array(atoms.length);
  const sortedOf = new Int32Array(atoms.length);
  for (let bin = 0; bin + 1 < starts.length; bin++) {
    for (let k = starts[bin]!; k < starts[bin + 1]!; k++) {
      binOf[k] = bin;
      sortedOf[atoms[k]!] = k;
    }
  }
  return { binOf, sortedOf };
}

function addNeighbors(bins: Bins, cutoff: number, sorted: number, bin: number, pairs: PairStore): void {
  const { starts, lattice, pbc } = bins;
  const [na, nb, nc] = bins.counts;
  const [ra, rb, rc] = bins.reach;
  const [a, b, c] = [Math.floor(bin / (nb * nc)), Math.floor(bin / nc) % nb, bin % nc];
  for (let da = -ra; da <= ra; da++) {
    const imageA = Math.floor((a + da) / na);
    if (imageA !== 0 && !pbc[0]) continue;
    for (let db = -rb; db <= rb; db++) {
      const imageB = Math.floor((b + db) / nb);
      if (imageB !== 0 && !pbc[1]) continue;
      for (let dc = -rc; dc <= rc; dc++) {
        const imageC = Math.floor((c + dc) / nc);
        if (imageC !== 0 && !pbc[2]) continue;
        const other = ((a + da - imageA * na) * nb + (b + db - imageB * nb)) * nc + (c + dc - imageC * nc);
        const begin = starts[other]!;
        const stop = starts[other + 1]!;
        if (begin === stop) continue;
        pairs.reserve(stop - begin, cutoff);
        const tx = imageA * lattice[0]! + imageB * lattice[3]! + imageC * lattice[6]!;
        const ty = imageA * lattice[1]! + imageB * lattice[4]! + imageC * lattice[7]!;
        const tz = imageA * lattice[2]! + imageB * lattice[5]! + imageC * lattice[8]!;
        // The atom itself is no neighbor of its own, its images are.
        const self = imageA === 0 && imageB === 0 && imageC === 0 ? sorted : -1;
        addFromBin(bins, cutoff, sorted, begin, stop, self, tx, ty, tz, pairs);
      }
    }
  }
}

/** Appends the atoms begin … stop − 1 of a bin, shifted by (tx, ty, tz), that are close to the sorted atom. */
function addFromBin(
  { atoms, wrapped }: Bins,
  cutoff: number,
  sorted: number,
  begin: number,
  stop: number,
  self: number,
  tx: number,
  ty: number,
  tz: number,
  pairs: PairStore,
): void {
  const { neighbors, vectors, distances } = pairs;
  const square = cutoff * cutoff;
  const x = wrapped[3 * sorted]! - tx,
    y = wrapped[3 * sorted + 1]! - ty,
    z = wrapped[3 * sorted + 2]! - tz;
  let count = pairs.count;
  for (let j = begin; j < stop; j++) {
    const dx = wrapped[3 * j]! - x,
      dy = wrapped[3 * j + 1]! - y,
      dz = wrapped[3 * j + 2]! - z;
    const norm = dx * dx + dy * dy + dz * dz;
    if (norm >= square || j === self) continue;
    const distance = Math.sqrt(norm);
    // The root of a number just below cutoff² may round up to the cutoff.
    if (distance >= cutoff) continue;
    if (distance < SAME_SITE) throw sameSiteError(atoms[sorted]!, atoms[j]!, distance);
    neighbors[count] = atoms[j]!;
    distances[count] = distance;
    vectors[3 * count] = dx;
    vectors[3 * count + 1] = dy;
    vectors[3 * count + 2] = dz;
    count++;
  }
  pairs.count = count;
}
