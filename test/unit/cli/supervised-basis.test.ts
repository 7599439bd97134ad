// `lather basis --optimize` as a shell would run it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const [input, out] = [join(folder, "in.xyz"), join(folder, "basis.json")];
const settings = ["--set", "basis.nMax=5", "--set", "basis.lMax=2", "--set", "cutoff.radius=4", "--threads", "1"];
const basis = (...words: string[]) => lather(["basis", input, "--out", out, "--keep", "1", ...settings, ...words]);

beforeAll(() => {
  const frames = Array.from({ length: 12 }, (_, k) => {
    const structure = silicon(1, 0.12, k + 1);
    const { energy, forces } = computeStillingerWeber(structure);
    const info = new Map([["energy", energy]]);
    return formatExtxyz(annotateStructure(structure, { info, arrays: new Map([["forces", { kind: "R" as const, width: 3, values: forces }]]) }));
  });
  writeFileSync(input, frames.join(""));
});

interface Report {
  channels: { largest: number };
  residual_variance: number;
  optimization?: { before: Record<string, number>; after: Record<string, number>; step: number; steps: number; stopped: string; structures: object };
}

test("reports the losses and writes a configuration for a fit", async () => {
  const { code, stdout, stderr } = await basis("--optimize", "--json");
  expect(code, stderr).toBe(0);
  const { optimization, residual_variance } = JSON.parse(stdout) as Report;
  const { before, after, step, steps, structures } = optimization!;
  expect(after["validation"]!).toBeLessThan(before["validation"]!);
  expect(after["held_out"]!).toBeLessThan(before["held_out"]!);
  expect(structures).toEqual({ fit: 9, held_out: 3 });
  expect(step).toBeGreaterThan(0);
  expect(steps).toBeGreaterThanOrEqual(step);
  const optimized = parseFitConfiguration(JSON.parse(readFileSync(out, "utf8")));
  expect(optimized.basis.contraction).toMatchObject({ mixed: false, channels: 1, species: [14] });

  const plain = JSON.parse((await basis("--json")).stdout) as Report;
  expect(plain.optimization).toBeUndefined();
  expect(residual_variance).toBeGreaterThan(plain.residual_variance);
});

test("says the same for people, and draws the functions", async () => {
  const report = join(folder, "report.html");
  const { code, stdout } = await basis("--optimize", "--report", report);
  expect(code).toBe(0);
  expect(stdout).toMatch(/errors over noise +optimal basis +optimized\n +labels fitted .*\n +left out in turn \(optimized\) .*\n +held out /);
  expect(stdout).toMatch(/Step \d+ of \d+; .*\. Fits to 9 structures, 3 held out, \d+ environments/);
  expect(readFileSync(report, "utf8")).toContain("<svg");
});

test.each([["--centers", "Si"], ["--center-dependent"], ["--gamma", "0.5"]])("refuses %s by name", async (...option) => {
  const { code, stderr } = await basis("--optimize", ...option);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`"${option[0]}": .*expected none with --optimize`));
});

test("refuses files without labels", async () => {
  const bare = join(folder, "bare.xyz");
  writeFileSync(bare, formatExtxyz(silicon(1, 0.1)));
  const none = await lather(["basis", bare, "--out", join(folder, "none.json"), "--keep", "1", "--optimize", ...settings]);
  expect(none.code).toBe(2);
  expect(existsSync(join(folder, "none.json"))).toBe(false);
});
