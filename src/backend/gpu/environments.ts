// Batches of whole structures as the neighbor search reads them.
import { CapacityError } from "../../errors.js";
import { locating } from "../../structure/origin.js";
import type { Structure } from "../../structure/structure.js";
import { boxCoordinates, type BoxCoordinates } from "./box-coordinates.js";

export interface EnvironmentBatch {
  readonly structures: readonly Structure[];
  /** First atom of each structure, [structure + 1]. */
  readonly firstAtoms: Int32Array;
  readonly atoms: number;
  /** Index of the element of each atom. */
  readonly elements: Uint8Array<ArrayBuffer>;
  /** 2³² s_k, and structure · 256 + element; [atom][4]. */
  readonly coordinates: Uint32Array<ArrayBuffer>;
  /** Of every structure, as shaders/periodic-images.wgsl says. */
  readonly boxes: Uint32Array<ArrayBuffer>;
  readonly bins: number;
  /** How many pairs there may be; the GPU knows when it has them. */
  readonly expectedPairs: number;
  /** The batch in two halves, for more pairs than fit the buffers at once. */
  halves(): readonly EnvironmentBatch[];
}

const BATCH_ATOMS = 16384;
/** Threads of a dispatch with one thread per atom. */
const MAX_ATOMS = 65535 * 64;
/** 32-bit words of a box on the GPU. */
const BOX_WORDS = 32;
/** An expectation may be wrong by so much; beyond that the cutoff is absurd, and no GPU is kept busy with it. */
const DOUBT = 4;

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
 * @throws InputError and CapacityError as boxCoordinates; CapacityError for far too many atoms or pairs.
 */
export async function* environmentBatches(
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  limits: BatchLimits,
): AsyncGenerator<EnvironmentBatch> {
  const { maxAtoms = BATCH_ATOMS } = limits;
  let open: Structure[] = [];
  let boxes: BoxCoordinates[] = [];
  let [atoms, pairs] = [0, 0];
  for await (const structure of structures) {
    const size = structure.species.length;
    const box = locating(structure, () => boxOf(structure, limits));
    if (open.length > 0 && (atoms + size > maxAtoms || pairs + box.expectedPairs > limits.maxPairs)) {
      yield createBatch(open, boxes, limits.species);
      [open, boxes, atoms, pairs] = [[], [], 0, 0];
    }
    open.push(structure);
    boxes.push(box);
    atoms += size;
    pairs += box.expectedPairs;
  }
  if (open.length > 0) yield createBatch(open, boxes, limits.species);
}

function boxOf(structure: Structure, limits: BatchLimits): BoxCoordinates {
  const size = structure.species.length;
  if (size > MAX_ATOMS)
    throw new CapacityError("too many atoms in one structure for the GPU", { expected: `at most ${MAX_ATOMS}`, got: String(size) });
  const box = boxCoordinates(structure, limits.cutoff);
  if (box.expectedPairs > DOUBT * limits.maxPairs) throw pairsError(limits, box.expectedPairs);
  return box;
}

export function pairsError({ cutoff, maxPairs }: Omit<BatchLimits, "species">, pairs: number): CapacityError {
  return new CapacityError("too many pairs for the buffers of this GPU", {
    key: "cutoff",
    expected: `a cutoff or structures that leave at most ${maxPairs} pairs, or the CPU backend`,
    got: `about ${pairs} pairs at ${cutoff} Å`,
  });
}

function createBatch(structures: readonly Structure[], boxes: readonly BoxCoordinates[], species: readonly number[]): EnvironmentBatch {
  const elementOf = new Uint8Array(256);
  species.forEach((z, index) => (elementOf[z] = index));
  const firstAtoms = new Int32Array(structures.length + 1);
  for (let s = 0; s < structures.length; s++) firstAtoms[s + 1] = firstAtoms[s]! + structures[s]!.species.length;
  const atoms = firstAtoms[structures.length]!;
  const elements = new Uint8Array(atoms);
  const coordinates = boxes.length === 1 ? boxes[0]!.coordinates : new Uint32Array(4 * atoms);
  const words = new Uint32Array(BOX_WORDS * structures.length);
  const floats = new Float32Array(words.buffer);
  let bins = 0;
  for (let s = 0; s < boxes.length; s++) {
    const box = boxes[s]!;
    const first = firstAtoms[s]!;
    if (boxes.length > 1) coordinates.set(box.coordinates, 4 * first);
    markElements(structures[s]!.species, elementOf, 256 * s, first, elements, coordinates);
    writeBox(box, bins, BOX_WORDS * s, words, floats);
    bins += box.counts[0] * box.counts[1] * box.counts[2];
  }
  return {
    structures,
    firstAtoms,
    atoms,
    elements,
    coordinates,
    boxes: words,
    bins,
    expectedPairs: boxes.reduce((sum, { expectedPairs }) => sum + expectedPairs, 0),
    halves: () => {
      const middle = Math.ceil(structures.length / 2);
      return [
        createBatch(structures.slice(0, middle), boxes.slice(0, middle), species),
        createBatch(structures.slice(middle), boxes.slice(middle), species),
      ];
    },
  };
}

/** Index of the element of every atom, and that and `mark` in the last word of its coordinates; the atoms of the structure begin at `first`. */
function markElements(species: Uint8Array, elementOf: Uint8Array, mark: number, first: number, elements: Uint8Array, coordinates: Uint32Array): void {
  for (let atom = 0; atom < species.length; atom++) {
    const element = elementOf[species[atom]!]!;
    elements[first + atom] = element;
    coordinates[4 * (first + atom) + 3] = mark + element;
  }
}

/** Of one structure, from word `at` on: as shaders/periodic-images.wgsl says. */
function writeBox({ vectors, counts, reach, pbc }: BoxCoordinates, firstBin: number, at: number, words: Uint32Array, floats: Float32Array): void {
  for (let axis = 0; axis < 3; axis++) {
    for (let k = 0; k < 3; k++) {
      const value = vectors[3 * axis + k]!;
      floats[at + 4 * axis + k] = value;
      floats[at + 4 * axis + k + 12] = value - Math.fround(value);
    }
    words[at + 24 + axis] = counts[axis]!;
    words[at + 28 + axis] = reach[axis]!;
    if (pbc[axis]) words[at + 31]! += 2 ** axis;
  }
  words[at + 27] = firstBin;
}
