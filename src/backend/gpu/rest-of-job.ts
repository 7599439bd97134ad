// Progress of a job of which a part is done.
import type { Structure } from "../../structure/structure.js";
import type { JobOptions } from "../backend.js";

export function countAtoms(structures: readonly Structure[]): number {
  return structures.reduce((sum, { species }) => sum + species.length, 0);
}

/** The options of a job for its rest, when `done` of all `total` atoms are done. */
export function optionsFrom({ signal, onProgress }: JobOptions, done: number, total: number): JobOptions {
  return { signal, onProgress: onProgress && ((progress) => onProgress({ ...progress, done: done + progress.done, total })) };
}
