// `lather basis` as a shell would run it: what it writes is given to the other commands, what it reports is compared with coefficients.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import { parseModel } from "../../../src/model/model-file.js";
import { parseNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { parseFitConfiguration, parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { parseConfigurationText } from "../../../src/training/configuration-text.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const input = join(folder, "in.xyz");
const structures = [1, 2, 3, 4].map((seed) => crystal([6, 14], 5, seed));
const settings = ["--set", "basis.nMax=4", "--set", "basis.lMax=2", "--set", "cutoff.radius=3.5", "--threads", "1"];
const carbons = structures.reduce((sum, { species }) => sum + species.filter((z) => z === 6).length, 0);

interface Report {
  channels: { per_l: number[] | Record<string, number[]>; largest: number; total: number };
  residual_variance: number;
  residual_variance_per_l: number[];
  [key: string]: unknown;
}

async function build(name: string, ...words: string[]): Promise<{ path: string; report: Report }> {
  const path = join(folder, name);
  const { code, stdout, stderr } = await lather(["basis", input, "--out", path, "--json", ...settings, ...words]);
  expect(code, stderr).toBe(0);
  return { path, report: JSON.parse(stdout) as Report };
}

const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

beforeAll(() => {
  writeFileSync(input, structures.map((structure, k) =>
    formatExtxyz({ ...structure, info: new Map([["energy", -3 - 0.1 * k * k], ["gap", (2 * k) % 3]]) })).join(""));
});

describe("the file", () => {
  test("is JSON and a complete configuration, short enough to be looked at", async () => {
    const { path } = await build("plain.json", "--keep", "2", "--set", "kernel.zeta=2");
    const text = readFileSync(path, "utf8");
    expect(text.split("\n").length).toBeLessThan(90);
    const configuration = parseFitConfiguration(parseConfigurationText(text, path), path);
    expect(JSON.parse(text)).toEqual(configuration);
    expect(configuration).toMatchObject({ kernel: { zeta: 2 }, cutoff: { radius: 3.5 }, optimalBasis: null });
    expect(configuration.basis.contraction).toMatchObject({ mixed: false, channels: 2, species: [6, 14] });
  });

  test.each([[[], 4], [["--mixed"], 8]])("gives `features` the primitive scalar products when it keeps all (%j)", async (words, most) => {
    const { path } = await build("all.json", "--keep", String(most), ...words);
    const gram = async (...configuration: string[]): Promise<number[]> => {
      const out = join(folder, "f.npz");
      expect((await lather(["features", input, "--out", out, "--threads", "1", ...configuration])).code).toBe(0);
      const { data, shape: [count, size] } = parseNpz(readFileSync(out))["features"] as { data: Float64Array; shape: number[] };
      const row = (i: number): Float64Array => data.subarray(i * size!, (i + 1) * size!);
      return Array.from({ length: count! }, (_, i) => row(i).reduce((sum, value, f) => sum + value * row((7 * i + 3) % count!)[f]!, 0));
    };
    const [a, b] = [await gram(...settings.slice(0, 6)), await gram("--config", path)];
    expect(!(Math.hypot(...a.map((value, i) => value - b[i]!)) <= 1e-7 * Math.hypot(...a))).toBe(false);
  });

  test("is what `fit` takes, and the model carries the functions", async () => {
    const { path } = await build("fit.json", "--keep", "2", "--mixed");
    const model = join(folder, "model.json");
    const fitted = await lather(["fit", "--train", input, "--config", path, "--model", model, "--threads", "1", "--json"]);
    expect(fitted.code, fitted.stderr).toBe(0);
    // 3 degrees of 2 (2 + 1) / 2 pairs of one density.
    expect(JSON.parse(fitted.stdout)).toMatchObject({ features: 9 });
    const { contraction } = parseHyperparameters(JSON.parse(readFileSync(path, "utf8"))).basis;
    expect(parseModel(readFileSync(model, "utf8")).terms[0]!.hyperparameters.basis.contraction).toEqual(contraction);
    const { stdout } = await lather(["fit", "--train", input, "--config", path, "--model", model, "--threads", "1"]);
    expect(stdout).toContain("contraction (mixed true, channels 2, species (6 14), matrix (48 numbers))");
  });
});

describe("the report", () => {
  test.each([[[], 2], [["--mixed"], 3]])("has the variance that the contracted coefficients lack (%j)", async (words, keep) => {
    const { path, report } = await build("variance.json", "--keep", String(keep), ...words);
    const optimal = parseHyperparameters(JSON.parse(readFileSync(path, "utf8")));
    const backend = await createBackend("cpu", { threads: 1 });
    const primitive = await backend.computeDensityCoefficients(structures, { ...optimal, basis: { ...optimal.basis, contraction: null } });
    const contracted = await backend.computeDensityCoefficients(structures, optimal, { species: primitive.species });
    backend.destroy();
    expect(!(Math.abs(1 - square(contracted.values) / square(primitive.values) - report.residual_variance) <= 1e-7)).toBe(false);
    // l = 2 alone: its nine less four components are the last five of nine.
    const part = (values: Float64Array): number => square(values.filter((_, index) => index % 9 >= 4));
    const left = 1 - part(contracted.values) / part(primitive.values);
    expect(!(Math.abs(left - report.residual_variance_per_l[2]!) <= 1e-7)).toBe(false);
  });

  test("--json has the promised keys", async () => {
    const { path, report } = await build("keys.json", "--keep", "3");
    expect(report).toMatchObject({
      backend: "cpu", threads: 1, structures: 4, mixed: false, environments: 20, out: path,
      channels: { per_l: { C: [3, 3, 3], Si: [3, 3, 3] }, largest: 3, total: 6 },
    });
    expect(report["description"]).toContain("CPU, 1 thread");
    expect((report["seconds"] as Record<string, number>)["total"]).toBeGreaterThan(0);
    const mixed = (await build("keys.json", "--keep", "3", "--mixed")).report;
    expect(mixed).toMatchObject({ mixed: true, channels: { per_l: [3, 3, 3], largest: 3, total: 3 } });
  });

  test("a threshold bounds what each degree leaves out; the smaller of both numbers counts", async () => {
    const { report } = await build("threshold.json", "--threshold", "0.01");
    for (const left of report.residual_variance_per_l) expect(left).toBeLessThanOrEqual(0.01);
    const both = (await build("threshold.json", "--threshold", "0.01", "--keep", "1")).report;
    expect(both.channels.largest).toBe(1);
    expect(both.residual_variance).toBeGreaterThan(report.residual_variance);
  });

  test("--centers leaves other environments out", async () => {
    expect((await build("centers.json", "--keep", "2", "--centers", "C")).report["environments"]).toBe(carbons);
    expect((await build("centers.json", "--keep", "2", "--centers", "Si, C")).report["environments"]).toBe(20);
  });

  test("for people has a row for each degree, aligned", async () => {
    const out = join(folder, "people.json");
    const { code, stdout } = await lather(["basis", input, "--out", out, "--keep", "2", ...settings]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    const head = lines.findIndex((line) => /^ +l +C +Si +residual variance$/.test(line));
    expect(head).toBeGreaterThan(0);
    const rows = lines.slice(head, head + 5);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    const cells = rows.slice(1).map((row) => row.trim().split(/ +/).slice(0, 3));
    expect(cells).toEqual([["0", "2", "2"], ["1", "2", "2"], ["2", "2", "2"], ["all", "2", "2"]]);
    expect(stdout).toContain("4 channels in all");
  });
});

describe("functions for the centers of each element", () => {
  test("are counted under their symbols and written with the centers", async () => {
    const { path, report } = await build("dependent.json", "--keep", "2", "--center-dependent");
    expect(report).toMatchObject({ center_dependent: true });
    expect(report).toMatchObject({ channels: { per_l: { C: { C: [2, 2, 2], Si: [2, 2, 2] }, Si: {} }, largest: 2, total: 4 } });
    expect(parseHyperparameters(JSON.parse(readFileSync(path, "utf8"))).basis.contraction).toMatchObject({ centers: [6, 14], species: [6, 14] });
    const one = (await build("dependent.json", "--keep", "2", "--mixed")).report;
    const mixed = (await build("dependent.json", "--keep", "2", "--mixed", "--center-dependent")).report;
    expect(mixed).toMatchObject({ channels: { per_l: { C: [2, 2, 2], Si: [2, 2, 2] }, total: 2 } });
    expect(mixed.residual_variance).toBeLessThan(one.residual_variance);
  });

  test("are read by `features`, and for people have a table for each center", async () => {
    const [out, html, npz] = [join(folder, "people-centers.json"), join(folder, "centers.html"), join(folder, "centers.npz")];
    const words = ["basis", input, "--out", out, "--report", html, "--keep", "2", "--center-dependent", ...settings];
    const { code, stdout } = await lather(words);
    expect(code).toBe(0);
    for (const name of ["Around C\n", "Around Si\n"]) expect(stdout).toContain(name);
    const page = readFileSync(html, "utf8");
    for (const part of ["<h3>Around C</h3>", "Si around C, l = 0", "C around Si, l = 2"]) expect(page).toContain(part);
    const computed = await lather(["features", input, "--config", out, "--out", npz, "--threads", "1", "--json"]);
    // 3 degrees of 3 + 4 + 3 pairs.
    expect(JSON.parse(computed.stdout)).toMatchObject({ features: 30 });
  });
});

describe("a target", () => {
  test("of --gamma is the energies without their baseline, by name or not", async () => {
    const plain = await build("plain-gamma.json", "--keep", "2");
    const silent = await build("gamma.json", "--keep", "2", "--gamma", "0.1");
    expect(plain.report["target"]).toBe(null);
    expect(silent.report["target"]).toMatchObject({ key: "energy", gamma: 0.1 });
    const named = await build("gamma-named.json", "--keep", "2", "--gamma", "0.1", "--target", "energy");
    const matrix = (path: string): readonly number[] => parseHyperparameters(JSON.parse(readFileSync(path, "utf8"))).basis.contraction!.matrix;
    expect(matrix(named.path)).toEqual(matrix(silent.path));
    expect(matrix(named.path)).not.toEqual(matrix(plain.path));
    expect(matrix((await build("gamma-one.json", "--keep", "2", "--gamma", "1", "--target", "energy")).path)).toEqual(matrix(plain.path));
  });

  test("is any scalar of the file", async () => {
    const { report } = await build("gap.json", "--keep", "2", "--gamma", "0", "--target", "gap", "--centers", "C");
    const { explained } = report["target"] as { explained: number };
    // Four structures, eight functions of l = 0: all of it.
    expect(explained).toBeGreaterThan(1 - 1e-6);
  });
});

test.each([
  '{ "optimalBasis": { "channels": 2, "mixed": true } }',
  '{ "basis": { "kind": "optimal", "primitive": { "kind": "gto", "nMax": 4 }, "channels": 2, "mixed": true } }',
])("without --keep and --threshold the configuration's own counts: %s", async (text) => {
  const config = join(folder, "given.json");
  writeFileSync(config, text);
  const { path, report } = await build("given-out.json", "--config", config);
  expect(report).toMatchObject({ mixed: true, channels: { largest: 2 } });
  // `features` makes one from its own structures, `select` reads its file in passing and has none to make it from.
  const npz = join(folder, "own.npz");
  const computed = await lather(["features", input, "--config", config, "--out", npz, "--json", ...settings]);
  expect(JSON.parse(computed.stdout)).toMatchObject({ features: 9 });
  const selected = await lather(["select", input, "--config", config, "--count", "1", "--out", join(folder, "one.xyz"), ...settings]);
  expect([selected.code, selected.stderr.includes("an optimal basis is made from data")]).toEqual([2, true]);
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ optimalBasis: null });
});

describe("wrong usage and input end with 2 and write nothing", () => {
  test.each<[string[], string]>([
    [[], "--keep, --threshold, or optimalBasis in the configuration"],
    [["--keep", "0"], "Expected a whole number, 1 or more"],
    [["--keep", "5"], 'in.xyz, "--keep": more functions than primitive ones: expected 1 to 4 (basis.nMax), got 5'],
    [["--keep", "9", "--mixed"], "expected 1 to 8 (basis.nMax × 2 elements), got 9"],
    [["--threshold", "1"], "Expected a number from 0 to below 1"],
    [["--threshold", ""], "Expected a number from 0 to below 1"],
    [["--keep", "2", "--gamma", "1.1"], "Expected a number from 0 (the target alone) to 1"],
    [["--keep", "2", "--target", "gap"], '"--target": a target that would not count: expected --gamma with it'],
    [["--keep", "2", "--gamma", "0.5", "--target", "gaps"], "in.xyz, \"gaps\": no structure has this target: expected energy, gap, got nothing"],
    [["--keep", "2", "--centers", "C,Xx"], '"Xx" is none'],
    [["--keep", "2", "--centers", "O"], '"--centers": no center of this element: expected C, Si, got O'],
    [["--keep", "2", "--report", "/no/such/folder/r.html"], "/no/such/folder/r.html: cannot write"],
  ])("%j", async (words, part) => {
    const out = join(folder, "never.json");
    const { code, stdout, stderr } = await lather(["basis", input, "--out", out, ...settings, ...words]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(part);
    expect(existsSync(out)).toBe(false);
  });
});

test("Ctrl-C ends with 130 and leaves nothing behind", async () => {
  const before = readdirSync(folder).sort();
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error("interrupted"));
  const words = ["basis", input, "--keep", "2", "--out", join(folder, "stopped.json"), "--report", join(folder, "stopped.html"), ...settings];
  const { code, stdout } = await lather(words, controller.signal, stop);
  expect([code, stdout]).toEqual([130, ""]);
  expect(readdirSync(folder).sort()).toEqual(before);
});

test("the configuration for the qm9 subset is the one that was agreed on", () => {
  const path = fileURLToPath(new URL("../../../bench/configs/qm9-basis.json", import.meta.url));
  expect(parseFitConfiguration(parseConfigurationText(readFileSync(path, "utf8"), path), path)).toMatchObject({
    cutoff: { radius: 4.5, width: 0.5 }, density: { width: 0.3, scaling: null }, basis: { kind: "gto", nMax: 12, lMax: 5 },
  });
});
