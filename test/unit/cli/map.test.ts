// `lather map`: its three forms, and structures placed on a map of an earlier run.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { paddedRange, scatterPlot } from "../../../src/cli/report/scatter-plot.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure } from "../../../src/structure/structure.js";
import { crystal, ethanol } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const small = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3.5", "--set", "kernel.zeta=2", "--threads", "1"];

beforeAll(() => {
  const structures = Array.from({ length: 8 }, (_, k) => annotateStructure(crystal([6, 14], 2 + (k % 3), k + 1), { info: [["a, b", k === 5 ? 1 : k], ["e", k]] }));
  writeFileSync(file("in.xyz"), structures.map((structure) => formatExtxyz(structure)).join(""));
  writeFileSync(file("new.xyz"), structures.slice(2, 4).map((structure) => formatExtxyz(structure)).join(""));
  writeFileSync(file("other.xyz"), formatExtxyz(ethanol()));
});

const csv = (name: string): string[][] => readFileSync(file(name), "utf8").trimEnd().split("\n").map((line) => line.split(","));

test("a file of places, a map, and the same places on that map", async () => {
  for (const method of ["pca", "kpcovr"]) {
    const words = ["map", file("in.xyz"), "--method", method, "--property", "e", "--per-atom", ...small];
    expect((await lather([...words, "--out", file("m.csv")])).code).toBe(0);
    const { code, stdout, stderr } = await lather([...words, "--out", file("m.json"), "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ method, by: "structure", structures: 8, rows: 8, components: 2, zeta: method === "pca" ? null : 2, mixing: method === "pca" ? 1 : 0.5 });
    const rows = csv("m.csv");
    expect(rows[0]).toEqual(["structure", "t1", "t2", "e", ...(method === "pca" ? [] : ["predicted_e"])]);
    expect(rows.length).toBe(9);
    expect(Number(rows[4]![3])).toBeCloseTo(3 / 2, 12);
    const { places } = JSON.parse(readFileSync(file("m.json"), "utf8")) as { places: { scores: number[][] } };
    expect(places.scores.map((row) => row.map(String))).toEqual(rows.slice(1).map((row) => row.slice(1, 3)));
    expect((await lather(["map", file("new.xyz"), "--on", file("m.json"), "--out", file("n.csv"), "--threads", "1"])).code).toBe(0);
    csv("n.csv").slice(1).forEach((row, k) => row.forEach((cell, c) => {
      if (c > 0) expect(Number(cell)).toBeCloseTo(Number(rows[k + 3]![c]), 9);
    }));
  }
});

test("pictures: a color bar for a property, a legend for elements", async () => {
  const words = ["map", file("in.xyz"), "--by", "environment", "--out", file("m.svg"), ...small];
  const { code, stdout } = await lather([...words, "--property", "a, b"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/m\.svg: 23 environments on a map by PCA; its components have [\d.]+ %, [\d.]+ %\n/);
  const picture = readFileSync(file("m.svg"), "utf8");
  expect(picture).toContain("<title>PCA of 23 environments of in.xyz</title>");
  expect(picture).toMatch(/component 1 \([\d.]+ % of the variance\)/);
  expect(picture).toMatch(/rotate\(-90\)" text-anchor="middle">a, b</);
  expect(picture.match(/M[\d.]+ [\d.]+h0/g)!.length).toBe(23);
  expect(picture).not.toMatch(/NaN|undefined|Infinity/);
  expect((await lather(words)).code).toBe(0);
  expect(readFileSync(file("m.svg"), "utf8")).toMatch(/>C<\/text>[^]*>Si<\/text>/);
  expect((await lather([...words.slice(0, 4), "--property", "a, b", "--out", file("q.csv"), ...small])).code).toBe(0);
  expect(readFileSync(file("q.csv"), "utf8").split("\n")[0]).toBe('structure,atom,element,t1,t2,"a, b"');
});

describe("scatter plot", () => {
  const x = { label: "<x>", min: 0, max: 10 };
  test("points stand where the axes say, by color; what has no number is gray and lies below", () => {
    const picture = scatterPlot({ title: "t & u", x, y: { ...x, label: "y" }, points: Float64Array.of(0, 0, 10, 10, 5, 5), color: { label: "c", values: Float64Array.of(1, 3, NaN) } });
    const dots = [...picture.matchAll(/<path class="dots" stroke="([^"]+)" d="([^"]+)"/g)].map(([, color, path]) => [color, path]);
    expect(dots).toEqual([["var(--mark)", "M297 232h0"], [expect.stringMatching(/^rgb\(\d\d \d\d 1\d\d\)$/), "M74 428h0"], [expect.stringMatching(/^rgb\(2/), "M520 36h0"]]);
    expect(picture).toContain("t &amp; u");
    expect(picture).toContain("&lt;x&gt;");
    // The bar fills its frame, bright at the top, and is labelled from 1 to 3.
    const cells = [...picture.matchAll(/<rect x="540" y="([\d.]+)" width="16" height="([\d.]+)" fill="([^"]+)"/g)];
    expect([Number(cells[0]![1]) + 392 / 48, Number(cells[47]![1])].map((y) => Math.round(y))).toEqual([428, 36]);
    const largest = /stroke="([^"]+)" d="M520 36h0"/.exec(picture)![1];
    expect([cells[0]![3], cells[47]![3]]).toEqual([/stroke="([^"]+)" d="M74 428h0"/.exec(picture)![1], largest]);
    expect(picture).toMatch(/>1\.0<[^]*>3\.0</);
  });
  test("ranges of numbers that are equal, or not there", () => {
    expect(paddedRange([0, 100, NaN])).toEqual({ min: -4, max: 104 });
    expect(paddedRange([5, 5])).toEqual({ min: 0, max: 10 });
    expect(paddedRange([0])).toEqual({ min: -1, max: 1 });
    expect(paddedRange([])).toEqual({ min: 0, max: 1 });
  });
});

test.each<[string[], string]>([
  [["in.xyz", "--out", "m.png"], "a map of unknown form: expected a name that ends in .json, .csv or .svg"],
  [["in.xyz", "--method", "pcovr", "--out", "m.csv"], '"--property": pcovr needs a property'],
  [["in.xyz", "--components", "1", "--out", "m.svg"], "a picture needs two dimensions"],
  [["in.xyz", "--components", "99", "--out", "m.csv"], 'in.xyz, "components": components of a map: expected a whole number from 1 to 7, got 99'],
  [["in.xyz", "--mixing", "2", "--out", "m.csv"], "Expected a number from 0 to 1"],
  [["in.xyz", "--on", "in.xyz", "--out", "m.csv"], "in.xyz: not a Lather model"],
  [["other.xyz", "--out", "m.csv"], 'other.xyz, "rows": too few rows for a map: expected 2 or more, got 1'],
  [["other.xyz", "--on", "m.json", "--out", "m.csv"], "other.xyz"],
])("%j is refused", async ([a, ...words], part) => {
  const { code, stdout, stderr } = await lather(["map", file(a!), ...words.map((word) => (/\.(json|xyz|csv|svg|png)$/.test(word) ? file(word) : word))]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
