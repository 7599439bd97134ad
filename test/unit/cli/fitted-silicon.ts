import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { lather } from "./run.js";

const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();

/** Eight atoms of the crystal with lattice constant `a` in Å. */
export function siliconCell(a = 5.431): Structure {
  return createStructure({ species: new Array<number>(8).fill(14), positions: sites.map((x) => (x * a) / 4), cell: [a, 0, 0, 0, a, 0, 0, 0, a] });
}

/** The same with atoms off their sites by up to `shake` Å, another way for each seed. */
export function shakenSilicon(a: number, shake: number, seed: number): Structure {
  const structure = siliconCell(a);
  return { ...structure, positions: structure.positions.map((x, k) => x + shake * Math.sin(3 * k + 17 * seed)) };
}

/** Fits a model of Stillinger–Weber silicon near the crystal, in a second, and returns its path in `folder`. */
export async function fitSilicon(folder: string): Promise<string> {
  const frames = Array.from({ length: 12 }, (_, frame) => {
    const structure = shakenSilicon(5.3 + 0.025 * frame, 0.03 * (frame % 5), frame);
    const { energy, forces, virial } = computeStillingerWeber(structure);
    return { ...structure, info: new Map<string, number | number[]>([["energy", energy], ["virial", [...virial]]]), arrays: new Map([["forces", { kind: "R" as const, width: 3, values: forces }]]) };
  });
  const [train, model] = [join(folder, "train.xyz"), join(folder, "model.json")];
  writeFileSync(train, frames.map(formatExtxyz).join(""));
  const fitted = await lather(["fit", "--train", train, "--model", model, "--sparse", "40", "--set", "basis.nMax=4", "--set", "basis.lMax=3", "--set", "cutoff.radius=4"]);
  if (fitted.code !== 0) throw new Error(fitted.stderr);
  return model;
}
