import { readlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** As many as Linux follows. */
const LONGEST_CHAIN = 40;

/** The file that a path stands for, which need not exist: symbolic links at its end are followed, one after the other. */
export async function followLinks(path: string): Promise<string> {
  let target = resolve(path);
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const next = await readlink(target).catch(() => null);
    if (next === null) return target;
    target = resolve(dirname(target), next);
  }
  return target;
}
