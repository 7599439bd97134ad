// The embedded data as files: size, contents, and labels that belong to the positions as written.
import { readFileSync } from "node:fs";
import { gunzipSync, strFromU8 } from "fflate";
import { describe, expect, it } from "vitest";
import { applyLangevin, thermalizeVelocities } from "../../../scripts/langevin-thermostat.js";
import { diamond, repeat } from "../../../scripts/lattice.js";
import { createPhaseState, stepVelocityVerlet } from "../../../scripts/velocity-verlet.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { findLabelKeys } from "../../../src/structure/label-survey.js";
import { isIsolatedAtom, readLabels } from "../../../src/structure/labels.js";
import { createRandom } from "../../../src/selection/random.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";

function load(split: "train" | "test"): { bytes: Uint8Array; structures: ReturnType<typeof parseExtxyz> } {
  const bytes = readFileSync(new URL(`../../../public/silicon-sw-${split}.xyz.gz`, import.meta.url));
  return { bytes, structures: parseExtxyz(strFromU8(gunzipSync(bytes)), `silicon-sw-${split}.xyz`) };
}

const files = { train: load("train"), test: load("test") };
const configTypes = ["crystal", "strained", "dense", "surface", "vacancy", "liquid", "amorphous"];

describe("embedded silicon data", () => {
  it("is at most 1.5 MB and carries no time stamp", () => {
    expect(files.train.bytes.length + files.test.bytes.length).toBeLessThan(1_500_000);
    for (const { bytes } of Object.values(files)) expect(Array.from(bytes.subarray(4, 8))).toEqual([0, 0, 0, 0]);
  });

  it("has every configuration type in both files, and the isolated atom at zero energy in the first", () => {
    const types = (split: "train" | "test"): unknown[] => [...new Set(files[split].structures.map(({ info }) => info.get("config_type")))];
    expect(types("train")).toEqual(["isolated_atom", ...configTypes]);
    expect(types("test")).toEqual(configTypes);
    expect(isIsolatedAtom(files.train.structures[0])).toBe(true);
    expect(files.train.structures[0].info.get("energy")).toBe(0);
    expect(files.train.structures.length).toBe(130);
    expect(files.test.structures.length).toBe(34);
  });

  it.each(["train", "test"] as const)("%s: energy, forces and virial are those of the written positions, to the digits written", (split) => {
    const { structures } = files[split];
    const keys = findLabelKeys(structures);
    expect([keys.energy, keys.forces, keys.virial].map(([source]) => source?.key)).toEqual(["energy", "forces", "virial"]);
    structures.forEach((structure, index) => {
      const labels = readLabels(structure, keys, { structure: index });
      const { energy, forces, virial } = computeStillingerWeber(structure);
      const worst = (a: Float64Array, b: Float64Array): number => Math.max(...a.map((x, k) => Math.abs(x - b[k])));
      const errors = [Math.abs(energy - labels.energy!) / 0.6e-8, worst(forces, labels.forces!) / 0.6e-6, worst(virial, labels.virial!) / 0.6e-6];
      if (!errors.every((error) => error <= 1)) expect.fail(`structure ${index}: ${errors} of the last digit`);
    });
  });

  it("has as its first crystals what integrator and thermostat still give to the last digit: 1 ps at 300 K and a snapshot every 0.5 ps", () => {
    const random = createRandom(1985);
    const scale = 0.99 + (1.015 - 0.99) * random.uniform();
    const { positions, cell } = repeat(diamond("Si", 5.431), 2, 2, 2);
    const structure = { ...files.train.structures[1], cell: Float64Array.from(cell!, (x) => x * scale) };
    const computeForces = (at: Float64Array): Float64Array => computeStillingerWeber({ ...structure, positions: at }).forces;
    const state = createPhaseState({ positions: positions.map((x) => x * scale), masses: new Float64Array(64).fill(28.0855) }, computeForces);
    thermalizeVelocities(state, 300, random);
    for (const [frame, step] of [[1, 750], [2, 1000]]) {
      for (let k = frame === 1 ? 0 : 750; k < step; k++) {
        stepVelocityVerlet(state, 2, computeForces);
        applyLangevin(state, { kelvin: 300, friction: 0.01, time: 2 }, random);
      }
      expect(Array.from(state.positions, (x) => Number(x.toFixed(6)) + 0)).toEqual(Array.from(files.train.structures[frame].positions, (x) => x + 0));
    }
  });

  it("keeps atoms apart, and test structures are none of the training structures", () => {
    const seen = new Set(files.train.structures.map(({ positions }) => positions.join(" ")));
    expect(seen.size).toBe(130);
    for (const { positions } of files.test.structures) expect(seen.has(positions.join(" "))).toBe(false);
    for (const structure of [...files.train.structures, ...files.test.structures]) {
      for (const distance of createNeighborList(structure, 3).distances) if (!(distance > 1.9)) expect.fail(`atoms ${distance} Å apart`);
    }
  });
});
