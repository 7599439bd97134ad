// Progress of a job of which a part is done.
import type { Structure } from "../../structure/structure.js";
import type { Backend, FitStructure, FitTerm, JobOptions, NormalEquations } from "../backend.js";

export function countAtoms(structures: readonly Structure[]): number {
  return structures.reduce((sum, { species }) => sum + species.length, 0);
}

/** The options of a job for its rest, when `done` of all `total` atoms are done. */
export function optionsFrom({ signal, onProgress }: JobOptions, done: number, total: number): JobOptions {
  return { signal, onProgress: onProgress && ((progress) => onProgress({ ...progress, done: done + progress.done, total })) };
}

/** `Backend.accumulateGroups` as one job for each group. */
export async function* groupByGroup(
  backend: Backend, groups: readonly (readonly FitStructure[])[], species: readonly number[], terms: readonly FitTerm[], options: JobOptions = {},
): AsyncGenerator<NormalEquations> {
  const counts = groups.map((own) => countAtoms(own.map(({ structure }) => structure)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  for (const [index, own] of groups.entries()) {
    yield await backend.accumulateNormalEquations(own, species, terms, optionsFrom(options, done, total));
    done += counts[index]!;
  }
}
