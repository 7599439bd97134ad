// How work is cut into tasks. The cut depends on the data alone, never on the number of threads, so that sums are taken in the same order on any machine.
import { originOf } from "../../structure/origin.js";
import type { Structure } from "../../structure/structure.js";
import type { TaskStructure } from "./environments.js";

/** Atoms of a task made of whole structures: a few milliseconds of work, so that progress moves and a cancelled job ends at once. */
const TASK_ATOMS = 128;
/** Structures above this are cut into ranges of centers. */
const SPLIT_ATOMS = 192;
/** Ranges of one structure at the most: every range carries the whole structure with it. */
const MAX_RANGES = 32;
const RANGE_ATOMS = 64;

function whole(structure: Structure, index: number): TaskStructure {
  const { species, positions, cell, pbc } = structure;
  return { species, positions, cell, pbc, first: 0, end: species.length, origin: originOf(structure, index) };
}

/** A task's structures; `first` is the index of the first one in the input. */
export interface Part {
  readonly first: number;
  readonly structures: readonly TaskStructure[];
}

/** Parts of at most TASK_ATOMS atoms, or single larger structures. */
export async function* wholeStructures(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<Part> {
  let open: TaskStructure[] = [];
  let atoms = 0;
  let index = 0;
  for await (const structure of structures) {
    if (atoms > 0 && atoms + structure.species.length > TASK_ATOMS) {
      yield { first: index - open.length, structures: open };
      open = [];
      atoms = 0;
    }
    open.push(whole(structure, index));
    atoms += structure.species.length;
    index++;
  }
  if (open.length > 0) yield { first: index - open.length, structures: open };
}

/** As `wholeStructures`, but a large structure becomes several parts, each with a range of its centers. */
export async function* ranges(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<Part> {
  for await (const part of wholeStructures(structures)) {
    const [structure] = part.structures;
    if (part.structures.length > 1 || structure!.end <= SPLIT_ATOMS) {
      yield part;
      continue;
    }
    const size = Math.max(RANGE_ATOMS, Math.ceil(structure!.end / MAX_RANGES));
    for (let first = 0; first < structure!.end; first += size) {
      yield { first: part.first, structures: [{ ...structure!, first, end: Math.min(first + size, structure!.end) }] };
    }
  }
}
