// Files that a command reads and writes: none of them twice, links followed, pipes read once, reports beside data.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { formatNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { createRandom } from "../../../src/selection/random.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const settings = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3", "--threads", "1"];
const [structures, config, model, features] = [file("in.xyz"), file("c.json"), file("m.json"), file("f.npz")];
let before: Record<string, Buffer> = {};

beforeAll(async () => {
  writeFileSync(structures, [1, 2, 3].map((seed) => formatExtxyz({ ...crystal([14], 4, seed), info: new Map([["energy", -seed]]) })).join(""));
  writeFileSync(config, "{}");
  const random = createRandom(1);
  writeFileSync(features, formatNpz({ features: { data: Float64Array.from({ length: 60 }, () => random.normal()), shape: [20, 3] } }));
  const { code, stderr } = await lather(["fit", "--train", structures, "--model", model, ...settings, "--sparse", "4"]);
  if (code !== 0) throw new Error(stderr);
  symlinkSync("in.xyz", file("link.xyz"));
  linkSync(structures, file("hard.xyz"));
  mkdirSync(file("sub"));
});
beforeEach(() => (before = Object.fromEntries([structures, config, model, features].map((path) => [path, readFileSync(path)]))));

describe("an output that is an input is refused before anything is computed", () => {
  const cases = (): [string, string[], string][] => [
    ["fit, training data", ["fit", "--train", structures, "--model", structures], "--train"],
    ["fit, second file of the training data by a link", ["fit", "--train", features, structures, "--model", file("link.xyz")], "--train"],
    ["fit, by a hard link", ["fit", "--train", structures, "--model", file("hard.xyz")], "--train"],
    ["fit, by another path", ["fit", "--train", structures, "--model", file("sub/../in.xyz")], "--train"],
    ["fit, test data", ["fit", "--train", features, "--test", structures, "--model", structures], "--test"],
    ["fit, configuration", ["fit", "--train", structures, "--config", config, "--model", config], "--config"],
    ["predict, structures", ["predict", model, structures, "--out", structures], "structures"],
    ["predict, model", ["predict", model, structures, "--out", model], "model"],
    ["features", ["features", structures, "--out", file("link.xyz")], "structures"],
    ["features, configuration", ["features", structures, "--config", config, "--out", config], "--config"],
    ["basis", ["basis", structures, "--keep", "2", "--out", structures], "structures"],
    ["basis, report", ["basis", structures, "--keep", "2", "--out", file("b.json"), "--report", structures], "structures"],
    ["basis, both outputs", ["basis", structures, "--keep", "2", "--out", file("b.json"), "--report", file("sub/../b.json")], "--out"],
    ["select", ["select", structures, "--count", "1", "--out", file("hard.xyz")], "structures"],
    ["select-features", ["select-features", features, "--counts", "2", "--out", features], "features"],
  ];
  test.each(cases().map(([name], index) => [name, index] as const))("%s", async (_, index) => {
    const [, argv, other] = cases()[index]!;
    const { code, stdout, stderr } = await lather(argv);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`expected a file of its own, got that of ${other} `);
    for (const [path, bytes] of Object.entries(before)) expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(existsSync(file("b.json"))).toBe(false);
  });

  test("a device or a pipe may have several uses", async () => {
    const { code, stderr } = await lather(["basis", structures, "--keep", "2", ...settings, "--out", "/dev/null", "--report", "/dev/null"]);
    expect(code, stderr).toBe(0);
  });
});

test("a link that leads nowhere yet is followed, and stays", async () => {
  symlinkSync(join("sub", "made.xyz"), file("dangling.xyz"));
  const { code, stderr } = await lather(["predict", model, structures, "--out", file("dangling.xyz"), "--threads", "1"]);
  if (code !== 0) throw new Error(stderr);
  expect(readlinkSync(file("dangling.xyz"))).toBe(join("sub", "made.xyz"));
  expect(readFileSync(file("sub/made.xyz"), "utf8")).toContain("lather_energy=");
  // To a folder that is not there it leads to the message of any such path.
  symlinkSync(join("none", "made.xyz"), file("astray.xyz"));
  expect((await lather(["predict", model, structures, "--out", file("astray.xyz")])).stderr).toContain("there is no such file or folder");
});

test("temporary files of processes that are no more are cleared, those of others stay", async () => {
  const { code } = await lather(["features", structures, "--out", file("sub/a.npz"), ...settings]);
  expect(code).toBe(0);
  const { hostname } = await import("node:os");
  const host = hostname().replace(/[^A-Za-z0-9]/g, "").slice(0, 40) || "host";
  // 2³⁰ is beyond the largest number of a process; the parent of this one is alive.
  const parts = [`.a.npz.${host}-${2 ** 30}-0123abcd.part`, `.b.npz.${host}-${process.ppid}-0123abcd.part`, `.c.npz.elsewhere-${2 ** 30}-0123abcd.part`, ".notes.part"];
  for (const name of parts) writeFileSync(file(`sub/${name}`), "");
  expect((await lather(["features", structures, "--out", file("sub/a.npz"), ...settings])).code).toBe(0);
  expect(readdirSync(file("sub")).filter((name) => name.endsWith(".part")).sort()).toEqual(parts.slice(1).sort());
});

describe("--threads", () => {
  test("more than the atoms keep busy are not started, and the report says so", async () => {
    const begin = performance.now();
    const { code, stdout } = await lather(["features", structures, "--out", file("t.npz"), ...settings.slice(0, -2), "--threads", "300", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ threads: 1, description: expect.stringContaining("of 300: 12 atoms keep no more of them busy") });
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test("the results are those of any number", async () => {
    const bytes = statSync(file("t.npz")).size;
    await lather(["features", structures, "--out", file("t2.npz"), ...settings]);
    expect(readFileSync(file("t2.npz")).equals(readFileSync(file("t.npz")))).toBe(true);
    expect(bytes).toBeGreaterThan(1000);
  });
});
