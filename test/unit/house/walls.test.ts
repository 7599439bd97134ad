// Each wall of the house, by a snippet that breaks it and one beside it that does not, linted with the repository's own rules.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** [file, source, rule that must fire, or null for none]. One file each, all linted in one run. */
const snippets: [string, string, string | null][] = [
  ["src/kernel/up-to-backend.ts", `import { createBackend } from "../backend/backend.js";\nexport { createBackend };`, "walls(imports)"],
  ["src/kernel/up-to-job-by-export.ts", `export * from "../training/fit.js";`, "walls(imports)"],
  ["src/basis/up-to-features.ts", `import type { Chain } from "../features/chain.js";\nexport type { Chain };`, "walls(imports)"],
  ["src/basis/up-to-job-at-run-time.ts", `export const fit = await import("../training/fit.js");`, "walls(imports)"],
  ["src/features/side-effect-import.ts", `import "../index.js";`, "walls(imports)"],
  ["src/features/side-ways.ts", `import { lm } from "../angular/lm.js";\nexport { lm };`, null],
  ["src/backend/cpu/up-to-job.ts", `import { fit } from "../../training/fit.js";\nexport { fit };`, "walls(imports)"],
  ["src/backend/value-of-a-declaration.ts", `import { Potential } from "../model/potential.js";\nexport { Potential };`, "walls(imports)"],
  ["src/backend/type-of-a-declaration.ts", `import type { Potential } from "../model/potential.js";\nexport type { Potential };`, null],
  ["src/training/up-to-face.ts", `import { readStructures } from "../node/files.js";\nexport { readStructures };`, "walls(imports)"],
  ["src/properties/up-to-face.ts", `import { fit } from "../cli/fit.js";\nexport { fit };`, "walls(imports)"],
  ["src/properties/down.ts", `import { relax } from "../dynamics/relax.js";\nexport { relax };`, null],
  ["src/training/down.ts", `import { createBackend } from "../backend/backend.js";\nexport { createBackend };`, null],
  ["src/index.ts", `export { open } from "./node/index.js";`, "walls(imports)"],
  ["src/viewer/past-the-public-names.ts", `import { gemm } from "../linalg/gemm.js";\nexport { gemm };`, "walls(imports)"],
  ["src/viewer/public-names.ts", `import { predict } from "../index.js";\nimport { Scene } from "three";\nexport { predict, Scene };`, null],
  ["src/cli/past-the-public-names.ts", `import { fit } from "../training/fit.js";\nexport { fit };`, "walls(imports)"],
  ["src/cli/public-names.ts", `import { fit } from "../index.js";\nimport { open } from "../node/index.js";\nexport { fit, open };`, null],
  ["demos/train/past-the-public-names.ts", `import { fit } from "../../src/training/fit.js";\nexport { fit };`, "walls(imports)"],
  ["demos/train/node-in-a-page.ts", `import { open } from "lather/node";\nexport { open };`, "walls(imports)"],
  ["demos/train/public-names.ts", `import { fit } from "lather";\nimport { createViewer } from "lather/viewer";\nexport { fit, createViewer };`, null],
  ["src/structure/node-built-in.ts", `import { readFile } from "node:fs/promises";\nexport { readFile };`, "walls(imports)"],
  ["src/model/node-built-in.ts", `export const fs = await import("node:fs");`, "walls(imports)"],
  ["src/backend/cpu/node-import.ts", `export const threads = await import("node:worker_threads");`, "walls(imports)"],
  ["src/features/node-global.ts", `export const { cwd } = process;`, "eslint(no-restricted-globals)"],
  ["demos/train/node-global.ts", `export const bytes = Buffer.alloc(8);`, "eslint(no-restricted-globals)"],
  ["src/backend/cpu/threads.ts", `export const { Worker } = process.getBuiltinModule("node:worker_threads");`, null],
  ["src/node/files.ts", `import { readFile } from "node:fs/promises";\nexport { readFile };`, null],
  ["src/serve/node-built-in.ts", `import { connect } from "node:net";\nexport { connect };`, null],
  ["src/serve/down.ts", `import { parseExtxyz } from "../structure/extxyz.js";\nexport { parseExtxyz };`, null],
  ["src/serve/up-to-command.ts", `import { runCommand } from "../cli/run-command.js";\nexport { runCommand };`, "walls(imports)"],
  ["src/serve/up-to-files.ts", `import { readStructures } from "../node/files.js";\nexport { readStructures };`, "walls(imports)"],
  ["src/cli/past-the-services.ts", `import { MessageDecoder } from "../serve/ipi-messages.js";\nexport { MessageDecoder };`, "walls(imports)"],
  ["src/cli/node-built-in.ts", `import { cpus } from "node:os";\nexport { cpus };`, null],
  ["src/structure/three-outside-the-viewer.ts", `import { Vector3 } from "three";\nexport { Vector3 };`, "walls(imports)"],
  ["src/training/three-outside-the-viewer.ts", `import { OrbitControls } from "three/addons/controls/OrbitControls.js";\nexport { OrbitControls };`, "walls(imports)"],
  ["src/attic/unknown-room.ts", `import { lm } from "../angular/lm.js";\nexport { lm };`, "walls(imports)"],
  ["src/kernel/web-assembly.ts", `export const kernels = new WebAssembly.Module(new Uint8Array(8));`, "walls(platforms)"],
  ["src/training/web-assembly-of-global.ts", `export const memory = globalThis.WebAssembly;`, "walls(platforms)"],
  ["src/linalg/web-assembly.ts", `export const kernels = new WebAssembly.Module(new Uint8Array(8));`, null],
  ["src/backend/cpu/web-assembly.ts", `export const kernels = new WebAssembly.Module(new Uint8Array(8));`, null],
  ["src/model/gpu-type.ts", `export interface Place {\n  device: GPUDevice;\n}`, "walls(platforms)"],
  ["src/viewer/gpu-constant.ts", `export const usage = GPUBufferUsage.STORAGE;`, "walls(platforms)"],
  ["demos/train/gpu-adapter.ts", `export const adapter = await navigator.gpu.requestAdapter();`, "walls(platforms)"],
  ["src/linalg/gpu-of-global.ts", `export const gpu = globalThis.navigator["gpu"];`, "walls(platforms)"],
  ["src/backend/gpu/device.ts", `export const device: Promise<GPUAdapter | null> = navigator.gpu.requestAdapter();`, null],
  ["src/structure/page.ts", `document.title = "Si";`, "eslint(no-restricted-globals)"],
  ["src/backend/page.ts", `window.close();`, "eslint(no-restricted-globals)"],
  ["src/viewer/page.ts", `document.title = "Si";`, null],
  ["src/kernel/any.ts", `export function trace(matrix: any): number {\n  return matrix[0];\n}`, "typescript(no-explicit-any)"],
  ["src/kernel/swallowed.ts", `try {\n  globalThis.close();\n} catch {}`, "eslint(no-empty)"],
  ["src/kernel/prints.ts", `console.log(1);`, "eslint(no-console)"],
];

let folder: string;
const fired = new Map<string, string[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lather-walls-"));
  await cp(join(repository, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  await cp(join(repository, "scripts/walls.mjs"), join(folder, "scripts/walls.mjs"));
  for (const [file, source] of snippets) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${source}\n`);
  }
  const oxlint = resolve(repository, "node_modules/oxlint/bin/oxlint");
  const stdout = await new Promise<string>((done, fail) => {
    execFile(process.execPath, [oxlint, "--config", ".oxlintrc.json", "--format", "json", "src", "demos"], { cwd: folder }, (error, text, stderr) =>
      text.startsWith("{") ? done(text) : fail(new Error(`oxlint gave no report: ${stderr}${text}`, { cause: error })),
    );
  });
  const report = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  for (const { code, filename } of report.diagnostics) fired.set(filename, [...(fired.get(filename) ?? []), code]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("walls", () => {
  test.each(snippets.filter(([, , rule]) => rule !== null))("%s is refused", (file, _source, rule) => {
    expect(fired.get(file)).toContain(rule);
  });
  test.each(snippets.filter(([, , rule]) => rule === null))("%s is allowed", (file) => {
    expect(fired.get(file) ?? []).toEqual([]);
  });
});
