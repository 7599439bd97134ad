// lather features with every kind of features: labels, and settings that give other structures the same features.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
writeFileSync(at("molecules.xyz"), formatExtxyz(ethanol()) + formatExtxyz(crystal([1, 6, 8], 7)));
writeFileSync(at("one.xyz"), formatExtxyz(ethanol()));
const basis = ["--set", "basis.nMax=2", "--set", "basis.lMax=2", "--set", "cutoff.radius=3", "--threads", "1", "--json"];

test.each([
  ["power-spectrum", [], 5], ["radial-spectrum", [], 5], ["bispectrum", [], 9], ["bispectrum", ["--set", "features.pseudoscalars=true"], 9],
  ["lambda-soap", ["--set", "features.lambda=2"], 7], ["multispectrum", ["--set", "features.order=3"], 3],
  ["power-spectrum", ["--set", "pseudoElements.channels=2"], 5], ["multispectrum", ["--set", "pseudoElements.channels=1"], 3],
])("%s %j", async (kind, more, names) => {
  const { code, stdout, stderr } = await lather(["features", at("molecules.xyz"), "--out", at("f.npz"), "--set", `features.kind=${kind}`, ...more, ...basis, "--settings", at("made.json")]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  const { features, labels } = parseNpz(readFileSync(at("f.npz"))) as Record<string, { data: Float64Array; shape: number[] }>;
  expect(features!.shape).toEqual([16, report.features]);
  expect(labels!.shape).toEqual([report.features, names]);
  expect(report.labels.length).toBe(names);
  const rows = new Set(Array.from({ length: report.features }, (_, f) => labels!.data.slice(f * names, (f + 1) * names).join(" ")));
  expect(rows.size).toBe(report.features);
  // The settings hold all that was made from the structures.
  const again = await lather(["features", at("one.xyz"), "--out", at("g.npz"), "--config", at("made.json"), "--threads", "1"]);
  expect(again.code, again.stderr).toBe(0);
  const { features: same } = parseNpz(readFileSync(at("g.npz"))) as Record<string, { data: Float64Array; shape: number[] }>;
  expect(relativeDifference(same!.data, features!.data.subarray(0, 9 * report.features))).toBeLessThan(1e-12);
});

test.each([
  [["features.kind=soap"], /"features\.kind"/], [["features.lambda=1"], /features of kind "power-spectrum" do not know this choice/],
  [["features.kind=lambda-soap", "features.lambda=9"], /"features\.lambda": degree of the features out of range/],
  [["features.kind=multispectrum", "features.order=9"], /"features\.order"/],
  [["pseudoElements.channels=4"], /"pseudoElements\.channels": .*from 1 to 3, the elements that occur, got 4/],
  [["pseudoElements.channels=2", "pseudoElements.kind=learned"], /no energies to learn pseudo-elements from/],
])("%j: refused by name", async (sets, message) => {
  const { code, stderr } = await lather(["features", at("one.xyz"), "--out", at("x.npz"), ...basis, ...sets.flatMap((set) => ["--set", set])]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(message);
});

test("pseudo-elements make fewer features, and no optimal basis beside them", async () => {
  const sizes: number[] = [];
  for (const more of [[], ["--set", "pseudoElements.channels=2"]]) {
    const { code, stdout, stderr } = await lather(["features", at("molecules.xyz"), "--out", at("p.npz"), ...more, ...basis]);
    expect(code, stderr).toBe(0);
    sizes.push(JSON.parse(stdout).features);
  }
  // Three degrees; six and four channels.
  expect(sizes).toEqual([63, 30]);
  const { code, stderr } = await lather(["basis", at("molecules.xyz"), "--keep", "1", "--out", at("b.json"), "--set", "pseudoElements.channels=2", ...basis]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/"pseudoElements": pseudo-elements beside an optimal basis/);
});
