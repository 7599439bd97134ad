import { stat } from "node:fs/promises";
import type { Structure } from "../index.js";
import { readStructures } from "../node/index.js";

/** The structures of a file from the first to the last, at every call. */
export type RepeatableSource = () => AsyncIterable<Structure>;

/** A file is read again each time; what comes through a pipe comes once, and is kept in memory. */
export async function repeatable(path: string): Promise<RepeatableSource> {
  // What does not exist is a matter for the reader, which says so.
  const status = await stat(path).catch(() => null);
  if (status === null || status.isFile()) return () => readStructures(path);
  const kept: Structure[] = [];
  let complete = false;
  return async function* () {
    if (complete) {
      yield* kept;
      return;
    }
    for await (const structure of readStructures(path)) {
      kept.push(structure);
      yield structure;
    }
    complete = true;
  };
}

export function countAtoms(structures: readonly Structure[]): number {
  return structures.reduce((sum, { species }) => sum + species.length, 0);
}

/** What a first pass over a file finds, so that a second pass can go structure by structure. */
export interface FileSummary {
  readonly structures: number;
  readonly atoms: number;
  /** Atomic numbers, ascending. */
  readonly species: readonly number[];
  /** Names of comment-line entries and per-atom columns that occur in any structure. */
  readonly names: ReadonlySet<string>;
}

/** One pass over structures, one of them in memory at a time; `visit` sees each. */
export async function scanStructures(source: RepeatableSource, signal: AbortSignal, visit?: (structure: Structure) => void): Promise<FileSummary> {
  const species = new Set<number>();
  const names = new Set<string>();
  let structures = 0;
  let atoms = 0;
  for await (const structure of source()) {
    signal.throwIfAborted();
    structures++;
    atoms += structure.species.length;
    for (const z of structure.species) species.add(z);
    for (const name of structure.info.keys()) names.add(name);
    for (const name of structure.arrays.keys()) names.add(name);
    visit?.(structure);
  }
  return { structures, atoms, species: [...species].sort((a, b) => a - b), names };
}
