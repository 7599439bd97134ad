// A committee through the commands: fit and its report, prediction with expected errors, a run that ends where they are large.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
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
writeFileSync(at("train.xyz"), [1, 2, 3, 4, 5, 6, 7, 8].map(frame).join(""));
writeFileSync(at("test.xyz"), [11, 12, 13].map(frame).join(""));
const settings = ["--set", "cutoff.radius=4", "--set", "basis.nMax=3", "--set", "basis.lMax=2", "--threads", "1"];
const fit = (model: string, ...more: string[]): string[] => ["fit", "--train", at("train.xyz"), "--model", at(model), ...settings, ...more];

beforeAll(async () => {
  for (const words of [fit("with.json", "--set", "committee.members=8"), fit("without.json")]) {
    const { code, stderr } = await lather(words);
    if (code !== 0) throw new Error(stderr);
  }
});

test("the report of a fit tells the committee, calibrated out of bag or on the test data", async () => {
  const { stdout } = await lather(fit("a.json", "--set", "committee.members=8", "--json"));
  const { committee, seconds, configuration } = JSON.parse(stdout);
  expect(committee).toMatchObject({ members: 8, calibration: { from: "out-of-bag", energy: { labels: 8 }, forces: { labels: 192 } } });
  expect(configuration.committee).toEqual({ members: 8, fraction: 0.5, seed: 1 });
  expect(seconds).toHaveProperty("calibration");
  expect(parseModel(readFileSync(at("a.json"), "utf8")).committee).toEqual(committee);
  const people = await lather(fit("a.json", "--test", at("test.xyz"), "--set", "committee.members=8"));
  expect(people.code, people.stderr).toBe(0);
  expect(people.stdout).toMatch(/Committee\n {2}8 members; errors are [\d.]+ times their spread in energies \(3 labels\), [\d.]+ times their spread in forces \(72 labels\), measured on the test data/);
});

test("predictions have expected errors under names that no fit takes for those of labels", async () => {
  const { code, stdout, stderr } = await lather(["predict", at("with.json"), at("test.xyz"), "--out", at("out.xyz"), "--uncertainty", "--json", "--threads", "1"]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.written).toEqual(["lather_energy", "lather_forces", "lather_virial", "lather_energy_sigma", "lather_local_energy_sigma", "lather_forces_sigma"]);
  const frames = parseExtxyz(readFileSync(at("out.xyz"), "utf8"));
  const sigmas = frames.flatMap(({ arrays }) => [...(arrays.get("lather_forces_sigma")!.values as Float64Array)]);
  expect(sigmas).toHaveLength(72);
  expect(sigmas.every((sigma) => sigma > 0)).toBe(true);
  expect(report.uncertainty).toMatchObject({ members: 8, calibration: { from: "out-of-bag" } });
  expect(report.uncertainty.force_sigma_max).toBeCloseTo(Math.max(...sigmas), 6);
  expect(report.uncertainty.force_sigma_rms).toBeCloseTo(Math.hypot(...sigmas) / Math.sqrt(72), 6);
  const perAtom = frames.map(({ info }) => (info.get("lather_energy_sigma") as number) / 8);
  expect(report.uncertainty.energy_sigma_max).toBeCloseTo(Math.max(...perAtom), 8);
  expect(frames[0]!.arrays.get("lather_local_energy_sigma")!.values).toHaveLength(8);
  const refit = await lather(["fit", "--train", at("out.xyz"), "--model", at("refit.json"), "--energy-key", "energy", "--forces-key", "forces", ...settings, "--json"]);
  expect(JSON.parse(refit.stdout).noise.forces).toEqual({ all: 72 });
});

test("energies alone have no forces to be uncertain of", async () => {
  const { stdout } = await lather(["predict", at("with.json"), at("test.xyz"), "--out", at("out.xyz"), "--uncertainty", "--no-forces", "--threads", "1"]);
  expect(stdout).toMatch(/expected errors: energies [\d.e-]+ eV\/atom \(at most [\d.e-]+\)\ncommittee: 8 members/);
  expect(parseExtxyz(readFileSync(at("out.xyz"), "utf8"))[0]!.arrays.has("lather_forces_sigma")).toBe(false);
});

