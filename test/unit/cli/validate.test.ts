// `lather validate` and `lather learning-curve`: what they report is what the library measures; their tables, plots, progress, warnings and ends.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { labelStructures } from "../../../src/structure/labels.js";
import { annotateStructure, createStructure, type Structure } from "../../../src/structure/structure.js";
import { readAllStructures } from "../../../src/node/index.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { crossValidate } from "../../../src/training/cross-validation.js";
import { learningCurve } from "../../../src/training/learning-curve.js";
import { silicon } from "../backend/systems.js";
import { withExecutable } from "./executable.js";
import { lather, temporaryFolder } from "./run.js";

const command = withExecutable();
const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const [train, held, many] = [file("train.xyz"), file("held.xyz"), file("many.xyz")];
const settings = ["--sparse", "10", "--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=4", "--threads", "1"];
const configuration = parseFitConfiguration({ cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 }, sparse: { count: 10 } });

function labelled(seed: number, repeat = 1): Structure {
  const structure = silicon(repeat, 0.08, seed);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return annotateStructure(structure, {
    info: [["config_type", `type ${seed % 2}`], ["run", seed % 3], ["energy", energy], ["virial", [...virial!]]], arrays: [["forces", { kind: "R", width: 3, values: forces! }]],
  });
}
const write = (path: string, structures: readonly Structure[]): void => writeFileSync(path, structures.map(formatExtxyz).join(""));

let backend: Backend;
let data: ReturnType<typeof labelStructures>["data"];
let test20: typeof data;
beforeAll(async () => {
  write(train, Array.from({ length: 10 }, (_, k) => labelled(k + 1)));
  write(held, [labelled(20), labelled(21)]);
  write(many, Array.from({ length: 12 }, (_, k) => labelled(k + 1, 2)));
  backend = await createBackend("cpu", { threads: 1 });
  data = labelStructures(await readAllStructures(train)).data;
  test20 = labelStructures(await readAllStructures(held)).data;
});
afterAll(() => backend.destroy());

