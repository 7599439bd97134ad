// Models, configurations and structures that were made to break a command: what comes out is a message that names file, line and structure.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { crc32 } from "../../../src/model/crc32.js";
import { formatNpz } from "../../../src/model/npz.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string, content?: string | Uint8Array): string => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};
const settings = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3", "--threads", "1"];
const frame = (seed: number): string => formatExtxyz({ ...crystal([14], 4, seed), info: new Map([["energy", -seed]]) });
const good = file("good.xyz", frame(1) + frame(2));
const model = file("m.json");
const out = file("out");

beforeAll(async () => {
  const { code, stderr } = await lather(["fit", "--train", good, "--model", model, ...settings, "--sparse", "4"]);
  if (code !== 0) throw new Error(stderr);
});

async function refused(argv: readonly string[], ...parts: (string | RegExp)[]): Promise<void> {
  const begin = performance.now();
  const { code, stdout, stderr } = await lather(argv);
  expect([code, stdout], stderr).toEqual([2, ""]);
  for (const part of parts) expect(stderr).toMatch(part);
  expect(stderr).not.toMatch(/internal error|\n\s+at /);
  expect(stderr.length).toBeLessThan(1500);
  expect(performance.now() - begin).toBeLessThan(3000);
}

/** The model with its text changed and the checksum right again. */
function edited(name: string, change: (body: string) => string): string {
  const { checksum: _, ...body } = JSON.parse(readFileSync(model, "utf8")) as Record<string, unknown>;
  const text = change(JSON.stringify(body));
  // The checksum is that of what a reader makes of the text.
  const sum = crc32(new TextEncoder().encode(JSON.stringify(JSON.parse(text)))).toString(16).padStart(8, "0");
  return file(name, text.replace('"version":2,', `"version":2,"checksum":"crc32:${sum}",`));
}

describe("a model file is held to what is written into one", () => {
  const predict = (path: string): string[] => ["predict", path, good, "--out", out];
  test.each<[string, (body: string) => string, RegExp]>([
    ["ζ of 1.5", (body) => body.replace('"zeta":4', '"zeta":1.5'), /"potential\.terms\.0\.zeta": expected a whole number from 1 to 64, got 1\.5/],
    ["ζ of a billion", (body) => body.replace('"zeta":4', '"zeta":1000000000'), /"potential\.terms\.0\.zeta": .*got 1000000000/],
    ["a baseline beyond float64", (body) => body.replace(/"energy":[-\d.e]+/, '"energy":1e999'), /"potential\.baseline\.0\.energy": expected an energy in eV, got Infinity/],
    ["two baselines of one element", (body) => body.replace(/("baseline":\[)({[^}]*})/, "$1$2,$2"), /baseline.*ascending, got 14 14/],
    ["a number of its making beyond float64", (body) => body.replace('"provenance":{', '"provenance":{"x":-1e999,'), /potential\.provenance\.x/],
    ["a width whose table would be too large", (body) => body.replace('"width":0.5', '"width":1e-13'), /the radial table would be too large: expected at most 256 MB; .*, got \d+ MB/],
  ])("%s", async (name, change, message) => {
    const path = edited(`${name}.json`, change);
    const { code, stdout, stderr } = await lather(predict(path));
    // The size of a table is a matter of capacity, all else of the file.
    expect([code, stdout]).toEqual([name.startsWith("a width") ? 1 : 2, ""]);
    expect(stderr).toMatch(message);
  });

  test("nested eight thousand times", () => refused(predict(file("deep.json", `{"format":"lather-model",\n"x":${"[".repeat(8000)}${"]".repeat(8000)}}`)), /deep\.json:2: nested too deeply/));
  test("/dev/zero", () => refused(predict("/dev/zero"), /\/dev\/zero:1: cannot read the model: .*got binary data/));
  test("other bytes than UTF-8", () => refused(predict(file("latin1.json", Uint8Array.of(0x7b, 0xe9, 0x7d))), /latin1\.json: cannot read the model: expected a text in UTF-8/));

  test("a byte-order mark in front is no damage", async () => {
    const { code, stderr } = await lather(predict(file("bom.json", `\uFEFF${readFileSync(model, "utf8")}`)));
    expect(code, stderr).toBe(0);
  });
});