test("a run ends with the frame that goes beyond the limit, and goes on from there", async () => {
  writeFileSync(at("start.xyz"), formatExtxyz(silicon(1, 0)));
  const words = (limit: string, ...more: string[]): string[] => [
    "md", at("with.json"), at("start.xyz"), "--ensemble", "nvt", "--temperature", "3000", "--thermostat-time", "10", "--steps", "60", "--every", "5", "--out", at("md.xyz"), "--threads", "1", "--json", "--stop-uncertainty", limit, ...more,
  ];
  const { code, stdout, stderr } = await lather(words("0.02"));
  expect(code, stderr).toBe(0);
  const { step, stopped } = JSON.parse(stdout);
  expect(stopped).toMatch(/the force on atom \d has an expected error of [\d.]+ eV\/Å, more than 0.02/);
  const frames = parseExtxyz(readFileSync(at("md.xyz"), "utf8"));
  expect(frames.at(-1)!.info.get("step")).toBe(step);
  const largest = frames.map(({ arrays }) => Math.max(...(arrays.get("lather_forces_sigma")!.values as Float64Array)));
  expect(largest.at(-1)!).toBeGreaterThan(0.02);
  expect(largest.slice(1, -1).every((sigma) => sigma <= 0.02)).toBe(true);
  expect(JSON.parse((await lather(words("1e9"))).stdout)).not.toHaveProperty("stopped");
});

test("a model without a committee says what to do", async () => {
  for (const words of [
    ["predict", at("without.json"), at("test.xyz"), "--out", at("x.xyz"), "--uncertainty"], ["md", at("without.json"), at("test.xyz"), "--out", at("x.xyz"), "--stop-uncertainty", "1"],
  ]) {
    const { code, stderr } = await lather(words);
    expect(code).toBe(2);
    expect(stderr).toContain("the model has no committee to tell uncertainties");
    expect(stderr).toContain("committee.members=8");
  }
});

test("the frames of which the model knows least are selected first", async () => {
  const pool = [silicon(1, 0.02, 21), silicon(1, 0.5, 22), silicon(1, 0.1, 23), silicon(1, 0.3, 24)];
  writeFileSync(at("pool.xyz"), pool.map(formatExtxyz).join(""));
  const words = (model: string, ...more: string[]): string[] => ["select", at("pool.xyz"), "--count", "3", "--method", "uncertainty", "--model", at(model), "--out", at("next.xyz"), "--json", "--threads", "1", ...more];
  const { code, stdout, stderr } = await lather(words("with.json"));
  expect(code, stderr).toBe(0);
  const { selected, uncertainties } = JSON.parse(stdout);
  expect(selected).toEqual([1, 3, 2]);
  await lather(["predict", at("with.json"), at("pool.xyz"), "--out", at("out.xyz"), "--uncertainty", "--threads", "1"]);
  const largest = parseExtxyz(readFileSync(at("out.xyz"), "utf8")).map(({ arrays }) => Math.max(...(arrays.get("lather_forces_sigma")!.values as Float64Array)));
  selected.forEach((structure: number, k: number) => expect(uncertainties[k]).toBeCloseTo(largest[structure]!, 6));
  expect(parseExtxyz(readFileSync(at("next.xyz"), "utf8"))[0]!.positions[4]).toBeCloseTo(pool[1]!.positions[4]!, 6);
  const refused = await Promise.all([lather(words("without.json")), lather(words("with.json", "--set", "basis.nMax=3")), lather(["select", at("pool.xyz"), "--count", "1", "--model", at("with.json"), "--out", at("next.xyz")])]);
  expect(refused.map(({ code: own }) => own)).toEqual([2, 2, 2]);
});
