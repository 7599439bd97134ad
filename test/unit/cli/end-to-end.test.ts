// Every command on a small part of the embedded silicon, as a shell would run it. What the commands report is compared with arithmetic on the
// files that they write.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parseModel } from "../../../src/model/model-file.js";
import { parseNpz } from "../../../src/model/npz.js";
import { readAllStructures } from "../../../src/node/index.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import type { Structure } from "../../../src/structure/structure.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const train = join(folder, "train.xyz");
const held = join(folder, "test.xyz");
const bare = join(folder, "bare.xyz");
const model = join(folder, "model.json");
const settings = ["--sparse", "40", "--set", "basis.nMax=4", "--set", "basis.lMax=3", "--set", "cutoff.radius=4", "--threads", "2"];
let trainStructures: Structure[] = [];
let testStructures: Structure[] = [];

interface Report {
  [key: string]: unknown;
  seconds: Record<string, number>;
  train: Record<string, number> & { by_config_type: Record<string, Record<string, number>> };
  test: Report["train"];
}

const write = (path: string, structures: readonly Structure[]): void => writeFileSync(path, structures.map(formatExtxyz).join(""));
const read = (path: string): Structure[] => parseExtxyz(readFileSync(path, "utf8"), path);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const close = (got: number, wanted: number): void => expect(!(Math.abs(got - wanted) <= 1e-9 * Math.abs(wanted)), `${got} for ${wanted}`).toBe(false);

let fitted: { code: number; stdout: string; stderr: string };
beforeAll(async () => {
  const all = await readAllStructures(fileURLToPath(new URL("../../../public/silicon-sw-train.xyz.gz", import.meta.url)));
  const small = all.filter(({ species }) => species.length > 1 && species.length <= 16);
  const step = Math.max(1, Math.floor(small.length / 24));
  const chosen = small.filter((_, index) => index % step === 0).slice(0, 24);
  [trainStructures, testStructures] = [chosen.filter((_, index) => index % 3 !== 2), chosen.filter((_, index) => index % 3 === 2)];
  write(train, trainStructures);
  write(held, testStructures);
  write(bare, testStructures.map((structure) => ({ ...structure, info: new Map([["config_type", "x"]]), arrays: new Map() })));
  fitted = await lather(["fit", "--train", train, "--test", held, "--model", model, "--json", ...settings]);
});

