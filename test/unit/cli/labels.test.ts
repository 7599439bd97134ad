// What `lather fit` says of the labels: counts by name and file and warnings in --json, warnings on standard error, σ and units in the report.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const settings = ["--sparse", "3", "--set", "basis.nMax=2", "--set", "basis.lMax=1", "--set", "cutoff.radius=4", "--threads", "1"];
const model = join(folder, "model.json");

const frame = (info: string, column: string, distance: number, cell = 'Lattice="9 0 0 0 9 0 0 0 9"'): string =>
  `2\n${cell} Properties=species:S:1:pos:R:3:${column}:R:3 ${info}\nSi 0 0 0 0.1 0 0\nSi ${distance} 0 0 -0.1 0 0\n`;
function write(name: string, frames: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, frames.join(""));
  return path;
}
const mixed = write("mixed.xyz", [
  frame("dft_energy=-1 energy=-1.3", "forces", 2.3), frame("energy=-1.2 stress_kbar=\"1 0 0 0 0 0\"", "dft_forces", 2.4), frame("dft_energy=nan", "forces", 2.5),
]);
const held = write("held.xyz", [frame("dft_energy=-1.1", "forces", 2.6)]);
const sourced = write("sourced.xyz", [frame("dft_energy=-1 energy_sigma=0.1", "forces", 2.2)]);

test("--json has labels by file with counts by name, and every warning, which standard error has once", async () => {
  const { code, stdout, stderr } = await lather(["fit", "--train", mixed, sourced, "--test", held, "--model", model, "--json", ...settings]);
  expect(code, stderr).toBe(0);
  const { data, warnings, noise } = JSON.parse(stdout) as {
    data: { train: { labels: { file: string; structures: number; names: object[] }[] } }; warnings: { text: string }[]; noise: unknown;
  };
  expect(data.train.labels.map(({ file, structures }) => [file, structures])).toEqual([[mixed, 3], [sourced, 1]]);
  expect(data.train.labels[0]!.names).toMatchObject([
    { key: "dft_energy", structures: 2, used: 1, unused: 1, missing: 1 }, { key: "dft_forces", used: 1 }, { key: "forces", used: 2, unused: 0 },
    { key: "stress_kbar", used: 1, unit: "kbar", stress: true }, { key: "energy", used: 0, unused: 2, reason: "differs" },
  ]);
  expect(warnings).toMatchObject([{ code: "labels-unused", file: mixed, frame: 1, key: "energy" }]);
  expect(stderr.split("\n").filter((line) => line.startsWith("lather: warning:"))).toEqual([`lather: warning: ${warnings[0]!.text}`]);
  expect(noise).toEqual({ energy: { all: 1, frame: 1 }, forces: { all: 24 }, virial: { all: 6 } });
});

test("nothing to say is an empty list; the report for people names sources, gaps, units and σ", async () => {
  const quiet = await lather(["fit", "--train", sourced, "--model", model, "--json", ...settings, "--sparse", "2"]);
  expect([(JSON.parse(quiet.stdout) as { warnings: unknown }).warnings, quiet.stderr]).toEqual([[], expect.not.stringContaining("warning")]);
  const { stdout } = await lather(["fit", "--train", mixed, sourced, "--model", model, ...settings]);
  for (const part of [
    'energy from "dft_energy" in 1, forces from "forces" in 2 and "dft_forces" in 1, virial from "stress_kbar" (stress, in kbar) in 1', 'not there (nan): "dft_energy" in 1',
    'not used: "energy" in 2 (differs from the name taken)', "energies: 1 with noise, 1 with σ of the structure",
  ]) expect(stdout).toContain(part);
});

test("a stress without a volume is refused with file, line and structure, and a unit that makes no sense with the setting", async () => {
  const none = join(folder, "none.json");
  const flat = write("flat.xyz", [sourcedFrame(), frame('stress="1 1 1 0 0 0"', "forces", 2.2, 'Lattice="9 0 0 0 9 0 0 0 0" pbc="T T F"')]);
  const refused = async (...words: string[]): Promise<string> => {
    const { code, stderr } = await lather(["fit", "--model", none, ...settings, ...words]);
    expect([code, existsSync(none)]).toEqual([2, false]);
    return stderr;
  };
  expect(await refused("--train", flat)).toContain(`${flat}:5, structure 1, "stress": a stress needs a volume`);
  expect(await refused("--train", sourced, "--set", "keys.forcesUnit=GPa")).toContain('"keys.forcesUnit": expected eV/Å');
  expect(await refused("--train", write("odd.xyz", [frame("energy_GPa=1", "forces", 2.2)]))).toContain('odd.xyz, "energy_GPa": unit in the name of a label is not understood: expected keys.energyUnit');
  const { stdout } = await lather(["fit", "--train", sourced, "--model", model, ...settings, "--sparse", "2", "--set", "keys.energyUnit=kcal/mol"]);
  expect(stdout).toContain('energy from "dft_energy" (in kcal/mol) in 1');
});

function sourcedFrame(): string {
  return frame("dft_energy=-1", "forces", 2.2);
}
