// lather neb as a shell runs it, with a model of Stillinger–Weber silicon: an atom of the crystal changes places with nothing, so two ends that
// the symmetry of the crystal makes equal stand for a path.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { fitSilicon, siliconCell } from "./fitted-silicon.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let model: string;

/** The crystal without atom 0, or with atom 4, its neighbor, in that place. */
function vacancy(hopped: boolean): Structure {
  const { species, positions, cell } = siliconCell();
  const sites = [1, 2, 3, hopped ? 0 : 4, 5, 6, 7];
  return createStructure({ species: species.slice(1), cell, positions: sites.flatMap((k) => [...positions.subarray(3 * k, 3 * k + 3)]) });
}

beforeAll(async () => {
  model = await fitSilicon(folder);
  writeFileSync(at("start.xyz"), formatExtxyz(vacancy(false)));
  writeFileSync(at("end.xyz"), formatExtxyz(vacancy(true)));
});

test("writes the images and the barriers", async () => {
  const { code, stdout, stderr } = await lather(["neb", model, at("start.xyz"), at("end.xyz"), "--images", "3", "--out", at("band.xyz"), "--no-relax", "--steps", "40", "--json"]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number> & { energies: number[]; path_lengths: number[] };
  const frames = parseExtxyz(readFileSync(at("band.xyz"), "utf8"));
  expect(frames.map(({ info }) => info.get("image"))).toEqual([0, 1, 2, 3, 4]);
  expect(frames.map(({ info }) => info.get("energy"))).toEqual(report.energies);
  expect(frames.map(({ info }) => info.get("path_length"))).toEqual(report.path_lengths);
  expect(report["barrier"]).toBe(Math.max(...report.energies) - report.energies[0]);
  // Both ends are one structure, seen from the middle of the bond.
  expect(report["barrier"]).toBeCloseTo(report["reverse_barrier"], 8);
  expect(report.energies[1]).toBeCloseTo(report.energies[3], 2);
  // One atom goes the length of a bond, and all seven a seventh of it back.
  expect(report.path_lengths[4]).toBeGreaterThanOrEqual(Math.sqrt(1 - 1 / 7) * (Math.sqrt(3) / 4) * 5.431 - 1e-9);
  expect([...frames[0].positions]).toEqual([...vacancy(false).positions]);
  expect(frames[2].arrays.get("forces")).toBeDefined();
  // What is written is what `lather predict` says of the images.
  await lather(["predict", model, at("band.xyz"), "--out", at("predicted.xyz")]);
  parseExtxyz(readFileSync(at("predicted.xyz"), "utf8")).forEach(({ info }, n) => expect(info.get("lather_energy")).toBeCloseTo(report.energies[n], 6));
});

test("prints a table, and warns where the band is not converged", async () => {
  const { code, stdout, stderr } = await lather(["neb", model, at("start.xyz"), at("end.xyz"), "--images", "1", "--out", at("short.xyz"), "--no-relax", "--steps", "1", "--fmax", "1e-9", "--no-climb"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/image +path\/Å +energy\/eV\n +0 +0\.000 +0\.0000\n +1 +.*saddle\n/);
  expect(stdout).toMatch(/barrier [\d.]+ eV, back [\d.]+ eV, after 1 steps/);
  expect(stderr).toMatch(/warning: the band is not converged/);
});

test("stopped, it leaves nothing", async () => {
  const controller = new AbortController();
  const words = ["neb", model, at("start.xyz"), at("end.xyz"), "--out", at("never.xyz"), "--no-relax", "--fmax", "1e-12", "--steps", "100000"];
  const { code } = await lather(words, controller.signal, (text) => text.includes("elastic band") && controller.abort(new Error("terminated")));
  expect(code).toBe(130);
  expect(existsSync(at("never.xyz"))).toBe(false);
});

test.each([
  ["another number of atoms", siliconCell(), /bad\.xyz:1, .*both ends of a path have the same atoms in the same order: expected the 7 atoms of the start, got 8/],
  ["the start again", vacancy(false), /start and end are the same/],
  ["another cell", { ...vacancy(true), cell: vacancy(true).cell!.map((x) => x * 1.1) }, /both ends of a path have the same cell/],
])("%s as the end is refused", async (_, end, message) => {
  writeFileSync(at("bad.xyz"), formatExtxyz(end));
  const { code, stderr } = await lather(["neb", model, at("start.xyz"), at("bad.xyz"), "--out", at("bad-out.xyz"), "--no-relax"]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test("ends that relax into one minimum are no path", async () => {
  writeFileSync(at("near.xyz"), formatExtxyz({ ...siliconCell(), positions: siliconCell().positions.map((x, k) => x + (k === 4 ? 0.05 : 0)) }));
  writeFileSync(at("crystal.xyz"), formatExtxyz(siliconCell()));
  const { code, stderr } = await lather(["neb", model, at("crystal.xyz"), at("near.xyz"), "--out", at("bad-out.xyz"), "--fmax", "1e-4"]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/start and end are the same/)]);
});
