// From a structure to batches of environments that the kernels can take in one go: centers of one element whose neighbors are of the same elements.
// Only the element pairs that occur in a batch then cost time and memory.
import { findRangeNeighbors } from "../../structure/range-neighbors.js";
import { locating } from "../../structure/origin.js";
import type { Origin } from "../../structure/structure.js";
import type { FeaturePlan } from "./plan.js";

/** The part of a structure that a task works on. */
export interface TaskStructure {
  readonly species: Uint8Array;
  readonly positions: Float64Array;
  readonly cell: Float64Array | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Centers [first, end) are computed. */
  readonly first: number;
  readonly end: number;
  readonly origin?: Origin;
}

/** The neighbors of a range of centers, sorted by center and then by element. */
export interface Environments {
  readonly first: number;
  readonly count: number;
  /** Atom of each pair, [pair]. */
  readonly neighbors: Int32Array;
  /** Å, [pair][3] and [pair]. */
  readonly vectors: Float64Array;
  readonly distances: Float64Array;
  /** Pairs of center c with element s: from offsets[c·S + s] to offsets[c·S + s + 1], S elements. */
  readonly offsets: Int32Array;
  /** Element index of each center. */
  readonly centers: Uint8Array;
}

/** Centers (relative to `Environments.first`) that share their element and the elements around them. */
export interface EnvironmentBatch {
  readonly environments: Environments;
  readonly members: readonly number[];
  /** Element index of the centers. */
  readonly center: number;
  /** Densities that are not empty, ascending. */
  readonly present: readonly number[];
}

/** Rows of one matrix product. More rows share the packing of the sparse points; 32 of them still fit the second-level cache beside it. */
const BATCH = 32;

export function createEnvironments(structure: TaskStructure, plan: FeaturePlan): Environments {
  const { first, end } = structure;
  const list = locating(structure, () => findRangeNeighbors({ ...structure, info: new Map(), arrays: new Map() }, plan.cutoff, first, end));
  const elements = plan.layout.species;
  const elementOf = new Uint8Array(256);
  elements.forEach((z, index) => (elementOf[z] = index));
  const count = end - first;
  const pairs = list.neighbors.length;
  const centers = structure.species.subarray(first, end).map((z) => elementOf[z]!);
  const S = elements.length;
  // One element: the list is sorted by it already.
  if (S === 1) return { first, count, centers, ...list };
  const offsets = new Int32Array(count * S + 1);
  const neighbors = new Int32Array(pairs);
  const vectors = new Float64Array(3 * pairs);
  const distances = new Float64Array(pairs);
  const cursor = new Int32Array(S);
  for (let c = 0; c < count; c++) {
    const from = list.offsets[c]!;
    const to = list.offsets[c + 1]!;
    cursor.fill(0);
    for (let p = from; p < to; p++) cursor[elementOf[structure.species[list.neighbors[p]!]!]!]!++;
    let position = from;
    for (let s = 0; s < S; s++) {
      offsets[c * S + s] = position;
      const next = position + cursor[s]!;
      cursor[s] = position;
      position = next;
    }
    for (let p = from; p < to; p++) {
      const neighbor = list.neighbors[p]!;
      const target = cursor[elementOf[structure.species[neighbor]!]!]!++;
      neighbors[target] = neighbor;
      distances[target] = list.distances[p]!;
      vectors[3 * target] = list.vectors[3 * p]!;
      vectors[3 * target + 1] = list.vectors[3 * p + 1]!;
      vectors[3 * target + 2] = list.vectors[3 * p + 2]!;
    }
  }
  offsets[count * S] = pairs;
  return { first, count, neighbors, vectors, distances, offsets, centers };
}

/** Batches of at most 32 centers, in the order of their first centers. */
export function createBatches(environments: Environments, plan: FeaturePlan): EnvironmentBatch[] {
  const S = plan.layout.species.length;
  const { count, offsets, centers } = environments;
  const open = new Map<string, { members: number[]; center: number; present: number[] }>();
  const batches: EnvironmentBatch[] = [];
  for (let c = 0; c < count; c++) {
    const present: number[] = [];
    for (let s = 0; s < S; s++) {
      const density = plan.layout.densityOf[s]!;
      const occurs = offsets[c * S + s + 1]! > offsets[c * S + s]! || (plan.hasCenter && s === centers[c]);
      if (occurs && present.at(-1) !== density) present.push(density);
    }
    const key = `${centers[c]} ${present.join(",")}`;
    let batch = open.get(key);
    if (!batch) {
      batch = { members: [], center: centers[c]!, present };
      open.set(key, batch);
      batches.push({ environments, ...batch });
    }
    batch.members.push(c);
    if (batch.members.length === BATCH) open.delete(key);
  }
  return batches;
}

/** Place of each center among those of its element, [center]. */
export function rankWithinElement({ centers, count }: Environments, elements: number): Int32Array {
  const seen = new Int32Array(elements);
  const rank = new Int32Array(count);
  for (let c = 0; c < count; c++) rank[c] = seen[centers[c]!]!++;
  return rank;
}
