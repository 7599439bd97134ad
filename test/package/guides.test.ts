// Every block of code in docs/guides does what the guide says, with the installed package and the embedded silicon data: ```sh and ```ts run, in
// their order and in one folder, ```html and ```js stand in docs/embed, ```http is part of the policy that test/package/embed.test.ts sends.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { transform } from "esbuild";
import { beforeAll, expect, inject, test } from "vitest";
import { formatExtxyz, parseExtxyz, type Structure } from "lather";
import { EMBED_POLICY } from "../../scripts/content-policy.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const guides = join(repository, "docs/guides");
const folder = join(inject("project"), "guides");
const run = promisify(execFile);

interface Block {
  readonly language: string;
  readonly code: string;
}

function blocksOf(file: string): Block[] {
  return [...readFileSync(file, "utf8").matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language: language!, code: code! }));
}

/** The first structures of every kind. */
function some(structures: readonly Structure[], each: number): Structure[] {
  const counts = new Map<unknown, number>();
  return structures.filter(({ info }) => {
    const kind = info.get("config_type");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts.get(kind)! <= each;
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let port: number;
beforeAll(async () => {
  port = await freePort();
  await mkdir(join(folder, "node_modules"), { recursive: true });
  for (const name of ["lather", ".bin"]) await symlink(join(inject("project"), "node_modules", name), join(folder, "node_modules", name), "junction");
  // npx would ask where the package is first: the command is the one that it would find.
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/npx"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const read = (name: string): Structure[] => parseExtxyz(gunzipSync(readFileSync(join(repository, "public", name))).toString());
  const train = some(read("silicon-sw-train.xyz.gz"), 5);
  const test = some(read("silicon-sw-test.xyz.gz"), 1);
  const strip = (structures: readonly Structure[]): Structure[] => structures.map((structure) => ({ ...structure, info: new Map(), arrays: new Map() }));
  const bare = strip(test);
  const files = { "train.xyz": train, "test.xyz": test, "new.xyz": bare, "pool.xyz": strip(train).slice(0, 16), "start.xyz": [bare.find(({ species }) => species.length <= 32)!] };
  for (const [name, structures] of Object.entries(files)) await writeFile(join(folder, name), structures.map((structure) => formatExtxyz(structure)).join(""));
});

async function execute({ language, code }: Block): Promise<string> {
  if (language === "ts") {
    await writeFile(join(folder, "block.mjs"), (await transform(code, { loader: "ts", format: "esm", target: "es2022" })).code);
    return (await run(process.execPath, ["block.mjs"], { cwd: folder })).stdout;
  }
  // Servers end with the shell.
  const own = code.replaceAll("8080", `${port}`).replaceAll("--budget 5min", "--budget 1s");
  const script = `set -e\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n${own}`;
  const path = `${join(folder, "bin")}:${join(folder, "node_modules/.bin")}:${process.env.PATH}`;
  return (await run("bash", ["-c", script], { cwd: folder, env: { ...process.env, PATH: path }, maxBuffer: 1 << 24 })).stdout;
}

const page = ["index.html", "main.js"].map((name) => readFileSync(join(repository, "docs/embed", name), "utf8")).join("\n");
const readme = readFileSync(join(repository, "README.md"), "utf8");

// In this order: a guide may use the files of those before it.
const blocks = ["train", "choose", "predict", "simulate", "take-elsewhere", "embed"].flatMap((guide) =>
  blocksOf(join(guides, `${guide}.md`)).map((block, k): [string, Block] => [`${guide}.md, block ${k + 1}, ${block.language}`, block]),
);

test.each(blocks)("%s", async (_, block) => {
  const { language, code } = block;
  if (language === "html" || language === "js") for (const line of code.trim().split("\n")) expect(page).toContain(line);
  else if (language === "http") for (const directive of code.trim().split("; ")) expect(EMBED_POLICY).toContain(directive);
  else if (language === "python") expect(readme).toContain(code);
  else {
    expect(["sh", "ts"]).toContain(language);
    expect(await execute(block), code).not.toMatch(/\bNaN\b|\bundefined\b|\[object Object\]/);
  }
});

test("what the guides promise is there", async () => {
  expect(readdirSync(guides).sort()).toEqual(["choose.md", "embed.md", "predict.md", "simulate.md", "take-elsewhere.md", "train.md"]);
  for (const name of ["all-settings.jsonc", "curve.svg", "chosen.xyz", "optimal.html", "map.chemiscope.json.gz", "features.npz"]) expect(existsSync(join(folder, name)), name).toBe(true);
  expect(await readFile(join(folder, "report.json"), "utf8")).toMatch(/"force_mae": ?0\.\d/);
  const steps = (await readFile(join(folder, "md.csv"), "utf8")).trim().split("\n").slice(1).map((line) => Number(line.split(",")[0]));
  expect(steps).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
  const answers = (await readFile(join(folder, "answers.ndjson"), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as { energy: number });
  const predicted = parseExtxyz(await readFile(join(folder, "predicted.xyz"), "utf8"));
  expect(answers.length).toBe(predicted.length);
  answers.forEach(({ energy }, k) => expect(Math.abs(energy - (predicted[k]!.info.get("energy") as number)) < 1e-6).toBe(true));
});
