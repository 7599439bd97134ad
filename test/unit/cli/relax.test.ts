// lather relax as a shell runs it, with a model of Stillinger–Weber silicon, whose crystal is known: a = 5.431 Å, −2ε per atom.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { cellVolume, type Structure } from "../../../src/structure/structure.js";
import { fitSilicon, shakenSilicon, siliconCell } from "./fitted-silicon.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let model: string;

beforeAll(async () => {
  model = await fitSilicon(folder);
});

const longest = ({ arrays }: Structure): number => {
  const forces = arrays.get("forces")!.values as Float64Array;
  return forces.reduce((most, _, k) => (k % 3 === 0 ? Math.max(most, Math.hypot(forces[k], forces[k + 1], forces[k + 2])) : most), 0);
};

test.each(["lbfgs", "fire"])("relaxes atoms and cell of every frame by %s", async (method) => {
  const info = new Map<string, string | number>([["energy", 7], ["config_type", "bulk"], ["dft_energy", 8]]);
  writeFileSync(at("start.xyz"), [formatExtxyz({ ...shakenSilicon(5.38, 0.1, 1), info }), formatExtxyz(shakenSilicon(5.5, 0.05, 2))].join(""));
  const { code, stdout, stderr } = await lather(["relax", model, at("start.xyz"), "--out", at("out.xyz"), "--cell", "full", "--method", method, "--json"]);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ backend: "cpu", structures: 2, converged: 2, out: at("out.xyz") });
  const frames = parseExtxyz(readFileSync(at("out.xyz"), "utf8"));
  expect([...frames[0].info.keys()]).toEqual(["config_type", "energy", "relax_steps", "relax_converged", "virial"]);
  for (const frame of frames) {
    expect(Math.cbrt(cellVolume(frame.cell!))).toBeCloseTo(5.431, 1);
    expect(frame.info.get("energy")).toBeCloseTo(computeStillingerWeber(siliconCell()).energy, 1);
    expect(frame.info.get("relax_converged")).toBe(true);
    expect(longest(frame)).toBeLessThanOrEqual(0.01);
  }
  expect(frames[0].info.get("energy")).toBeCloseTo(frames[1].info.get("energy") as number, 3);
});

test("keeps what move_mask holds, and says when it is not done", async () => {
  const start = { ...shakenSilicon(5.431, 0.1, 3), arrays: new Map([["move_mask", { kind: "L" as const, width: 1, values: [false, true, true, true, true, true, true, true] }]]) };
  writeFileSync(at("masked.xyz"), formatExtxyz(start));
  const { code, stdout, stderr } = await lather(["relax", model, at("masked.xyz"), "--out", at("masked-out.xyz"), "--steps", "2"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/0 of 1 structures relaxed in 2 steps/);
  expect(stderr).toMatch(/warning: 1 of 1 structures are not converged/);
  const [frame] = parseExtxyz(readFileSync(at("masked-out.xyz"), "utf8"));
  expect([...frame.positions.subarray(0, 3)]).toEqual([...start.positions.subarray(0, 3)]);
  expect(frame.positions[3]).not.toBe(start.positions[3]);
  expect(frame.info.get("relax_converged")).toBe(false);
  expect(frame.cell).toEqual(start.cell);
});

test("stopped, it leaves nothing", async () => {
  writeFileSync(at("long.xyz"), formatExtxyz(shakenSilicon(5.5, 0.1, 4)));
  const controller = new AbortController();
  const running = lather(["relax", model, at("long.xyz"), "--out", at("never.xyz"), "--fmax", "1e-14", "--steps", "100000", "--method", "fire"], controller.signal, (text) => {
    if (text.includes("relax")) controller.abort(new Error("terminated"));
  });
  const { code, stderr } = await running;
  expect([code, stderr]).toEqual([130, expect.stringMatching(/stopped; nothing was written/)]);
  expect(existsSync(at("never.xyz"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test.each([
  ["no cell to relax", { ...siliconCell(), cell: null, pbc: [false, false, false] as const }, ["--cell", "full"], /bad\.xyz:1, structure 0, "cell": there is no volume that could relax/],
  ["element unknown to the model", { ...siliconCell(), species: Uint8Array.from({ length: 8 }, (_, k) => (k === 2 ? 32 : 14)) }, [], /bad\.xyz:1, .*atom 2: the model does not know this element: expected Si/],
  ["pressure on a fixed cell", siliconCell(), ["--pressure", "3"], /"pressure": a pressure acts on a cell that changes/],
  ["force of nothing", siliconCell(), ["--fmax", "0"], /Expected a number above 0/],
  ["output that holds no forces", siliconCell(), ["--out", "POSCAR"], /so that energies and forces are kept/],
])("%s ends with what to change", async (_, structure, more, message) => {
  writeFileSync(at("bad.xyz"), formatExtxyz(structure));
  const { code, stderr } = await lather(["relax", model, at("bad.xyz"), "--out", at("bad-out.xyz"), ...more]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});
