// What `lather fit` says of data that are read without an error and yet are not what they seem.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { annotateStructure, createStructure, formatExtxyz, type Structure } from "../../../src/index.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const settings = ["--set", "basis.nMax=4", "--set", "basis.lMax=2", "--set", "cutoff.radius=4", "--threads", "1"];

function labeled(structure: Structure): Structure {
  const { energy, forces } = computeStillingerWeber(structure);
  return annotateStructure(structure, { info: [["energy", energy]], arrays: [["forces", { kind: "R", width: 3, values: forces }]] });
}

function atomInBox(energy: number): Structure {
  const box = createStructure({ species: [14], positions: [10, 10, 10], cell: [20, 0, 0, 0, 20, 0, 0, 0, 20] });
  return annotateStructure(box, { info: [["energy", energy]] });
}

function write(name: string, structures: readonly Structure[]): string {
  const path = join(folder, name);
  writeFileSync(path, structures.map(formatExtxyz).join(""));
  return path;
}

async function fit(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return lather(["fit", "--model", join(folder, "model.json"), ...settings, ...words]);
}

interface Report {
  readonly warnings: readonly { code: string; file?: string; frame?: number; text: string }[];
  readonly baseline: object;
}

const frames = Array.from({ length: 5 }, (_, k) => labeled(silicon(1, 0.05, k + 1)));

test("an atom alone in its box is the baseline, which both reports and the model tell", async () => {
  const path = write("boxed.xyz", [atomInBox(-0.25), ...frames]);
  const { code, stdout, stderr } = await fit("--train", path, "--json");
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ warnings: [], baseline: { kind: "isolated", energies: { Si: -0.25 } } });
  expect((await fit("--train", path)).stdout).toMatch(/baseline +isolated atoms: Si -0\.2500 eV/);
  expect((await fit("--train", write("bulk.xyz", frames))).stdout).toMatch(/baseline +least squares: Si -4\.\d{4} eV/);
});

test("what is doubtful is said on stderr and in --json, with file and frame", async () => {
  const conflict = write("conflict.xyz", [atomInBox(0.1), atomInBox(0.3), ...frames]);
  const held = write("held.xyz", [labeled(silicon(1, 0.05, 20)), frames[3]!]);
  const { code, stdout, stderr } = await fit("--train", conflict, "--test", held, "--json");
  expect(code, stderr).toBe(0);
  const { warnings } = JSON.parse(stdout) as Report;
  expect(warnings).toMatchObject([{ code: "isolated-atoms-differ", file: conflict, frame: 0 }, { code: "test-in-train", file: held, frame: 1 }]);
  for (const { text } of warnings) expect(stderr).toContain(`warning: ${text}\n`);
  expect(warnings[1]!.text).toContain(`test frame 1 is frame 5 of ${conflict}`);
});

test("fractional coordinates, and σ that nothing can carry", async () => {
  const shrunk = frames.map((one) => ({ ...one, positions: one.positions.map((x) => x / one.cell![0]!) }));
  const { stderr, stdout } = await fit("--train", write("fractional.xyz", shrunk), "--set", "noise.forces=1e-6", "--json");
  const codes = (JSON.parse(stdout) as Report).warnings.map(({ code }) => code);
  expect([...new Set(codes)]).toEqual(["coordinates-fractional", "noise-too-small"]);
  expect(stderr).toMatch(/warning: positions in 5 of 5 frames look like fractional coordinates.*fractional\.xyz, frame \d/);
});

test("an energy of 1e300 ends with file, line and frame, and leaves no model", async () => {
  const path = write("wild.xyz", frames.map((one, k) => (k === 2 ? annotateStructure(one, { info: [["energy", 1e300]] }) : one)));
  const { code, stderr } = await lather(["fit", "--train", path, "--model", join(folder, "none.json"), ...settings]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/wild\.xyz:21, structure 2: energy beyond what a fit can carry/);
});