describe("a configuration", () => {
  const fit = (path: string): string[] => ["fit", "--train", good, "--config", path, "--model", out];
  test("nested five thousand times", () => refused(fit(file("deep.json", `{"cutoff":\n\n${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`)), /deep\.json:3: nested too deeply: expected at most 64 /));
  test("brackets in a text or a comment do not nest", async () => {
    const path = file("flat.json", `\uFEFF{ // ${"[".repeat(99)}\n  "keys": { "energy": "e\\"${"{".repeat(99)}" }\n}`);
    const { code, stdout, stderr } = await lather(["config", "--config", path, "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).keys.energy).toBe(`e"${"{".repeat(99)}`);
  });
  test("a text of 10 MB", () => refused(fit(file("long.json", `{"keys":{"energy":5,"x":"${"\\\\".repeat(5e6)}"}}`)), /unknown key "keys\.x"/));
  test("a key of 10 MB", () => refused(fit(file("key.json", `{"${"k".repeat(1e7)}":1}`)), /unknown key "k{100}…"/));
  test("/dev/zero", () => refused(fit("/dev/zero"), /\/dev\/zero:1: cannot read the configuration/));
  test("a config_type that every object inherits", () =>
    refused(fit(file("inherited.json", '{"noise":{"byConfigType":{"constructor":{"forces":-5,"bogus":1}}}}')), /"noise\.byConfigType\.constructor": this name cannot/));
  test("a number of a prototype", () => refused(fit(file("proto.json", '{"baseline":{"kind":"given","energies":{"__proto__":1,"Si":1}}}')), /"baseline\.energies\.__proto__"/));
  test("--set with 20,000 keys", () => refused(["config", "--set", `${"a.".repeat(20000)}a=1`], /command line, .*nested too deeply: expected at most 16 keys, got 20001/));
  test("--set with 20,000 brackets", () => refused(["config", "--set", `a=${"[".repeat(20000)}${"]".repeat(20000)}`], /command line: nested too deeply/));
  test("--set kernel.zeta=100000000", () => refused(["config", "--set", "kernel.zeta=100000000"], /expected a whole number from 1 to 64, got 100000000/));
});

describe("structures", () => {
  const second = (name: string, text: string): string => file(name, frame(1) + text);
  const commands = (path: string): [string, string[]][] => [
    ["fit", ["fit", "--train", path, "--model", out, ...settings, "--sparse", "4"]],
    ["fit, test data", ["fit", "--train", good, "--test", path, "--model", out, ...settings, "--sparse", "4"]],
    ["predict", ["predict", model, path, "--out", out, "--threads", "1"]],
    ["features", ["features", path, "--out", out, ...settings]],
    ["select", ["select", path, "--count", "1", "--out", out, ...settings]],
    ["basis", ["basis", path, "--keep", "2", "--out", out, ...settings]],
  ];
  const clash = second("clash.xyz", '3\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3 energy=-1\nSi 0 0 0\nSi 1 1 1\nSi 5 1 1\nSi 6 6 6\n'.replace(/^3/, "4"));
  test.each(commands(clash))("two atoms on one site: %s names file, line, structure and atom", (_, argv) =>
    refused(argv, /clash\.xyz:7, structure 1, atom 1, "positions": atoms 1 and 3 stand on one site: expected .*, got 0 Å/));

  const far = second("far.xyz", '1\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3 energy=-1\nSi 1e12 0 0\n');
  test.each(commands(far))("an atom far from its cell: %s", (_, argv) =>
    refused(argv, /far\.xyz:7, structure 1, atom 0, "positions": position is not a finite number near the cell/));

  test("an element that the model lacks", () =>
    refused(["predict", model, second("gold.xyz", '1\nenergy=0\nAu 0 0 0\n'), "--out", out], /gold\.xyz:7, structure 1, atom 0: element unknown to the features: expected Si, got Au/));

  test("too many pairs", async () => {
    const dense = second("dense.xyz", '1\nLattice="1e-3 0 0 0 1e-3 0 0 0 1e-2" Properties=species:S:1:pos:R:3 energy=0\nSi 0 0 0\n');
    const { code, stderr } = await lather(["features", dense, "--out", out, ...settings]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/dense\.xyz:7, structure 1, "cutoff": too many pairs/);
  });

  test.each<[string, string, RegExp]>([
    ["a value nested 4000 times", `1\nProperties=species:S:1:pos:R:3 d=${"[".repeat(4000)}1${"]".repeat(4000)}\nSi 0 0 0\n`, /:8, structure 1, "d": value is nested too deeply/],
    ["JSON nested 4000 times", `1\nProperties=species:S:1:pos:R:3 d=_JSON ${'{"a":'.repeat(4000)}1${"}".repeat(4000)}\nSi 0 0 0\n`, /:8, structure 1, "d": value is nested too deeply/],
    ["a billion atoms of a million columns announced", "1000000000\nProperties=species:S:1:pos:R:3:x:R:999999\nSi 0 0 0\n", /:9, structure 1, atom 0: wrong number of columns: expected 1000003 .*, got 4: "Si 0 0 0"/],
    ["300 wide columns announced", `9\nProperties=species:S:1:pos:R:3:${Array.from({ length: 300 }, (__, k) => `x${k}:R:999999`).join(":")}\nSi 0 0 0\n`, /structure 1, atom 0: wrong number of columns/],
  ])("%s", (name, text, message) => refused(["predict", model, second(`${name}.xyz`, text), "--out", out], message));

  test("a quoted value of 10 MB is read and written", async () => {
    const text = `1\nProperties=species:S:1:pos:R:3 note="${'x\\"'.repeat(1e5)}${"x".repeat(1e7)}" "${"k".repeat(1e6)}"=1\nSi 0 0 0\n`;
    const { code, stderr } = await lather(["predict", model, file("long.xyz", text), "--out", file("long-out.xyz"), "--threads", "1"]);
    expect(code, stderr).toBe(0);
    expect(readFileSync(file("long-out.xyz"), "utf8")).toContain(`note="${'x\\"'.repeat(1e5)}${"x".repeat(1e7)}"`);
  });

  test("a column whose name has brackets and a key with a control character are written so that they read back", async () => {
    const path = file("odd.xyz", "1\nProperties=species:S:1:pos:R:3:f[0]:R:1 a\u0001b=2\nSi 0 0 0 7\n");
    for (const name of ["odd-2.xyz", "odd-3.xyz"]) {
      const { code, stderr } = await lather(["predict", model, name === "odd-2.xyz" ? path : file("odd-2.xyz"), "--out", file(name), "--threads", "1"]);
      expect(code, stderr).toBe(0);
    }
    expect(readFileSync(file("odd-3.xyz"), "utf8")).toMatch(/Properties="species:S:1:pos:R:3:f\[0\]:R:1:.* "a\u0001b"=2 /);
  });

  test("two atoms whose cell has thousands of images within the cutoff", async () => {
    const path = file("skew.xyz", '2\nLattice="5 0 0 5 1e-3 0 0 0 5" Properties=species:S:1:pos:R:3\nSi 0 0 0\nSi 1.36 1.36 1.36\n');
    const begin = performance.now();
    const { code, stderr } = await lather(["predict", model, path, "--out", out, "--threads", "1"]);
    expect(code, stderr).toBe(0);
    expect(performance.now() - begin).toBeLessThan(4000);
  });
});

test("measure names the file whose features do not do", async () => {
  const constant = file("constant.npz", formatNpz({ features: { data: new Float64Array(40).fill(2), shape: [20, 2] } }));
  const varied = file("varied.npz", formatNpz({ features: { data: Float64Array.from({ length: 40 }, (_, k) => Math.sin(k * k)), shape: [20, 2] } }));
  await refused(["measure", varied, constant], /constant\.npz: features do not vary/);
  await refused(["measure", constant, varied], /constant\.npz: features do not vary/);
  await refused(["measure", "/dev/zero", varied], /\/dev\/zero:1: cannot read the features/);
});

describe("control characters of a file are shown, not sent", () => {
  const text = frame(1).replace("energy=-1", 'energy=-1 config_type="\u001b[31mred\u001b]0;pwn\u0007" "\u009b2J"=1');
  const path = file("escape.xyz", text);
  test("in the report of a fit", async () => {
    const { code, stdout, stderr } = await lather(["fit", "--train", path, "--model", out, ...settings, "--sparse", "2"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("\\u001b[31mred\\u001b]0;pwn\\u0007");
    // eslint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });
  test("in JSON, where it means the same", async () => {
    const { stdout } = await lather(["fit", "--train", path, "--model", out, ...settings, "--sparse", "2", "--json"]);
    expect(Object.keys(JSON.parse(stdout).train.by_config_type)).toEqual(["\u001b[31mred\u001b]0;pwn\u0007"]);
    expect(stdout).not.toContain("\u009b");
  });
  test("in messages, of the library's and of the options'", async () => {
    expect((await lather(["fit", "--train", path, "--energy-key", "\u001b[2J", "--model", out])).stderr).toContain("\\u001b[2J");
    expect((await lather(["fit", "--\u001b[2J"])).stderr).not.toContain("\u001b");
  });
});
