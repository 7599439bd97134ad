// Runs a TypeScript program of this repository: node scripts/run.mjs PROGRAM.ts ARG...
import { mkdir, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const [program, ...args] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const out = resolve(root, `node_modules/.cache/lather/${basename(program, ".ts")}-${process.pid}.mjs`);
await mkdir(resolve(root, "node_modules/.cache/lather"), { recursive: true });
await build({ entryPoints: [resolve(program)], bundle: true, outfile: out, format: "esm", platform: "node", target: "node20", packages: "external", sourcemap: "inline" });
process.argv = [process.argv[0], resolve(program), ...args];
process.on("exit", () => void rm(out, { force: true }));
await import(pathToFileURL(out).href);
