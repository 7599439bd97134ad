import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfigurationText } from "../../../src/training/configuration-text.js";
import { defaultFitConfiguration } from "../../../src/training/configuration.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const silicon = file("si.xyz", '1\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3 energy=-1.0\nSi 0 0 0\n');
const commands = [
  "fit", "predict", "validate", "learning-curve", "md", "serve", "features", "select", "select-features", "basis", "measure", "compare", "kernel", "map", "config",
  "import-gap", "export-gap",
];

describe("help", () => {
  test("goes to standard output, lists the commands and the exit codes", async () => {
    const { code, stdout, stderr } = await lather(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const word of [...commands, "Exit codes", "Ctrl-C"]) expect(stdout).toContain(word);
  });

  test.each(commands)("of %s has an example", async (command) => {
    const { code, stdout, stderr } = await lather([command, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`Examples?:[^]*\\n {2}lather ${command} `));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(150);
  });

  test("the version is printed alone", async () => {
    const { code, stdout } = await lather(["--version"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("wrong usage ends with 2 and says what is wrong", () => {
  test.each<[string[], string]>([
    [[], "Usage: lather"],
    [["fti"], "unknown command 'fti'"],
    [["fit", "--model", "m.json"], "required option '--train <files...>' not specified"],
    [["fit", "--train", "a.xyz", "--model", "m.json", "--spars", "5"], "Did you mean --sparse"],
    [["fit", "--train", "a.xyz", "--model", "m.json", "--sparse", "0"], "Expected a whole number, 1 or more"],
    [["fit", "--train", "a.xyz", "--model", "m.json", "--threads", "two"], "Expected a whole number, 1 or more"],
    [["fit", "--train", "a.xyz", "--model", "m.json", "--sparse-method", "best"], "Allowed choices are fps, cur, leverage, random"],
    [["fit", "--train", "a.xyz", "--model", "m.json", "--set", "basis.nMax"], "Expected KEY=VALUE"],
    [["validate", "--train", "a.xyz", "--folds", "1"], "Expected a whole number, 2 or more, or \"all\""],
    [["learning-curve", "--train", "a.xyz", "--sizes", "3,x"], "Expected whole numbers, as 10,30,100"],
    [["predict", "m.json", "--out", "c.xyz"], "missing required argument 'structures'"],
    [["predict", "m.json", "a.xyz"], "required option '--out <file>' not specified"],
    [["predict", "m.json", "a.xyz", "b.xyz", "--out", "c.xyz"], "too many arguments"],
    [["select", "a.xyz", "--out", "b.xyz"], "required option '--count <n>' not specified"],
    [["select", "a.xyz", "--out", "b.xyz", "--count", "3", "--method", "random"], "Allowed choices are fps, cur"],
    [["basis", "a.xyz", "--keep", "2"], "required option '--out <file>' not specified"],
    [["features", "a.xyz", "--out", "b.npz", "--backend", "tpu"], "Allowed choices are auto, cpu, gpu"],
  ])("%j", async (argv, part) => {
    const { code, stdout, stderr } = await lather(argv);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("wrong input ends with 2 and names the file", () => {
  const model = join(folder, "m.json");
  const misspelt = file("misspelt.json", '{ "basis": { "nmax": 4 } }');
  const broken = file("broken.json", '{\n  "basis": { "nMax": 4 }\n  "kernel": { "zeta": 2 }\n}');

  test.each<[string, string[], string[]]>([
    ["unknown key", ["fit", "--train", silicon, "--model", model, "--config", misspelt], [misspelt, 'did you mean "basis.nMax"?']],
    ["no JSON", ["fit", "--train", silicon, "--model", model, "--config", broken], [`${broken}:3`, "JSON"]],
    ["absent configuration", ["fit", "--train", silicon, "--model", model, "--config", join(folder, "none.json")], ["none.json", "no such file"]],
    ["override out of range", ["fit", "--train", silicon, "--model", model, "--set", "kernel.zeta=0"], ["command line", '"kernel.zeta"', "got 0"]],
    ["override of an unknown key", ["config", "--set", "kernel.zta=2"], ['did you mean "kernel.zeta"?']],
    ["absent data", ["fit", "--train", join(folder, "none.xyz"), "--model", model], ["none.xyz"]],
    ["unwritable model", ["fit", "--train", silicon, "--model", join(folder, "no", "m.json")], ["cannot write", "no such file or folder"]],
    ["a folder as model", ["fit", "--train", silicon, "--model", folder], ["cannot write", "it is a folder"]],
    ["a plot of no format", ["learning-curve", "--train", silicon, "--plot", join(folder, "c.png")], ["c.png", '"--plot"', "expected a name ending in .svg or .html, got .png"]],
    ["too few to validate on", ["validate", "--train", silicon], ['"--folds"', "expected 2 structures at least, got 1"]],
    ["nothing to test on", ["learning-curve", "--train", silicon], ["nothing to learn from"]],
    ["absent model", ["predict", join(folder, "none.json"), silicon, "--out", join(folder, "o.xyz")], ["none.json", "no such file"]],
    ["foreign model", ["predict", misspelt, silicon, "--out", join(folder, "o.xyz")], [misspelt, "not a Lather model"]],
    ["too many to select", ["select", silicon, "--count", "2", "--out", join(folder, "o.xyz")], [silicon, "expected 1 to 1, got 2"]],
    ["features with σ = 0", ["features", silicon, "--out", join(folder, "f.npz"), "--set", "density.width=0"], ["density.width", "got 0"]],
  ])("%s", async (_, argv, parts) => {
    const { code, stdout, stderr } = await lather(argv);
    expect([code, stdout]).toEqual([2, ""]);
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).toMatch(/^lather: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("config", () => {
  test("prints a configuration that reads back, with the overrides in it", async () => {
    const { code, stdout } = await lather(["config", "--set", "basis.nMax=4", "--set", "sparse.method=cur", "--set", "compression=null"]);
    expect(code).toBe(0);
    expect(stdout).toContain("//");
    expect(parseConfigurationText(stdout)).toEqual({
      ...defaultFitConfiguration,
      basis: { ...defaultFitConfiguration.basis, nMax: 4 },
      sparse: { ...defaultFitConfiguration.sparse, method: "cur" },
      compression: null,
    });
  });

  test("--json prints plain JSON, the file under the overrides", async () => {
    const path = file("given.json", '{ "kernel": { "zeta": 3 }, "sparse": { "count": 7 } } // mine\n');
    const { stdout } = await lather(["config", "--config", path, "--set", "sparse.count.Si=9", "--json"]);
    expect(JSON.parse(stdout)).toEqual(
      { ...defaultFitConfiguration, kernel: { zeta: 3, delta: 1 }, sparse: { ...defaultFitConfiguration.sparse, count: { Si: 9 } } },
    );
  });
});

test("a command that is stopped before it begins ends with 130 and says so", async () => {
  const { code, stdout, stderr } = await lather(["select", silicon, "--count", "1", "--out", join(folder, "o.xyz")], AbortSignal.abort());
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).toBe("lather: stopped; nothing was written\n");
});
