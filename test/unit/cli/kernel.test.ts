// `lather kernel`: the file against features of `lather features`, and properties whose errors are known.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure } from "../../../src/structure/structure.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const small = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3.5", "--set", "kernel.zeta=1", "--threads", "1"];

beforeAll(() => {
  const structures = Array.from({ length: 8 }, (_, k) => crystal([6, 14], 2 + (k % 4), k + 1));
  // An energy that is a number per element, a size that grows with nothing, and a vector.
  const labeled = structures.map((structure) => annotateStructure(structure, {
    info: [["e", [...structure.species].reduce((sum, z) => sum + (z === 6 ? -5 : 3), 0)], ["size", 7], ["mu", [1, 2, 3]]],
  }));
  writeFileSync(file("a.xyz"), labeled.map((structure) => formatExtxyz(structure)).join(""));
  writeFileSync(file("b.xyz"), labeled.slice(0, 2).map((structure) => formatExtxyz(structure)).join(""));
});

function arrays(name: string): Record<string, { data: ArrayLike<number>; shape: readonly number[] }> {
  return parseNpz(readFileSync(file(name)), name) as never;
}

test("the mean kernel of two files is that of their features; the best match of a structure with itself is 1", async () => {
  expect((await lather(["features", file("a.xyz"), "--out", file("f.npz"), ...small.slice(0, 6), "--threads", "1"])).code).toBe(0);
  const { features, offsets, centers } = arrays("f.npz") as Record<string, never> as { [name: string]: { data: Float64Array; shape: number[] } };
  const { code, stdout, stderr } = await lather(["kernel", file("a.xyz"), file("b.xyz"), "--out", file("k.npz"), ...small, "--json"]);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kind: "mean", structures: [8, 2], zeta: 1, coupled: false, leave_one_out: null });
  const { kernel, self_a } = arrays("k.npz");
  expect(kernel!.shape).toEqual([8, 2]);
  const size = features!.shape[1]!;
  for (let a = 0; a < 8; a++) {
    for (let b = 0; b < 2; b++) {
      let [sum, count] = [0, 0];
      for (let i = offsets!.data[a]!; i < offsets!.data[a + 1]!; i++) {
        for (let j = offsets!.data[b]!; j < offsets!.data[b + 1]!; j++, count++) {
          if (centers!.data[i] !== centers!.data[j]) continue;
          for (let f = 0; f < size; f++) sum += features!.data[i * size + f]! * features!.data[j * size + f]!;
        }
      }
      expect(kernel!.data[2 * a + b]).toBeCloseTo(sum / count, 12);
      if (a === b) expect(self_a!.data[a]).toBeCloseTo(sum / count, 12);
    }
  }
  for (const words of [["best-match"], ["rematch", "--gamma", "1e-3", "--normalize"], ["averaged"]]) {
    expect((await lather(["kernel", file("a.xyz"), "--kind", ...words, "--out", file("m.npz"), ...small])).code).toBe(0);
    const { kernel: own } = arrays("m.npz");
    for (let a = 0; a < 8; a++) expect(own!.data[9 * a]).toBeCloseTo(1, 9);
    expect(own!.data[1]! < 0.9999).toBe(true);
  }
});

test("what a baseline explains is learned without error, for people and for programs", async () => {
  for (const [name, ...words] of [["e"], ["size", "--intensive"], ["e", "--kind", "sum"], ["e", "--kind", "best-match"]]) {
    const { code, stdout, stderr } = await lather(["kernel", file("a.xyz"), "--property", name!, ...words, ...small, "--json"]);
    expect(code, stderr).toBe(0);
    const { leave_one_out: report } = JSON.parse(stdout) as { leave_one_out: { mae: number; spread: number } };
    expect(report.mae < 1e-9).toBe(true);
    if (name === "e") expect(report.spread).toBeGreaterThan(1);
  }
  const { stdout } = await lather(["kernel", file("a.xyz"), "--property", "e", "--intensive", ...small]);
  expect(stdout).toMatch(/^e of each of 8 structures from the others: mean absolute error \d.*; rmse .* of a spread of \d/);
});

test.each<[string[], string]>([
  [["a.xyz", "--kind", "rematch", "--out", "x.npz"], '"--gamma": rematch needs an entropy'],
  [["a.xyz"], "nothing to do: expected --out, --property or both"],
  [["a.xyz", "--property", "mu"], '"mu": not a number per structure: expected a scalar of each structure, got a vector'],
  [["b.xyz", "--property", "e"], "too few structures to leave one out: expected 3 structures or more, got 2"],
  [["a.xyz", "--kind", "best"], "Allowed choices are sum, mean, best-match, rematch, averaged"],
])("%j is refused", async ([a, ...words], part) => {
  const { code, stdout, stderr } = await lather(["kernel", file(a!), ...words.map((word) => (word.endsWith(".npz") ? file(word) : word)), ...small]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
