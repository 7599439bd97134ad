// lather import-gap and the commands that then work with its model.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gapText, glueText, type Coordinates } from "../model/gap-files.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const part: Coordinates = { kernel: "distance", delta: 1, theta: 0.5, points: [[1], [2]], alpha: [0.1, 0.2], descriptor: "distance_2b cutoff=3.0 Z1=6 Z2=14" };
const core = glueText([6, 14], [{ types: [1, 2], slopes: 'y1="-20" yn="0"', points: [[0.5, 9], [1, 3], [1.5, 0]] }]);
const { xml, files } = gapText({ 6: -1, 14: -2 }, [part], core, "T");
const [[name, content]] = [...files] as [[string, string]];

/** A folder with the XML and its sparse points. */
function written(label: string, points: string | Uint8Array | null, suffix = ""): { gap: string; out: string } {
  mkdirSync(join(folder, label));
  writeFileSync(join(folder, label, "gap.xml"), xml);
  if (points !== null) writeFileSync(join(folder, label, `${name}${suffix}`), points);
  return { gap: join(folder, label, "gap.xml"), out: join(folder, label, "model.json") };
}

test("makes a model of pairs alone, with which predict works", async () => {
  const { gap, out } = written("plain", content);
  const { code, stdout, stderr } = await lather(["import-gap", gap, "--out", out]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe(`${gap}: a GAP of C, Si: functions of the pairs C–Si\n${out}\n`);
  const dimer = join(folder, "dimer.xyz");
  writeFileSync(dimer, "2\nProperties=species:S:1:pos:R:3\nC 0 0 0\nSi 0 0 2\n");
  const predicted = join(folder, "predicted.xyz");
  expect((await lather(["predict", out, dimer, "--out", predicted])).code).toBe(0);
  const energy = Number(/energy=(\S+)/.exec(readFileSync(predicted, "utf8"))![1]);
  expect(Math.abs(energy - (-3 + 2 * (0.1 * Math.exp(-2) + 0.2)))).toBeLessThan(1e-8);
});

test("sparse points may be gzipped; --json tells what there is", async () => {
  const { gap, out } = written("gzipped", gzipSync(content), ".gz");
  const { code, stdout } = await lather(["import-gap", gap, "--out", out, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ elements: ["C", "Si"], baseline: { C: -1, Si: -2 }, terms: [], pairs: ["C–Si"], model: out });
});

test.each<[string, string | Uint8Array | null, string, string]>([
  ["absent", null, "", "there is no such file"],
  ["truncated", content.slice(0, 20), "", "truncated"],
  ["damaged", gzipSync(content).subarray(0, 30), ".gz", "compressed file is damaged"],
  ["binary", Uint8Array.of(1, 0, 2), "", "a text in UTF-8"],
])("sparse points that are %s end it with 2, the file is named and nothing written", async (label, points, suffix, message) => {
  const { gap, out } = written(label, points, suffix);
  const { code, stdout, stderr } = await lather(["import-gap", gap, "--out", out]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(name);
  expect(stderr).toContain(message);
  expect(existsSync(out)).toBe(false);
});

test("its files are not written over, and an XML is no model", async () => {
  const { gap } = written("kept", content);
  const points = join(folder, "kept", name);
  for (const out of [gap, points]) {
    const { code, stderr } = await lather(["import-gap", gap, "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toContain("this would write over another file");
  }
  expect(readFileSync(points, "utf8")).toBe(content);
  const { code, stderr } = await lather(["predict", gap, gap, "--out", join(folder, "none.xyz")]);
  expect(code).toBe(2);
  expect(stderr).toContain("`lather import-gap`");
});
