// A potential of several terms through the command: fit, report, model file, prediction.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { parseModel } from "../../../src/model/model-file.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const frame = (seed: number): string => {
  const structure = silicon(1, 0.1, seed);
  const { energy, forces } = computeStillingerWeber(structure);
  return formatExtxyz({ ...structure, info: new Map([["energy", energy]]), arrays: new Map([["forces", { kind: "R" as const, width: 3, values: forces }]]) });
};
writeFileSync(at("train.xyz"), [1, 2, 3, 4].map(frame).join(""));
writeFileSync(at("test.xyz"), [5, 6].map(frame).join(""));
const terms = JSON.stringify([
  { features: { kind: "radial-spectrum", normalize: false }, kernel: { zeta: 1, delta: 2 }, sparse: { method: "unit-vectors" } },
  { features: { kind: "multispectrum" }, basis: { nMax: 2, lMax: 2 } }, {},
]);
const fit = ["fit", "--train", at("train.xyz"), "--test", at("test.xyz"), "--model", at("m.json"), "--set", "cutoff.radius=4", "--set", "basis.nMax=3", "--set", "basis.lMax=2", "--threads", "1"];

test("three terms are fitted, told and predicted with", async () => {
  const { code, stdout, stderr } = await lather([...fit, "--set", `terms=${terms}`]);
  expect(code, stderr).toBe(0);
  for (const part of ["term 1  ", "features (radial-spectrum", "delta 2", "term 3  ", "sparse (count auto, method unit-vectors"]) expect(stdout).toContain(part);
  const { terms: made } = parseModel(readFileSync(at("m.json"), "utf8"));
  expect(made.map(({ hyperparameters: { features, basis } }) => [features.kind, basis.nMax])).toEqual([["radial-spectrum", 3], ["multispectrum", 2], ["power-spectrum", 3]]);
  const report = JSON.parse((await lather([...fit, "--set", `terms=${terms}`, "--json"])).stdout);
  const predicted = await lather(["predict", at("m.json"), at("test.xyz"), "--out", at("out.xyz")]);
  expect(predicted.code, predicted.stderr).toBe(0);
  const errors = parseExtxyz(readFileSync(at("out.xyz"), "utf8")).flatMap(({ info }) => Math.abs((info.get("lather_energy") as number) - (info.get("energy") as number)) / 8);
  expect(Math.abs(errors.reduce((sum, error) => sum + error / errors.length, 0) - report.test.energy_mae)).toBeLessThan(1e-9);
});

test("a wrong term is named by its place", async () => {
  const { code, stderr } = await lather([...fit, "--set", 'terms=[{},{"kernel":{"zetta":2}}]']);
  expect(code).toBe(2);
  expect(stderr).toContain('unknown key "terms.1.kernel.zetta": did you mean "terms.1.kernel.zeta"?');
});

test("a repulsive core is told by the report, kept by the model and predicted with", async () => {
  const core = 'terms=[{"kind":"zbl","inner":1,"outer":2.6},{}]';
  const { code, stdout, stderr } = await lather([...fit, "--set", core]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/term 1 +zbl, inner 1, outer 2.6/);
  expect(stdout).toMatch(/core +Si–Si off between 1.00 and 2.60 Å; taken off the labels of 4 structures before the fit: at most [\d.]+ eV\/atom and [\d.]+ eV\/Å/);
  const model = parseModel(readFileSync(at("m.json"), "utf8"));
  expect(model.pairs).toEqual([expect.objectContaining({ pairs: [{ species: [14, 14], inner: 1, outer: 2.6 }] })]);
  const report = JSON.parse((await lather([...fit, "--set", core, "--json"])).stdout);
  expect(report.core).toMatchObject({ structures: 4, radii: [{ "Si–Si": { inner: 1, outer: 2.6 } }] });
  expect(report.configuration.terms[0]).toEqual({ kind: "zbl", inner: 1, outer: 2.6 });
  expect((await lather(["predict", at("m.json"), at("test.xyz"), "--out", at("out.xyz")])).code).toBe(0);
  const errors = parseExtxyz(readFileSync(at("out.xyz"), "utf8")).flatMap(({ info }) => Math.abs((info.get("lather_energy") as number) - (info.get("energy") as number)) / 8);
  expect(Math.abs(errors.reduce((sum, error) => sum + error / errors.length, 0) - report.test.energy_mae)).toBeLessThan(1e-9);
  const nothing = await lather([...fit, "--set", 'terms=[{"kind":"zbl","outer":0.9,"inner":0.5},{}]']);
  expect(nothing.stdout).toContain("no atoms of the training data are so close, and no label is changed");
});

test.each([
  ['terms=[{"kind":"zbl"}]', '"terms": nothing to fit: expected a term beside the cores'],
  ['terms=[{},{"kind":"zbl","outer":-2}]', '"terms.1.outer": switching radii of a core out of range: expected a length from inner + 0.01'],
  ['terms=[{},{"kind":"zbl","iner":1}]', 'unknown key "terms.1.iner": did you mean "terms.1.inner"?'],
])("a core that is wrong is refused by name: %s", async (setting, message) => {
  const { code, stderr } = await lather([...fit, "--set", setting]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
