// Builds what a clone needs to run: generated modules, dist/ (library, types, command) and dist-demos/ (pages). `npm ci`, `npm pack` and
// the tests all come here, so nothing is done again while the sources are the same: node scripts/build.mjs [--force]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildInputs, isStarted, root } from "./entries.mjs";

const INPUTS = [
  "src", "wasm", "shaders", "demos", "public", "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "vite.config.ts", "vite.demos.config.ts",
  "scripts/generate.mjs", "scripts/entries.mjs", "scripts/slashes.mjs", "scripts/build.mjs",
];
const STAMP = join(root, "node_modules/.cache/lather/built");

function filesBelow(relative) {
  const path = join(root, relative);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [relative];
  return readdirSync(path).filter((name) => name !== "generated").sort().flatMap((name) => filesBelow(`${relative}/${name}`));
}

function digestOfInputs() {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap(filesBelow)) hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
  return hash.digest("hex");
}

function outputsExist() {
  const outputs = ["src/linalg/generated/kernels.ts", "src/backend/cpu/generated/worker-source.ts", "src/backend/gpu/generated/shaders.ts", "dist/types", "dist-demos/index.html", ...Object.keys(buildInputs()).map((name) => `dist/${name}.js`)];
  return outputs.every((output) => existsSync(join(root, output)));
}

/** Runs one of the steps; throws with its name when it fails. */
function step(name, program, ...args) {
  const start = performance.now();
  const { status, error } = spawnSync(process.execPath, [join(root, program), ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${name} failed${error ? `: ${error.message}` : ""}`);
  process.stderr.write(`build: ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

/** Builds unless what is there was made from these very sources. Throws an Error that names the step that failed. */
export function build({ force = false } = {}) {
  const digest = digestOfInputs();
  if (!force && existsSync(STAMP) && readFileSync(STAMP, "utf8") === digest && outputsExist()) return;
  rmSync(STAMP, { force: true });
  step("generate", "scripts/generate.mjs");
  step("library", "node_modules/vite/bin/vite.js", "build", "--config", "vite.config.ts", "--logLevel", "warn");
  step("pages", "node_modules/vite/bin/vite.js", "build", "--config", "vite.demos.config.ts", "--logLevel", "warn");
  step("types", "node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  mkdirSync(join(STAMP, ".."), { recursive: true });
  writeFileSync(STAMP, digest);
}

if (isStarted(import.meta.url)) {
  try {
    build({ force: process.argv.includes("--force") });
  } catch (error) {
    process.stderr.write(`build: ${error.message}\n`);
    process.exit(1);
  }
}
