// `lather predict` on labelled structures: its errors are those that `lather fit --test` tells of the same model and file, to the last digit.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { LabelComparison } from "../../../src/cli/prediction-errors.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { parseModel } from "../../../src/model/model-file.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure, type InfoValue, type Structure } from "../../../src/structure/structure.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const settings = ["--sparse", "20", "--set", "basis.nMax=4", "--set", "basis.lMax=3", "--set", "cutoff.radius=4", "--threads", "1"];
const write = (name: string, structures: readonly Structure[]): string => {
  writeFileSync(file(name), structures.map(formatExtxyz).join(""));
  return file(name);
};

/** Silicon with Stillinger–Weber labels under these names; two of three belong to a config_type. */
function labelled(seed: number, names = { energy: "energy", forces: "forces", virial: "virial" }, more: readonly [string, InfoValue][] = []): Structure {
  const structure = silicon(1, 0.08, seed);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return annotateStructure(structure, {
    info: [...(seed % 3 > 0 ? [["config_type", `type ${seed % 3}`] as const] : []), [names.energy, energy], [names.virial, [...virial!]], ...more],
    arrays: [[names.forces, { kind: "R", width: 3, values: forces! }]],
  });
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
const [train, held, bare, model] = [file("train.xyz"), file("held.xyz"), file("bare.xyz"), file("model.json")];

interface Report {
  [key: string]: unknown;
  readonly test: object;
  readonly errors: (Record<string, unknown> & { by_config_type: object }) | null;
  readonly warnings: readonly { code: string; text: string }[];
}

async function run(...words: string[]): Promise<{ report: Report; stderr: string }> {
  const { code, stdout, stderr } = await lather([...words, "--json"]);
  expect(code, stderr).toBe(0);
  return { report: JSON.parse(stdout) as Report, stderr };
}
const predict = (path: string, ...words: string[]): Promise<{ report: Report; stderr: string }> => run("predict", model, path, "--out", file("out.xyz"), "--threads", "1", ...words);

let fitted: Report;
beforeAll(async () => {
  write("train.xyz", range(1, 13).map((seed) => labelled(seed)));
  write("held.xyz", range(13, 24).map((seed) => labelled(seed)));
  write("bare.xyz", range(13, 16).map((seed) => silicon(1, 0.08, seed)));
  fitted = (await run("fit", "--train", train, "--test", held, "--model", model, ...settings)).report;
});

test("errors by config_type are those of the fit's test, bit for bit, whatever the threads", async () => {
  const { report } = await predict(held);
  expect(report.errors).toEqual(fitted.test);
  expect(Object.keys(report.errors!.by_config_type).sort()).toEqual(["default", "type 1", "type 2"]);
  expect(report).toMatchObject({ warnings: [], baseline: fitted["baseline"], labels: [{ file: held, structures: 11, names: [{ key: "energy", used: 11 }, { key: "forces" }, { key: "virial" }] }] });
  expect((await predict(held, "--threads", "2")).report.errors).toEqual(fitted.test);
});

test("the table for people is that of the fit, with names, units and baseline", async () => {
  const told = await lather(["fit", "--train", train, "--test", held, "--model", file("again.json"), ...settings]);
  const table = /Errors on the test data\n([^]*?)\n\n/.exec(told.stdout)![1]!;
  const { stdout } = await lather(["predict", model, held, "--out", file("out.xyz")]);
  expect(stdout).toContain(table);
  for (const part of ['energy from "energy" in 11', "meV/atom", "eV/Å", "baseline of the model: least squares: Si "]) expect(stdout).toContain(part);
});

test("without labels nothing is compared", async () => {
  const { report } = await predict(bare);
  expect(report).toMatchObject({ errors: null, labels: null, warnings: [] });
  expect((await lather(["predict", model, bare, "--out", file("out.xyz")])).stdout).not.toContain("Errors");
});

test("without forces the errors are those of the energies", async () => {
  const { report } = await predict(held, "--no-forces");
  expect(report.errors).toMatchObject({ force_mae: null, virial_rmse: null });
  expect(Math.abs((report.errors!["energy_rmse"] as number) - (fitted.test as { energy_rmse: number }).energy_rmse)).toBeLessThan(1e-12);
});

test("labels go by the names of the model's fit, of the command line before these", async () => {
  const names = { energy: "dft_energy", forces: "dft_forces", virial: "virial" };
  const own = file("own.json");
  const both = (from: number, to: number): Structure[] => range(from, to).map((seed) => labelled(seed, names, [["total_energy", -1]]));
  const [first, second] = [write("dft-train.xyz", both(1, 13)), write("dft-held.xyz", both(13, 24))];
  const { report: { test: expected } } = await run("fit", "--train", first, "--test", second, "--model", own, ...settings, "--energy-key", "dft_energy", "--virial-key", "none");
  const { report } = await run("predict", own, second, "--out", file("out.xyz"));
  expect(report.errors).toEqual(expected);
  expect(report.errors).toMatchObject({ virial_mae: null });
  const other = await run("predict", own, second, "--out", file("out.xyz"), "--energy-key", "total_energy", "--forces-key", "none");
  expect(other.report.errors).toMatchObject({ force_mae: null });
  expect(other.report.errors!["energy_mae"]).toBeGreaterThan(1);
  // The model's name is not in this file: energies of another name are not taken for it.
  const { report: { errors, warnings }, stderr } = await run("predict", own, held, "--out", file("out.xyz"));
  expect(errors).toMatchObject({ energy_mae: null, force_rmse: (fitted.test as { force_rmse: number }).force_rmse > 0 ? expect.any(Number) : null });
  expect(warnings).toMatchObject([{ code: "labels-unused", key: "dft_energy" }]);
  expect(stderr).toContain('held.xyz: the model was fitted to "dft_energy", which no structure has; errors against "energy" are measured with --energy-key');
  const refused = await lather(["predict", own, held, "--out", file("none.xyz"), "--energy-key", "scf_energy"]);
  expect([refused.code, existsSync(file("none.xyz"))]).toEqual([2, false]);
  expect(refused.stderr).toMatch(/held\.xyz, "scf_energy": no structure has this comment-line entry for the energy: expected one of /);
});

test("units are those that the model was fitted in, whatever the names say", async () => {
  const own = file("units.json");
  const units = ["--set", "keys.energyUnit=kcal/mol", "--set", "keys.forcesUnit=Ha/bohr", "--set", "keys.virial=false", "--set", "noise.energy=0.001"];
  const { report: { test: expected } } = await run("fit", "--train", train, "--test", held, "--model", own, ...settings, ...units);
  const { report } = await run("predict", own, held, "--out", file("out.xyz"));
  expect(report.errors).toEqual(expected);
  expect(report.errors).not.toEqual(fitted.test);
  expect(report).toMatchObject({ labels: [{ names: [{ key: "energy", unit: "kcal/mol" }, { key: "forces", unit: "Ha/bohr" }, { key: "virial", reason: "left out" }] }] });
});

test("labels that cannot be read are a warning, and the predictions are written", async () => {
  const odd = write("odd.xyz", [labelled(13), labelled(14, { energy: "energy", forces: "forces", virial: "w" }, [["virial", [1, 2, 0, 0, 1, 0, 0, 0, 1]]])]);
  const { report, stderr } = await predict(odd);
  expect(report).toMatchObject({ errors: null, structures: 2, warnings: [{ code: "labels-unusable" }] });
  expect(stderr).toMatch(/warning: no errors are measured: .*odd\.xyz:\d+, structure 1, "virial"/);
  expect(readFileSync(file("out.xyz"), "utf8").match(/lather_energy=/g)).toHaveLength(2);
});

test("doubtful labels are warned of as in a fit", async () => {
  const doubtful = write("twice.xyz", [labelled(13), labelled(13), labelled(14)]);
  const { report: { warnings } } = await predict(doubtful);
  expect(warnings).toMatchObject([{ code: "repeated-frames", file: doubtful, frame: 1 }]);
});

test("a file too long to be kept is compared all the same", () => {
  const warnings: { code: string }[] = [];
  const comparison = new LabelComparison(parseModel(readFileSync(model, "utf8")), {}, (warning) => warnings.push(warning), 20);
  const structures = range(13, 24).map((seed) => labelled(seed));
  for (const structure of structures) comparison.see(structure);
  comparison.begin("long.xyz");
  for (const structure of structures) {
    comparison.compare(structure, { energy: 0, localEnergies: new Float64Array(8), forces: new Float64Array(24), virial: null }, "long.xyz");
  }
  const { errors, labels } = comparison.report();
  expect([warnings.map(({ code }) => code), labels]).toEqual([["not-inspected"], null]);
  const energies = structures.map(({ info }) => Math.abs(info.get("energy") as number) / 8);
  expect(Math.abs(errors!.energy_mae! - energies.reduce((a, b) => a + b, 0) / 11)).toBeLessThan(1e-12);
});
