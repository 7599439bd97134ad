// References: the formula itself, ASE's fit of the same numbers, and derivatives of the Stillinger–Weber crystal's energy by differences.
import { describe, expect, it } from "vitest";
import { InputError, NumericalError } from "../../../src/errors.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { birchMurnaghanEnergy, equationOfState, fitBirchMurnaghan } from "../../../src/properties/equation-of-state.js";
import { diamondCell, diamondPrimitiveCell } from "../../../src/properties/diamond.js";
import { LATTICE_CONSTANT, stillingerWeber } from "./silicon.js";

const algebra = await createLinearAlgebra();

describe("Birch–Murnaghan fit", () => {
  it.each([[160.2, 98, 4.2], [20, 450, 3.1], [73, 12, 4], [40, 80, 7]])("gives back V₀ %d Å³, B₀ %d GPa, B₀' %d", (volume, bulkModulus, bulkModulusDerivative) => {
    const truth = { energy: -512.25, volume, bulkModulus, bulkModulusDerivative };
    const volumes = Array.from({ length: 8 }, (_, k) => volume * (0.93 + 0.02 * k));
    const fit = fitBirchMurnaghan(algebra, volumes, volumes.map((v) => birchMurnaghanEnergy(truth, v)));
    expect(fit.energy).toBeCloseTo(truth.energy, 9);
    expect(fit.volume / volume).toBeCloseTo(1, 8);
    expect(fit.bulkModulus / bulkModulus).toBeCloseTo(1, 6);
    expect(fit.bulkModulusDerivative).toBeCloseTo(bulkModulusDerivative, 4);
    expect(fit.residual).toBeLessThan(1e-9);
  });

  it("has B₀ = V E'' and B₀' = −1 − V E'''/E'' in its formula", () => {
    const fit = { energy: 1, volume: 100, bulkModulus: 90, bulkModulusDerivative: 4.7 };
    const [h, e] = [0.5, (v: number): number => birchMurnaghanEnergy(fit, v)];
    const second = (e(100 + h) - 2 * e(100) + e(100 - h)) / h ** 2;
    const third = (e(100 + 2 * h) - 2 * e(100 + h) + 2 * e(100 - h) - e(100 - 2 * h)) / (2 * h ** 3);
    expect(100 * second * 160.2176634).toBeCloseTo(90, 1);
    expect(-1 - (100 * third) / second).toBeCloseTo(4.7, 2);
  });

  it("agrees with ASE 3.22.1, EquationOfState(v, e, \"birchmurnaghan\").fit() and its eos_parameters", () => {
    const volumes = [145, 150, 155, 160, 165, 170, 175];
    const fit = fitBirchMurnaghan(algebra, volumes, [-34.35, -34.55, -34.66, -34.69, -34.65, -34.55, -34.4]);
    expect(fit.volume).toBeCloseTo(159.527787026, 4);
    expect(fit.energy).toBeCloseTo(-34.6896817266, 5);
    expect(fit.bulkModulus).toBeCloseTo(71.32295006, 2);
    expect(fit.bulkModulusDerivative).toBeCloseTo(3.54299548, 3);
  });

  it("refuses three volumes, and volumes on one side of the minimum", () => {
    expect(() => fitBirchMurnaghan(algebra, [1, 2, 3], [1, 0, 1])).toThrow(InputError);
    expect(() => fitBirchMurnaghan(algebra, [10, 11, 12, 13, 14], [5, 4, 3.2, 2.6, 2.2])).toThrow(NumericalError);
  });
});

describe("equation of state of Stillinger–Weber silicon", () => {
  it("has the lattice constant of the closed form and the bulk modulus of the literature", async () => {
    const { scale, bulkModulus, energy, residual } = await equationOfState(stillingerWeber, diamondCell(14, 5.5), { strain: 0.03 });
    expect(5.5 * scale).toBeCloseTo(LATTICE_CONSTANT, 3);
    // Cowley, doi:10.1103/PhysRevLett.60.2379: C11 151.4, C12 76.4 GPa, so that B = (C11 + 2 C12)/3 = 101.4.
    expect(bulkModulus).toBeGreaterThan(101.2);
    expect(bulkModulus).toBeLessThan(101.6);
    expect(energy).toBeCloseTo(-16 * 2.16826, 3);
    expect(residual).toBeLessThan(1e-3);
  });

  it("is the same of the primitive cell, and with atoms relaxed", async () => {
    const cubic = await equationOfState(stillingerWeber, diamondCell(14, 5.43));
    const primitive = await equationOfState(stillingerWeber, diamondPrimitiveCell(14, 5.43), { relaxAtoms: true });
    expect(4 * primitive.volume).toBeCloseTo(cubic.volume, 8);
    expect(primitive.bulkModulus).toBeCloseTo(cubic.bulkModulus, 5);
    expect(primitive.bulkModulusDerivative).toBeCloseTo(cubic.bulkModulusDerivative, 4);
  });

  it("needs a crystal, and a range that holds the minimum", async () => {
    await expect(equationOfState(stillingerWeber, { ...diamondCell(14, 5.43), pbc: [true, true, false] })).rejects.toThrow(/periodic along all three axes, got pbc true true false/);
    await expect(equationOfState(stillingerWeber, diamondCell(14, 5.8))).rejects.toThrow(/relax the cell first/);
    await expect(equationOfState(stillingerWeber, diamondCell(14, 5.4), { points: 3 })).rejects.toThrow(InputError);
  });
});
