// `lather select` and `lather select-features` in service of a property.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readAllStructures } from "../../../src/node/index.js";
import { formatNpz, parseNpz } from "../../../src/model/npz.js";
import { createRandom } from "../../../src/selection/random.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure } from "../../../src/structure/structure.js";
import { crystal, silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const small = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3.5", "--threads", "1"];

beforeAll(() => {
  const structures = Array.from({ length: 12 }, (_, k) => annotateStructure(silicon(1, 0.05, k + 1), { info: [["e", 8 * (k % 5) + 0.1 * k], ["mu", [1, 2, 3]]] }));
  writeFileSync(file("in.xyz"), structures.map((structure) => formatExtxyz(structure)).join(""));
  writeFileSync(file("part.xyz"), [...structures, crystal([14], 2)].map((structure) => formatExtxyz(structure)).join(""));
  const random = createRandom(3);
  const data = Float64Array.from({ length: 60 * 6 }, (_, k) => random.normal() / (1 + (k % 6)));
  const y = Float64Array.from({ length: 60 }, (_, i) => 4 + data[6 * i + 5]!);
  writeFileSync(file("f.npz"), formatNpz({ features: { data, shape: [60, 6] }, y: { data: y, shape: [60] } }));
});

test.each(["pcov-fps", "pcov-cur"])("%s of structures", async (method) => {
  const words = ["select", file("in.xyz"), "--method", method, "--property", "e", "--per-atom", "--count", "6", "--out", file("out.xyz"), ...small, "--json"];
  const { code, stdout, stderr } = await lather(words);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as { selected: number[] };
  expect(report).toMatchObject({ method, property: "e", mixing: 0.5, structures: 12 });
  expect(new Set(report.selected).size).toBe(6);
  const [chosen, all] = [await readAllStructures(file("out.xyz")), await readAllStructures(file("in.xyz"))];
  expect(chosen.map(({ info }) => info.get("e"))).toEqual(report.selected.map((index) => all[index]!.info.get("e")));
  // Features alone choose otherwise.
  const { stdout: alone } = await lather([...words.slice(0, 7), "--mixing", "1", ...words.slice(7)]);
  expect((JSON.parse(alone) as { selected: number[] }).selected).not.toEqual(report.selected);
});

test("of features: the column that is the target comes first, and shorter lists begin longer ones", async () => {
  for (const method of ["pcov-cur", "pcov-fps"]) {
    const words = ["select-features", file("f.npz"), "--counts", "1,3", "--method", method, "--target", "y", "--mixing", "0.02", "--out", file("o.npz"), "--json"];
    const { code, stdout, stderr } = await lather(words);
    expect(code, stderr).toBe(0);
    const { selections } = JSON.parse(stdout) as { selections: { columns: number[]; gfre: number }[] };
    if (method === "pcov-cur") expect(selections[0]!.columns).toEqual([5]);
    expect(selections[1]!.columns.slice(0, 1)).toEqual(selections[0]!.columns);
    expect(selections[1]!.columns).toContain(5);
    expect([...(parseNpz(readFileSync(file("o.npz")), "o.npz")["columns"]!.data as Int32Array)]).toEqual(selections[1]!.columns);
  }
});

test.each<[string[], string]>([
  [["select", "in.xyz", "--method", "pcov-cur", "--count", "2", "--out", "o.xyz"], '"--property": pcov-cur needs a property'],
  [["select", "in.xyz", "--property", "e", "--count", "2", "--out", "o.xyz"], '"--property": fps knows no property: expected none, got e'],
  [["select", "in.xyz", "--method", "pcov-fps", "--property", "mu", "--count", "2", "--out", "o.xyz"], '"mu": not a number per structure: expected a scalar of each structure, got a vector'],
  [["select", "part.xyz", "--method", "pcov-fps", "--property", "e", "--count", "2", "--out", "o.xyz"], 'structure 12, "e": a structure without the property'],
  [["select-features", "f.npz", "--method", "pcov-cur", "--counts", "2"], '"--target": pcov-cur needs a target'],
  [["select-features", "f.npz", "--method", "pcov-cur", "--counts", "2", "--target", "features"], 'f.npz, "features": not a target: expected float64 [60], got 60 × 6 of Float64Array'],
  [["select-features", "f.npz", "--method", "pcov-cur", "--counts", "2", "--target", "z"], "got no such array"],
])("%j is refused", async ([command, ...words], part) => {
  const { code, stdout, stderr } = await lather([command!, ...words.map((word) => (/\.(xyz|npz)$/.test(word) ? file(word) : word))]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
