// Data and references that are too large for the repository lie beside it, in ../shared: `data/` (LATHER_DATA names another folder)
// and `reference/` (LATHER_REFERENCE). A clone without them still passes, but says by name what it did not check.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));
const shared = process.env.LATHER_DATA ? dirname(resolve(process.env.LATHER_DATA)) : resolve(repository, "../shared");

function locate(relative: string): string {
  const [folder, ...rest] = relative.split("/");
  if (folder === "data" && process.env.LATHER_DATA) return resolve(process.env.LATHER_DATA, ...rest);
  if (folder === "reference" && process.env.LATHER_REFERENCE) return resolve(process.env.LATHER_REFERENCE, ...rest);
  return resolve(shared, relative);
}

/** Absolute path of a shared file, given as "data/…" or "reference/…"; null when it is absent. */
export function sharedPath(relative: string): string | null {
  const path = locate(relative);
  return existsSync(path) ? path : null;
}

/**
 * A suite on shared files. `fn` receives their absolute paths in the order of `relativePaths`. When one is absent, the suite is one test
 * whose name says so, and `npm test` repeats these names at its end.
 */
export function describeShared(name: string, relativePaths: readonly string[], fn: (...paths: string[]) => void): void;
/** A suite on shared files at large: needs `data/` and `reference/`. */
export function describeShared(name: string, fn: () => void): void;
export function describeShared(name: string, relativePaths: readonly string[] | (() => void), fn?: (...paths: string[]) => void): void {
  const wanted = typeof relativePaths === "function" ? ["data", "reference"] : relativePaths;
  const suite = typeof relativePaths === "function" ? relativePaths : fn!;
  const absent = wanted.filter((relative) => sharedPath(relative) === null);
  if (absent.length === 0) {
    describe(name, () => suite(...wanted.map(locate)));
    return;
  }
  const title = `ABSENT: ${name} (${absent.map(locate).join(", ")} not found)`;
  process.stderr.write(`${title}\n`);
  test(title, () => undefined);
}
