// References: second differences of the energy, the relations of a cubic crystal, and Cowley's constants of Stillinger–Weber silicon.
import { describe, expect, it } from "vitest";
import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { diamondCell, diamondPrimitiveCell } from "../../../src/properties/diamond.js";
import { cubicConstants, elasticConstants } from "../../../src/properties/elastic-constants.js";
import { cellVolume } from "../../../src/structure/structure.js";
import { strainStructure } from "../../../src/structure/supercell.js";
import { LATTICE_CONSTANT, stillingerWeber } from "./silicon.js";

describe("elastic constants of Stillinger–Weber silicon", () => {
  it("are those of the literature, with and without relaxed atoms", async () => {
    const { constants, asymmetry, converged } = await elasticConstants(stillingerWeber, diamondCell(14, LATTICE_CONSTANT), { maximalForce: 1e-6 });
    const { c11, c12, c44 } = cubicConstants(constants);
    // Cowley, doi:10.1103/PhysRevLett.60.2379.
    expect(c11).toBeCloseTo(151.4, 0);
    expect(c12).toBeCloseTo(76.4, 0);
    expect(c44).toBeCloseTo(56.4, 0);
    expect(converged).toBe(true);
    expect(asymmetry).toBeLessThan(1e-2);
    constants.forEach((value, k) => {
      const [i, j] = [Math.floor(k / 6), k % 6];
      expect(value).toBeCloseTo(i < 3 && j < 3 ? (i === j ? c11 : c12) : i === j ? c44 : 0, 2);
    });
    const clamped = cubicConstants((await elasticConstants(stillingerWeber, diamondCell(14, LATTICE_CONSTANT), { relaxAtoms: false })).constants);
    expect(clamped.c44).toBeGreaterThan(c44 + 50);
    expect(clamped.c11).toBeCloseTo(c11, 3);
  });

  it("are second derivatives of the energy, in a crystal that lies askew", async () => {
    // Two atoms in the primitive cell, turned by a rotation whose entries are fractions of 3.
    const turn = [-1, 2, 2, 2, -1, 2, 2, 2, -1].map((x, k) => x / 3 - (k % 4 === 0 ? 1 : 0));
    const crystal = strainStructure(diamondPrimitiveCell(14, LATTICE_CONSTANT), turn);
    const { constants } = await elasticConstants(stillingerWeber, crystal, { relaxAtoms: false, strain: 1e-3 });
    const voigt = [[0, 0], [1, 1], [2, 2], [1, 2], [0, 2], [0, 1]];
    const energy = (strains: Record<number, number>): number => {
      const epsilon = new Float64Array(9);
      for (const [i, e] of Object.entries(strains)) {
        const [row, column] = voigt[Number(i)];
        epsilon[3 * row + column] += e / 2;
        epsilon[3 * column + row] += e / 2;
      }
      return computeStillingerWeber(strainStructure(crystal, epsilon)).energy;
    };
    const h = 1e-3;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j <= i; j++) {
        const second = i === j ? (energy({ [i]: h }) - 2 * energy({}) + energy({ [i]: -h })) / (h * h) : (energy({ [i]: h, [j]: h }) - energy({ [i]: h, [j]: -h }) - energy({ [i]: -h, [j]: h }) + energy({ [i]: -h, [j]: -h })) / (4 * h * h);
        expect(Math.abs(constants[6 * i + j] - (second / cellVolume(crystal.cell!)) * 160.2176634)).toBeLessThan(0.1);
      }
    }
  });

  it("need a crystal and virials", async () => {
    await expect(elasticConstants(stillingerWeber, { ...diamondCell(14, 5.4), pbc: [false, true, true] })).rejects.toThrow(/periodic along all three axes/);
    const blind = analyticModel((structure) => ({ ...computeStillingerWeber(structure), virial: null }));
    await expect(elasticConstants(blind, diamondCell(14, 5.4))).rejects.toThrow(/a model that gives virials/);
  });
});
