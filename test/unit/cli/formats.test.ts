// Files of other formats through the command: POSCAR under another name, LAMMPS dump with --species, output in the format of its name.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readAllStructures } from "../../../src/node/index.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { cellVolume, type Structure } from "../../../src/structure/structure.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
// As in a bug report: a POSCAR named .xyz, and a dump that numbers its atom types.
const poscar = join(folder, "POSCAR.xyz");
writeFileSync(poscar, "rattled silicon\n1.0\n5.43 0 0\n0 5.43 0\n0 0 5.43\nSi\n2\nDirect\n0 0 0\n0.25 0.25 0.25\n");
const dump = join(folder, "dump.lammpstrj");
writeFileSync(dump, "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 10\n0 10\n0 10\nITEM: ATOMS id type x y z\n1 1 0 0 0\n2 1 2.3 0 0\n");
const settings = ["--set", "basis.nMax=2", "--set", "basis.lMax=1", "--threads", "1"];

test("features of a POSCAR under a name .xyz, and of a LAMMPS dump with --species", async () => {
  for (const words of [[poscar], [dump, "--species", "Si"]]) {
    const { code, stdout, stderr } = await lather(["features", ...words, "--out", join(folder, "f.npz"), "--json", ...settings]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ structures: 1, atoms: 2, species: [14] });
  }
  const without = await lather(["features", dump, "--out", join(folder, "f.npz"), ...settings]);
  expect([without.code, without.stderr]).toEqual([expect.any(Number), expect.stringMatching(/dump\.lammpstrj:9.*--species/)]);
  expect(without.code).not.toBe(0);
  const wrong = await lather(["features", dump, "--species", "Si,Qq", "--out", join(folder, "f.npz"), ...settings]);
  expect(wrong.stderr).toMatch(/Qq/);
});

test.each(["chosen.lammpstrj", "chosen.xyz.gz", "POSCAR_chosen", "POSCAR.gz"])("select writes %s", async (name) => {
  const out = join(folder, name);
  const { code, stderr } = await lather(["select", dump, "--species", "Ge", "--count", "1", "--out", out, ...settings]);
  expect(code, stderr).toBe(0);
  const [structure] = await readAllStructures(out);
  expect([...structure!.species]).toEqual([32, 32]);
  expect([...structure!.positions]).toEqual([0, 0, 0, 2.3, 0, 0]);
});

/** The steps of a run in the layout of an OUTCAR, positions as VASP prints them. */
function outcarOf(frames: readonly Structure[]): string {
  const vectors = (cell: Float64Array): string => [0, 1, 2].map((row) => `  ${Array.from(cell.subarray(3 * row, 3 * row + 3), (x) => x.toFixed(9)).join(" ")} 0.1 0.1 0.1\n`).join("");
  return ` vasp.6.3.0\n   VRHFIN =Si: s2p2\n   ions per type =  ${frames[0]!.species.length}\n` + frames.map((structure) => {
    const { energy, forces, virial } = computeStillingerWeber(structure);
    const pressure = [0, 4, 8, 1, 5, 6].map((k) => ((1602.1766208 * virial[k]!) / cellVolume(structure.cell!)).toFixed(5));
    const rows = [...structure.species].map((_, atom) => [...structure.positions.subarray(3 * atom, 3 * atom + 3), ...forces.subarray(3 * atom, 3 * atom + 3)].map((x) => x.toFixed(6)).join(" "));
    return `  in kB ${pressure.join(" ")}\n direct lattice vectors  reciprocal lattice vectors\n${vectors(structure.cell!)}
 POSITION                                       TOTAL-FORCE (eV/Angst)\n ----\n${rows.join("\n")}\n ----\n    total drift: 0 0 0
  free  energy   TOTEN  =       ${energy.toFixed(8)} eV\n\n  energy  without entropy=      ${energy.toFixed(8)}  energy(sigma->0) =      ${energy.toFixed(8)}\n`;
  }).join("");
}