async function run(...words: string[]): Promise<{ report: Record<string, unknown>; stderr: string }> {
  const { code, stdout, stderr } = await lather([...words, ...settings, "--json"]);
  expect(code, stderr).toBe(0);
  return { report: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

describe("validate", () => {
  test("--json is what the library measures, by the same folds", async () => {
    const { report, stderr } = await run("validate", "--train", train, "--folds", "3", "--seed", "4");
    const { folds, pooled, standardError } = await crossValidate(backend, data, configuration, { folds: 3, seed: 4 });
    expect(report).toMatchObject({
      backend: "cpu", warnings: [], by: "random", seed: 4, closed_form: false, isolated_atoms: 0, pooled, standard_error: standardError,
      folds: folds.map(({ members, errors, training }) => ({ members: [...members], errors, training, groups: null })), data: { train: { files: [train], structures: 10, atoms: 80 } },
    });
    expect(stderr).toMatch(/^fold 1 of 3\nfold 2 of 3, about \d+ s left\nfold 3 of 3, about \d+ s left\n$/);
    const closed = (await run("validate", "--train", train, "--folds", "all", "--closed-form")).report;
    expect(closed).toMatchObject({ closed_form: true, pooled: (await crossValidate(backend, data, configuration, { folds: "all", closedForm: true })).pooled });
    expect(closed["folds"]).toHaveLength(10);
  });

  test("the table has every fold, the pooled errors and their standard error, in meV per atom and eV/Å", async () => {
    const { code, stdout } = await lather(["validate", "--train", train, "--by", "run", ...settings]);
    const { folds, pooled, standardError } = await crossValidate(backend, data, configuration, { by: "run" });
    expect(code).toBe(0);
    const cells = (name: string): string[] => stdout.split("\n").find((line) => line.startsWith(`  ${name}`))!.trim().split(/ {2,}/);
    expect(cells("fold")).toEqual(["fold", "structures", "atoms", "energy MAE", "energy RMSE", "force MAE", "force RMSE", "virial MAE", "virial RMSE"]);
    expect(stdout).toContain("3 folds, groups of run");
    for (const [f, { groups, errors }] of folds.entries()) expect(cells(`${f + 1}: ${groups!.join(", ")}`)[4]).toBe((1000 * errors.energy_rmse!).toPrecision(3));
    expect([cells("pooled")[6], cells("± over folds")[4]]).toEqual([pooled.force_rmse!.toPrecision(3), standardError.force_rmse!.toPrecision(3)]);
    expect(stdout).toMatch(/Pooled errors by config_type\n[^]*\n {2}all +10 /);
    for (const type of ["type 0", "type 1"]) expect(cells(type)[1]).toBe("5");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(160);
  });

  test("leave-one-out shows no row for each structure; isolated atoms and the closed form are told", async () => {
    const path = file("atoms.xyz");
    const atom = createStructure({ species: [14], positions: [0, 0, 0], info: new Map<string, string | number>([["config_type", "isolated_atom"], ["energy", -0.2]]) });
    write(path, [...Array.from({ length: 22 }, (_, k) => labelled(k + 1)), atom]);
    const { code, stdout, stderr } = await lather(["validate", "--train", path, "--folds", "all", "--closed-form", ...settings]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/Cross-validation: 22 folds, random, seed 1\n {2}in closed form: [^\n]*\n {2}1 isolated atom is in every fit and not tested\n {2}fold [^\n]*\n[^\n]*\n {2}pooled +22 /);
  });

  test("what is wrong is named with file and key", async () => {
    const refused = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await lather(["validate", "--train", train, ...settings, ...words]);
      expect([code, stdout]).toEqual([2, ""]);
      return stderr;
    };
    expect(await refused("--by", "phase")).toMatch(/train\.xyz:1, structure 0, "phase": the structure has no entry by which to group it: expected .*"run".*, got none/);
    expect(await refused("--folds", "11")).toContain('"--folds": this number of folds is not possible: expected 2 to 10, the number of structures, got 11');
    expect(await refused("--sparse", "70")).toContain('"sparse.count": fewer environments than sparse points: expected at most 64, one per atom of the training structures, got 70');
  });

  test("doubtful data are warned of once, and in --json", async () => {
    const path = file("twice.xyz");
    write(path, [labelled(1), labelled(2), labelled(3), labelled(1)]);
    const { report, stderr } = await run("validate", "--train", path, "--folds", "2", "--by", "blocks");
    expect((report["warnings"] as { code: string }[]).map(({ code }) => code)).toEqual(["repeated-frames", "test-in-train"]);
    expect(stderr.match(/lather: warning:/g)).toHaveLength(2);
  });
});

describe("learning-curve", () => {
  const words = ["learning-curve", "--train", train, "--test", held, "--sizes", "2,5,10", "--repeats", "2"];

  test("--json is what the library measures; the table has mean ± deviation", async () => {
    const { points } = await learningCurve(backend, data, configuration, { sizes: [2, 5, 10], repeats: 2, test: test20 });
    const { report, stderr } = await run(...words);
    expect(report).toMatchObject({ warnings: [], repeats: 2, seed: 1, pool: 10, test_structures: 2, points, data: { test: { files: [held] } } });
    expect(stderr.split("\n").filter((line) => line.includes("left"))).toHaveLength(4);
    const { stdout } = await lather([...words, ...settings]);
    const row = (size: number): string[] => stdout.split("\n").find((line) => line.startsWith(`  ${size} `))!.trim().split(/ {2,}/);
    const { mean, deviation } = points[0]!;
    expect(row(2).slice(0, 5)).toEqual(["2", "16", "10", "2", `${(1000 * mean.energy_mae!).toPrecision(3)} ± ${(1000 * deviation.energy_mae!).toPrecision(2)}`]);
    expect(row(10)[7]).toBe(points[2]!.mean.force_rmse!.toPrecision(3));
  });

  test.each(["svg", "html"])("--plot writes axes with units, lines and error bars (%s)", async (kind) => {
    const path = file(`curve.${kind}`);
    const { report } = await run(...words, "--plot", path);
    expect(report["plot"]).toBe(path);
    const text = readFileSync(path, "utf8");
    for (const part of ["training structures", "error / meV per atom", "error / eV Å⁻¹", "Energy", "Forces", "Virial", "RMSE", "MAE"]) expect(text).toContain(part);
    // Two lines in each of three plots; bars where there is a deviation: two of three sizes.
    const bars = [...text.matchAll(/<path class="bar" [^>]*d="([^"]*)"/g)].map(([, d]) => d!);
    expect(bars.map((d) => d.match(/V/g)!.length)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(text).not.toMatch(/NaN|undefined|https?:\/\/(?!www\.w3\.org)/);
    expect(text.match(/<svg/g)!.length).toBe(text.match(/<\/svg>/g)!.length);
    if (kind === "html") expect(text).toMatch(/<table>[^]*structures[^]*±/);
  });

  test("a fifth is held out where no test is given, and a test frame in training is warned of", async () => {
    expect((await run("learning-curve", "--train", train, "--sizes", "4", "--repeats", "1")).report).toMatchObject({ pool: 8, test_structures: 2, data: { test: null } });
    const { report } = await run("learning-curve", "--train", train, "--test", train, "--sizes", "2", "--repeats", "1");
    expect((report["warnings"] as { code: string }[]).map(({ code }) => code)).toEqual(["test-in-train"]);
    const { code, stderr } = await lather([...words, "--sizes", "11", ...settings]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("expected whole numbers from 1 to 10, the structures to draw from, got 11")]);
  });
});

describe.each([
  ["validate", "fold 2 of 8", ["--folds", "8"]], ["learning-curve", "repeat 1", ["--sizes", "4,8", "--repeats", "50", "--plot", file("never.svg")]],
])("%s ends", (name, words, options) => {
  test.each([["SIGINT", 130], ["SIGTERM", 143]] as const)("within a second of %s, and writes nothing", async (signal, code) => {
    const before = readdirSync(folder).sort();
    const { child, ended, heard } = command.start([name, "--train", many, ...options, "--threads", "1", "--sparse", "60"]);
    await heard(words);
    await setTimeout(100);
    const begin = performance.now();
    child.kill(signal);
    const end = await ended;
    expect(end).toMatchObject({ code, stdout: "", stderr: expect.stringContaining("lather: stopped") });
    expect(performance.now() - begin).toBeLessThan(1000);
    expect([readdirSync(folder).sort(), existsSync(file("never.svg"))]).toEqual([before, false]);
  });
});
