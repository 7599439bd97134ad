// What `npm pack` makes installs in an empty project, and the README's example prints the same there in Node and in a bundled page.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { build as bundle } from "vite";
import { beforeAll, expect, inject, test } from "vitest";
import { servePages } from "../../scripts/serve.mjs";
import { useBrowser } from "../browser/page.js";
import { npm } from "./install.js";
import { readmeExample } from "./readme-example.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const open = useBrowser();
const project = inject("project");
const installed = join(project, "node_modules/lather");

/** Lines of the example's output; they must say something, and no number may be NaN or missing. */
function checkedLines(text: string): string[] {
  const lines = text.trim().split(/\r?\n/);
  expect(text.trim()).not.toBe("");
  expect(text).toMatch(/\d/);
  expect(text).not.toMatch(/\bNaN\b|\bundefined\b|\[object Object\]|\bInfinity\b/);
  return lines;
}

beforeAll(async () => {
  await mkdir(join(project, "page"));
  await writeFile(join(project, "example.ts"), readmeExample(join(repository, "README.md")));
});

test("the package holds the built library, its types, the licence and no sources", async () => {
  const names = await readdir(installed);
  expect(names.sort()).toEqual(["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "THEORY.md", "bench", "dist", "docs", "package.json", "public"]);
  const { exports, bin } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    exports: Record<string, string | Record<string, string>>;
    bin: Record<string, string>;
  };
  const targets = [...Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target))), ...Object.values(bin)];
  for (const target of targets) expect((await stat(join(installed, target))).isFile(), target).toBe(true);
  expect((await stat(join(installed, "dist"))).isDirectory()).toBe(true);
});

test("the command runs", async () => {
  const { stdout } = await npm(project, "exec", "--offline", "--", "lather", "--help");
  expect(stdout).toMatch(/lather/);
});

test("without the package webgpu the command computes on the CPU, and refuses a GPU with what to install", async () => {
  await writeFile(join(project, "dimer.xyz"), "2\nProperties=species:S:1:pos:R:3\nSi 0 0 0\nSi 2.35 0 0\n");
  const features = (kind: string) =>
    run(process.execPath, [join(installed, "dist/cli.js"), "features", "dimer.xyz", "--out", "dimer.npz", "--backend", kind, "--threads", "1"], { cwd: project });
  const { stdout } = await features("auto");
  expect(stdout).toMatch(/CPU, 1 thread.*\(--backend auto: (no GPU found|WebGPU in Node needs the package "webgpu")\)/);
  const refused = await features("gpu").catch((error: { code: number; stderr: string }) => error);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^lather: WebGPU in Node needs the package "webgpu": expected npm install webgpu/) });
});

test("lather/node loads in Node", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", `console.log(Object.keys(await import("lather/node")).length)`], { cwd: project });
  expect(Number(stdout)).toBeGreaterThan(0);
});

test("what the README and the guides link is in the package", async () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...(await readdir(join(installed, "docs"), { recursive: true })).filter((name) => name.endsWith(".md")).map((name) => join("docs", name))];
  const missing: string[] = [];
  for (const document of documents) {
    // Code has brackets of its own.
    const text = (await readFile(join(installed, document), "utf8")).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "");
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target));
    missing.push(...links.filter((target) => !existsSync(join(installed, dirname(document), target))).map((target) => `${document}: ${target}`));
  }
  expect(documents.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});

/** The caller's own device is the platform's where TypeScript knows it. */
const EVERY_ENTRY = `import { createBackend, findAdapter, type Structure } from "lather";
import { readStructures } from "lather/node";
import { createStructureViewer, defineViewer, type LatherViewerElement } from "lather/viewer";
declare const structures: readonly Structure[];
export async function use(place: HTMLElement, device: object): Promise<string> {
  await createBackend("gpu", { device: device as NonNullable<NonNullable<Parameters<typeof createBackend>[1]>["device"]> });
  defineViewer();
  const viewer: LatherViewerElement = document.createElement("lather-viewer");
  viewer.structures = structures;
  createStructureViewer(place).show(structures[0]!);
  for await (const structure of readStructures("train.xyz")) viewer.structures = [structure];
  return (await findAdapter()).name;
}
`;

test.each([["7", "typescript"], ["5", "typescript-5"]])("example and entries are sound for TypeScript %s in an empty project, libraries checked too", async (_, compiler) => {
  await writeFile(join(project, "entries.ts"), EVERY_ENTRY);
  await writeFile(join(project, "wrong.ts"), `import { createBackend } from "lather";\nawait createBackend("gpu", { device: "mine" });\n`);
  const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom", "dom.iterable"], types: [], skipLibCheck: false };
  for (const resolution of [{ module: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }]) {
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...options, ...resolution }, files: ["example.ts", "entries.ts", "wrong.ts"] }));
    const tsc = join(repository, "node_modules", compiler, "bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: project }).catch((error: { stdout: string }) => error);
    // The one mistake, and nothing else.
    expect(stdout.trim(), resolution.module).toMatch(/^wrong\.ts\(2,30\): error TS2322: .*$/);
  }
});

test("the README's example prints the same in Node and in a page that Vite bundled", async () => {
  const { code } = await transform(await readFile(join(project, "example.ts"), "utf8"), { loader: "ts", format: "esm", target: "es2022" });
  await writeFile(join(project, "example.mjs"), code);
  const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: project });
  const inNode = checkedLines(stdout);

  await writeFile(join(project, "page/index.html"), `<!doctype html><link rel="icon" href="data:," /><script type="module" src="./main.ts"></script>\n`);
  await writeFile(join(project, "page/main.ts"), `await import("../example.ts");\ndocument.title = "done";\n`);
  const folder = join(project, "page/dist");
  await bundle({ configFile: false, root: join(project, "page"), base: "./", logLevel: "error", build: { target: "es2022", outDir: folder } });
  const { url, close } = await servePages({ folder });
  try {
    const { page, problems, printed } = await open(url);
    await page.waitForFunction(() => document.title === "done", undefined, { timeout: 60_000 });
    expect(problems).toEqual([]);
    expect(checkedLines(printed.join("\n"))).toEqual(inNode);
  } finally {
    await close();
  }
});