describe("fit", () => {
  test("--json is one object with everything that was promised", () => {
    expect(fitted.code, fitted.stderr).toBe(0);
    const report = JSON.parse(fitted.stdout) as Report;
    expect(report).toMatchObject({ backend: "cpu", threads: 2, sparse: 40, features: (4 * 10 * 4) / 4, sparse_by_element: { Si: 40 } });
    expect(report["peak_rss_mb"]).toBeGreaterThan(10);
    expect(report.seconds["total"]).toBeGreaterThan(0);
    expect(Object.keys(report.seconds).length).toBeGreaterThan(4);
    for (const part of [report.train, report.test]) {
      for (const name of ["energy_mae", "energy_rmse", "force_mae", "force_rmse", "virial_mae", "virial_rmse"]) expect(part[name]).toBeGreaterThan(0);
    }
    expect(Object.keys(report.train.by_config_type).sort()).toEqual(
      [...new Set(trainStructures.map(({ info }) => String(info.get("config_type"))))].sort(),
    );
  });

  test("progress goes to standard error, a line for each stage", () => {
    expect(fitted.stderr.split("\n").length).toBeLessThan(30);
    for (const line of fitted.stderr.trim().split("\n")) expect(line).toMatch(/^[a-z ()]+$/);
  });

  test("the model file remembers data, settings and errors", () => {
    const { provenance } = parseModel(readFileSync(model, "utf8"));
    const report = JSON.parse(fitted.stdout) as Report;
    expect(provenance).toMatchObject(
      { train: "train.xyz", test: "test.xyz", train_energy_mae: report.train["energy_mae"], test_force_rmse: report.test["force_rmse"] },
    );
    expect(JSON.parse(String(provenance["configuration"]))).toEqual(report["configuration"]);
  });

  test("the report for people has every part, and the same fit gives the same file", async () => {
    const again = join(folder, "again.json");
    const { code, stdout } = await lather(["fit", "--train", train, "--test", held, "--model", again, ...settings]);
    expect(code).toBe(0);
    const sections = ["Data", "Settings", "Backend", "Seconds", "Errors on the training data", "Errors on the test data", "Model"];
    for (const part of [...sections, 'energy from "', "2 threads", again]) expect(stdout).toContain(part);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(200);
    expect(readFileSync(again).equals(readFileSync(model))).toBe(true);
  });

  test("files without any label are refused, and nothing is written", async () => {
    const path = join(folder, "none.json");
    const odd = join(folder, "odd.xyz");
    write(odd, testStructures.map((structure) => ({ ...structure, info: new Map([["bandgap", 1.1]]), arrays: new Map() })));
    const { code, stderr } = await lather(["fit", "--train", odd, "--model", path, ...settings]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^lather: .*odd\.xyz: no energies, forces or virials found: .*--energy-key.*got the names bandgap\n$/);
    expect(existsSync(path)).toBe(false);
  });

  test("Ctrl-C in mid-fit ends with 130, leaves nothing behind, and the old model as it was", async () => {
    const before = readdirSync(folder).sort();
    const old = readFileSync(model);
    const controller = new AbortController();
    // The first line is that of the first stage.
    const stop = (): void => controller.abort(new Error("interrupted"));
    const { code, stdout, stderr } = await lather(
      ["fit", "--train", train, "--model", model, ...settings, "--set", "kernel.zeta=3"], controller.signal, stop,
    );
    expect([code, stdout]).toEqual([130, ""]);
    expect(stderr).toMatch(/^[a-z ]+\nlather: stopped; nothing was written\n$/);
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(readFileSync(model).equals(old)).toBe(true);
  });
});

test("Ctrl-C in mid-prediction leaves the old file as it was", async () => {
  const out = join(folder, "kept.xyz");
  writeFileSync(out, "old\n");
  const before = readdirSync(folder).sort();
  const controller = new AbortController();
  const many = join(folder, "many.xyz");
  write(many, Array.from({ length: 40 }, () => trainStructures).flat());
  before.push("many.xyz");
  const running = lather(["predict", model, many, "--out", out, "--threads", "1"], controller.signal);
  const beginning = setInterval(() => {
    if (readdirSync(folder).some((name) => name.endsWith(".part"))) controller.abort(new Error("interrupted"));
  }, 1);
  const { code } = await running;
  clearInterval(beginning);
  expect(code).toBe(130);
  expect(readFileSync(out, "utf8")).toBe("old\n");
  expect(readdirSync(folder).sort()).toEqual(before.sort());
});