test("a fit to an OUTCAR is the fit to the same data in extended XYZ", async () => {
  const frames = [1, 2, 3, 4].map((seed) => silicon(1, 0.1, seed));
  const outcar = join(folder, "OUTCAR");
  writeFileSync(outcar, outcarOf(frames));
  const converted = join(folder, "converted.xyz");
  writeFileSync(converted, (await readAllStructures(outcar)).map((structure) => formatExtxyz(structure)).join(""));
  const [fromVasp, fromXyz] = await Promise.all([outcar, converted].map(async (train, index) => {
    const { code, stdout, stderr } = await lather(["fit", "--train", train, "--model", join(folder, `m${index}.json`), "--json", "--set", "cutoff.radius=4", ...settings]);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  }));
  const names = fromVasp.data.train.labels[0].names.map(({ key, used }: { key: string; used: number }) => [key, used]);
  expect(names).toEqual([["energy", 4], ["forces", 4], ["stress", 4]]);
  for (const error of ["energy_rmse", "force_rmse", "virial_rmse"]) {
    expect(fromVasp.train[error], error).toBeGreaterThan(0);
    expect(fromVasp.train[error], error).toBe(fromXyz.train[error]);
  }
});

test("predict writes chemiscope's datasets, with the model's cutoff and the numbers that extended XYZ has", async () => {
  const [train, model] = [join(folder, "train.xyz"), join(folder, "model.json")];
  const frame = (x: number): string => `2\nLattice="9 0 0 0 9 0 0 0 9" energy=${-x} note=${x > 2.2 ? "far" : "near"}\nSi 0 0 0\nSi ${x} 0 0\n`;
  writeFileSync(train, [2, 2.2, 2.4, 2.6].map(frame).join(""));
  const fitted = await lather(["fit", "--train", train, "--model", model, "--sparse", "3", "--set", "cutoff.radius=3.75", ...settings]);
  expect(fitted.code, fitted.stderr).toBe(0);
  const outputs = ["p.chemiscope.json.gz", "p.xyz"].map((name) => join(folder, name));
  for (const out of outputs) {
    const { code, stderr } = await lather(["predict", model, train, "--out", out, "--local-energies", "--threads", "1"]);
    expect([code, stderr]).toEqual([0, "predict\n"]);
  }
  const dataset = JSON.parse(gunzipSync(readFileSync(outputs[0]!)).toString()) as {
    properties: Record<string, { values: unknown[]; units?: string }>; environments: { cutoff: number }[]; shapes: Record<string, unknown>;
  };
  const structures = await readAllStructures(outputs[1]!);
  const { properties, environments, shapes } = dataset;
  expect(properties["lather_energy"]).toEqual({ target: "structure", values: structures.map(({ info }) => info.get("lather_energy")), units: "eV" });
  expect(properties["note"]!.values).toEqual(["near", "near", "far", "far"]);
  expect(properties["lather_local_energy"]!.values).toEqual(structures.flatMap(({ arrays }) => [...(arrays.get("lather_local_energy")!.values as Float64Array)]));
  expect(properties["lather_forces[1]"]).toEqual({ target: "atom", values: structures.flatMap(({ arrays }) => [0, 3].map((k) => arrays.get("lather_forces")!.values[k])), units: "eV/Å" });
  expect(new Set(environments.map(({ cutoff }) => cutoff))).toEqual(new Set([3.75]));
  expect([environments.length, Object.keys(shapes)]).toEqual([8, ["lather_forces"]]);
});

test("what a format cannot hold is refused or said; what a reader had to say reaches standard error once", async () => {
  const refused = await lather(["predict", join(folder, "no-model.json"), poscar, "--out", join(folder, "CONTCAR")]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/CONTCAR.*VASP POSCAR holds atoms and cell alone/)]);
  const plain = join(folder, "plain.xyz");
  writeFileSync(plain, "1\nenergy=-1\nSi 0 0 0 0.25 7\n1\nenergy=-2\nSi 0 0 1 0.5 8\n");
  const selected = await lather(["select", plain, "--count", "1", "--out", join(folder, "chosen.lammpstrj"), ...settings]);
  expect(selected.stderr.match(/warning: .*plain\.xyz.*columns/g)?.length, selected.stderr).toBe(1);
  expect(selected.stderr).toMatch(/LAMMPS dump does not hold everything: energy may be missing/);
});
