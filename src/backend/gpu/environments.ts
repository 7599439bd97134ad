// Neighbor lists of several structures as the passes read them: pairs by center, within a center by element.
// Made on the host, uploaded once per batch.
import { createNeighborList, type NeighborList } from "../../structure/neighbor-list.js";
import type { Structure } from "../../structure/structure.js";
import type { Workspace } from "./workspace.js";

export interface EnvironmentBatch {
  readonly structures: readonly Structure[];
  /** First atom and first pair of each structure, [structure + 1]. */
  readonly firstAtoms: Int32Array;
  readonly firstPairs: Int32Array;
  readonly atoms: number;
  readonly pairCount: number;
  /** Index of the element of each atom. */
  readonly elements: Uint8Array;
  /** r_ij and |r_ij| in Å, [pair][4]. */
  readonly pairs: Float32Array<ArrayBuffer>;
  /** Index in the batch of the atom j of each pair i → j; within a center and element ascending. */
  readonly neighbors: Uint32Array<ArrayBuffer>;
  /** Pair j → i of the pair i → j. */
  readonly reverse: Uint32Array<ArrayBuffer>;
  /** First pair of (center, element), [center · elements + element], and the number of pairs behind the last. */
  readonly offsets: Uint32Array<ArrayBuffer>;
}

const BATCH_ATOMS = 16384;

export interface BatchLimits {
  readonly species: readonly number[];
  readonly cutoff: number;
  /** Pairs that fit into the buffers of this GPU. */
  readonly maxPairs: number;
  /** Atoms of a batch made of several structures; by default enough to fill a GPU, few enough to see progress and to stop soon. */
  readonly maxAtoms?: number;
}

/**
 * Batches of whole structures, in order; a structure that is too large for its company is alone.
 * @throws InputError and CapacityError as createNeighborList.
 */
export async function* environmentBatches(
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  limits: BatchLimits,
): AsyncGenerator<EnvironmentBatch> {
  const { maxAtoms = BATCH_ATOMS } = limits;
  let open: Structure[] = [];
  let lists: NeighborList[] = [];
  let [atoms, pairs] = [0, 0];
  for await (const structure of structures) {
    const list = createNeighborList(structure, limits.cutoff);
    if (open.length > 0 && (atoms + structure.species.length > maxAtoms || pairs + list.neighbors.length > limits.maxPairs)) {
      yield createBatch(open, lists, limits.species);
      [open, lists, atoms, pairs] = [[], [], 0, 0];
    }
    open.push(structure);
    lists.push(list);
    atoms += structure.species.length;
    pairs += list.neighbors.length;
  }
  if (open.length > 0) yield createBatch(open, lists, limits.species);
}

function createBatch(structures: readonly Structure[], lists: readonly NeighborList[], species: readonly number[]): EnvironmentBatch {
  const elementOf = new Uint8Array(256);
  species.forEach((z, index) => (elementOf[z] = index));
  const firstAtoms = new Int32Array(structures.length + 1);
  const firstPairs = new Int32Array(structures.length + 1);
  structures.forEach((structure, s) => {
    firstAtoms[s + 1] = firstAtoms[s]! + structure.species.length;
    firstPairs[s + 1] = firstPairs[s]! + lists[s]!.neighbors.length;
  });
  const atoms = firstAtoms[structures.length]!;
  const pairCount = firstPairs[structures.length]!;
  const elements = new Uint8Array(atoms);
  const pairs = new Float32Array(4 * pairCount);
  const neighbors = new Uint32Array(pairCount);
  const reverse = new Uint32Array(pairCount);
  const offsets = new Uint32Array(atoms * species.length + 1);
  structures.forEach((structure, s) => {
    const own = structure.species.map((z) => elementOf[z]!);
    elements.set(own, firstAtoms[s]);
    const place = sortByElement(lists[s]!, own, species.length, firstPairs[s]!, offsets.subarray(firstAtoms[s]! * species.length));
    const { vectors, distances } = lists[s]!;
    place.forEach((to, from) => {
      pairs[4 * to] = vectors[3 * from]!;
      pairs[4 * to + 1] = vectors[3 * from + 1]!;
      pairs[4 * to + 2] = vectors[3 * from + 2]!;
      pairs[4 * to + 3] = distances[from]!;
      neighbors[to] = firstAtoms[s]! + lists[s]!.neighbors[from]!;
      reverse[to] = place[lists[s]!.reverse[from]!]!;
    });
  });
  offsets[atoms * species.length] = pairCount;
  return { structures, firstAtoms, firstPairs, atoms, pairCount, elements, pairs, neighbors, reverse, offsets };
}

/** Index in the batch of each pair of the list; writes the offsets of the structure's centers. */
function sortByElement(list: NeighborList, elements: Uint8Array, count: number, first: number, offsets: Uint32Array): Uint32Array {
  const place = new Uint32Array(list.neighbors.length);
  const cursor = new Uint32Array(count);
  for (let center = 0; center < elements.length; center++) {
    const [begin, end] = [list.offsets[center]!, list.offsets[center + 1]!];
    cursor.fill(0);
    for (let pair = begin; pair < end; pair++) cursor[elements[list.neighbors[pair]!]!]!++;
    let at = first + begin;
    for (let element = 0; element < count; element++) {
      const size = cursor[element]!;
      offsets[center * count + element] = cursor[element] = at;
      at += size;
    }
    for (let pair = begin; pair < end; pair++) place[pair] = cursor[elements[list.neighbors[pair]!]!]!++;
  }
  return place;
}

/** Copies what the feature passes read; with `forces`, also what the sums of pair forces need. */
export function uploadEnvironments(workspace: Workspace, batch: EnvironmentBatch, forces: boolean): void {
  workspace.write("pairs", batch.pairs);
  workspace.write("offsets", batch.offsets);
  if (forces) workspace.write("reverse", batch.reverse);
}