describe("predict", () => {
  test("gives the errors that the fit reported, keeps the labels, and names its own numbers apart", async () => {
    const out = join(folder, "predicted.xyz");
    const { code, stdout } = await lather(["predict", model, held, "--out", out, "--json", "--local-energies", "--threads", "1"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(
      { structures: testStructures.length, written: ["lather_energy", "lather_forces", "lather_virial", "lather_local_energy"] },
    );
    const predicted = read(out);
    expect(predicted.map(({ info }) => info.get("energy"))).toEqual(testStructures.map(({ info }) => info.get("energy")));
    expect(predicted.map(({ arrays }) => arrays.get("forces"))).toEqual(testStructures.map(({ arrays }) => arrays.get("forces")));
    const { test: errors } = JSON.parse(fitted.stdout) as Report;
    close(
      errors["energy_mae"]!,
      mean(predicted.map(({ info, species }) => Math.abs(Number(info.get("lather_energy")) - Number(info.get("energy"))) / species.length)),
    );
    const forceErrors = predicted.flatMap(({ arrays }) => {
      const [label, guess] = ["forces", "lather_forces"].map((name) => arrays.get(name)!.values as Float64Array) as [Float64Array, Float64Array];
      return [...label].map((value, i) => guess[i]! - value);
    });
    close(errors["force_rmse"]!, Math.sqrt(mean(forceErrors.map((error) => error * error))));
    for (const { info, arrays } of predicted) close(
      [...(arrays.get("lather_local_energy")!.values as Float64Array)].reduce((sum, value) => sum + value, 0), Number(info.get("lather_energy"))
    );
  });

  test("uses the plain names where the file has none of them", async () => {
    const out = join(folder, "plain.xyz");
    const { code, stdout } = await lather(["predict", model, bare, "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("energy, forces, virial");
    const [first] = read(out) as [Structure];
    expect([...first.info.keys(), ...first.arrays.keys()]).toEqual(["config_type", "energy", "virial", "forces"]);
    const energies = await lather(["predict", model, bare, "--out", out, "--no-forces"]);
    expect(energies.code).toBe(0);
    const [only] = read(out) as [Structure];
    expect([...only.info.keys(), ...only.arrays.keys()]).toEqual(["config_type", "energy"]);
    close(Number(only.info.get("energy")), Number(first.info.get("energy")));
  });

  test("refuses an element that the model does not know", async () => {
    const path = join(folder, "water.xyz");
    writeFileSync(path, "3\nProperties=species:S:1:pos:R:3\nO 0 0 0\nH 1 0 0\nH 0 1 0\n");
    const { code, stderr } = await lather(["predict", model, path, "--out", join(folder, "o.xyz")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/element.*expected Si, got O/);
    expect(existsSync(join(folder, "o.xyz"))).toBe(false);
  });

  // The device that is always full exists on Linux only.
  if (existsSync("/dev/full")) {
    test("a full disk is a failure of the job, not of the input", async () => {
      const { code, stderr } = await lather(["predict", model, bare, "--out", "/dev/full"]);
      expect(code).toBe(1);
      expect(stderr).toContain("the disk is full");
    });
  }
});

test("features: one normalized vector for each atom", async () => {
  const out = join(folder, "f.npz");
  const { code, stdout } = await lather(["features", held, "--out", out, "--json", ...settings.slice(2)]);
  expect(code).toBe(0);
  const { features, offsets, centers, species } = parseNpz(readFileSync(out)) as Record<string, { data: Float64Array; shape: number[] }>;
  const atoms = testStructures.reduce((sum, structure) => sum + structure.species.length, 0);
  expect([features!.shape, offsets!.shape, centers!.shape]).toEqual([[atoms, 40], [testStructures.length + 1], [atoms]]);
  expect([...species!.data]).toEqual([14]);
  expect(JSON.parse(stdout)).toMatchObject({ features: 40, atoms });
  for (let atom = 0; atom < atoms; atom++) close(Math.hypot(...features!.data.subarray(40 * atom, 40 * atom + 40)), 1);
});

describe("select", () => {
  test.each(["fps", "cur"])("%s writes the structures that it names, unchanged", async (method) => {
    const out = join(folder, `${method}.xyz`);
    const { code, stdout } = await lather(["select", train, "--count", "5", "--method", method, "--out", out, "--json", ...settings.slice(2)]);
    expect(code).toBe(0);
    const { selected } = JSON.parse(stdout) as { selected: number[] };
    expect(new Set(selected).size).toBe(5);
    expect(readFileSync(out, "utf8")).toBe(selected.map((index) => formatExtxyz(trainStructures[index]!)).join(""));
  });

  test("fps takes one of each kind before it takes copies", async () => {
    const path = join(folder, "copies.xyz");
    const [first, second, third] = trainStructures as [Structure, Structure, Structure];
    write(path, [first, first, second, first, third, second]);
    const { stdout } = await lather(["select", path, "--count", "3", "--out", join(folder, "three.xyz"), "--json", ...settings.slice(2)]);
    const { selected } = JSON.parse(stdout) as { selected: number[] };
    expect(new Set(selected.map((index) => [0, 0, 1, 0, 2, 1][index])).size).toBe(3);
  });
});
