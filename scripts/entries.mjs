// The public entries of the package, by the name under which a user imports them; one table for the build, the demos and the tests.
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Output name in dist/, specifier of the user, source file. `cli` has no specifier: it is the command `lather`. */
const entries = [
  { output: "index", specifier: "lather", source: `${root}src/index.ts` },
  { output: "node", specifier: "lather/node", source: `${root}src/node/index.ts` },
  { output: "cluster", specifier: "lather/cluster", source: `${root}src/cluster/index.ts` },
  { output: "viewer", specifier: "lather/viewer", source: `${root}src/viewer/index.ts` },
  { output: "cli", specifier: null, source: `${root}src/cli/main.ts` },
];

/** { index: ".../src/index.ts", … } of the entries that exist. */
export function buildInputs() {
  return Object.fromEntries(entries.filter(({ source }) => existsSync(source)).map(({ output, source }) => [output, source]));
}

/** Lets demos and tests import the library under its public names, straight from the sources. */
export const alias = entries
  .filter(({ specifier }) => specifier !== null)
  .map(({ specifier, source }) => ({ find: new RegExp(`^${specifier}$`), replacement: source }));

/** Whether the script with this `import.meta.url` was started itself, not imported. Node resolves links in the one path, not in the other. */
export function isStarted(url) {
  return process.argv[1] !== undefined && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(url);
}
