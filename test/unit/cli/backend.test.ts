// --backend of every command that computes. A machine without any WebGPU adapter, not even one in software, fails these tests.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const input = join(folder, "in.xyz");
const settings = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3"];
const file = (name: string): string => join(folder, name);
writeFileSync(input, [1, 2].map((seed) => formatExtxyz({ ...crystal([14], 4, seed), info: new Map([["energy", -seed]]) })).join(""));

async function run(...words: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await lather([...words, "--threads", "1", "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("the CPU computes unless a GPU is asked for, and --json says who did", async () => {
  const out = ["--out", file("cpu.npz")];
  expect(await run("features", input, ...out, ...settings)).toMatchObject({ backend: "cpu", description: expect.stringMatching(/^CPU, 1 thread/) });
  expect(await run("features", input, ...out, ...settings, "--backend", "auto")).toMatchObject({ description: expect.stringMatching(/^[CG]PU/) });
});

test("a GPU on request, for every command", async () => {
  const gpu = { backend: "gpu", description: expect.stringMatching(/^GPU/) };
  expect(await run("features", input, "--out", file("gpu.npz"), ...settings, "--backend", "gpu")).toMatchObject(gpu);
  expect(await run("basis", input, "--keep", "2", "--out", file("b.json"), ...settings, "--backend", "gpu")).toMatchObject(gpu);
  expect(await run("fit", "--train", input, "--config", file("b.json"), "--model", file("m.json"), "--backend", "gpu")).toMatchObject(gpu);
  expect(await run("predict", file("m.json"), input, "--out", file("p.xyz"), "--backend", "gpu")).toMatchObject(gpu);
  await run("features", input, "--out", file("cpu.npz"), ...settings);
  const features = (name: string): Float64Array => parseNpz(readFileSync(file(name)))["features"]!.data as Float64Array;
  const [a, b] = [features("cpu.npz"), features("gpu.npz")];
  expect(!(Math.hypot(...a.map((value, i) => value - b[i]!)) <= 1e-5 * Math.hypot(...a))).toBe(false);
}, 60_000);
