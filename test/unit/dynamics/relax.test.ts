// References: the closed forms of Stillinger–Weber silicon (crystal of −2ε per atom at 5.431 Å, dimer at 2^{1/6} σ), finite differences of the
// enthalpy, and harmonic wells with a known bottom.
import { describe, expect, it } from "vitest";
import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { relax } from "../../../src/dynamics/relax.js";
import { createCoordinates, exponential } from "../../../src/dynamics/relaxation-coordinates.js";
import { computeStillingerWeber, siliconParameters } from "../../../src/dynamics/stillinger-weber.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { cellVolume, createStructure, type Structure } from "../../../src/structure/structure.js";

const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
const model = analyticModel((structure) => computeStillingerWeber(structure));
const GIGAPASCAL = 160.2176634;

/** A crystal of lattice constant a (Å) in the cell a·deformation, its atoms shaken by `noise` Å. */
function silicon(a: number, noise = 0, deformation = [1, 0, 0, 0, 1, 0, 0, 0, 1]): Structure {
  const random = createRandom(5);
  const positions = sites.map((_, k) => {
    const atom = k - (k % 3);
    return [0, 1, 2].reduce((sum, row) => sum + (sites[atom + row] / 4) * a * deformation[3 * row + (k % 3)], noise * random.normal());
  });
  return createStructure({ species: new Array<number>(8).fill(14), positions, cell: deformation.map((x) => a * x) });
}

const sheared = [1.03, 0.02, -0.01, 0, 0.98, 0.04, 0.02, 0, 1.01];

describe("coordinates of a relaxation", () => {
  it.each(["fixed", "volume", "full"] as const)("have the gradient of the enthalpy with a %s cell", async (cell) => {
    const algebra = await createLinearAlgebra();
    const [structure, pressure] = [silicon(5.5, 0.1, sheared), cell === "fixed" ? 0 : 7];
    const { start, structureAt, pointAt } = createCoordinates(structure, { cell, pressure, fixedAtoms: [] }, algebra);
    const random = createRandom(2);
    // "volume" knows multiples of the unit matrix only.
    const strain = Float64Array.from({ length: 9 }, (_, k) => (cell === "full" ? 0.4 * random.normal() : k % 4 === 0 ? 0.3 : 0));
    const x = start.map((value, k) => value + (k < 24 ? 0.02 * random.normal() : (strain[k - 24] + strain[3 * ((k - 24) % 3) + Math.floor((k - 24) / 3)]) / 2));
    const enthalpy = (at: Float64Array): number => {
      const moved = structureAt(at);
      return computeStillingerWeber(moved).energy + (pressure / GIGAPASCAL) * Math.abs(cellVolume(moved.cell!));
    };
    const at = structureAt(x);
    const { gradient, value } = pointAt(x, at, computeStillingerWeber(at));
    expect(value).toBeCloseTo(enthalpy(x), 10);
    const directions = Array.from({ length: 12 }, (_, n) => x.map((_, k) => {
      if (k < 24) return n % 2 ? random.normal() : 0;
      return cell === "full" ? random.normal() : (k - 24) % 4 === 0 ? 1 + (n % 3) : 0;
    }));
    for (const way of directions) {
      // The cell's part of a direction is a symmetric matrix.
      if (cell === "full") for (const [a, b] of [[1, 3], [2, 6], [5, 7]]) way[24 + b] = way[24 + a];
      if (cell === "volume") way.set([way[24], way[24], way[24]].flatMap((d, k) => [0, 1, 2].map((l) => (l === k ? d : 0))), 24);
      const slope = (enthalpy(x.map((v, k) => v + 1e-5 * way[k])) - enthalpy(x.map((v, k) => v - 1e-5 * way[k]))) / 2e-5;
      expect(gradient.reduce((sum, g, k) => sum + g * way[k], 0)).toBeCloseTo(slope, 6);
    }
  });

  it("exponentiate a strain as its power series does", async () => {
    const u = Float64Array.of(0.3, -0.2, 0.1, -0.2, 0.1, 0.25, 0.1, 0.25, -0.4);
    let term = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    const series = term.slice();
    for (let n = 1; n < 30; n++) {
      term = term.map((_, k) => [0, 1, 2].reduce((sum, l) => sum + term[k - (k % 3) + l] * u[3 * l + (k % 3)], 0) / n);
      for (let k = 0; k < 9; k++) series[k] += term[k];
    }
    const { F, inverse } = exponential(await createLinearAlgebra(), u);
    F.forEach((value, k) => expect(value).toBeCloseTo(series[k], 13));
    for (let k = 0; k < 9; k++) expect([0, 1, 2].reduce((sum, l) => sum + F[k - (k % 3) + l] * inverse[3 * l + (k % 3)], 0)).toBeCloseTo(k % 4 === 0 ? 1 : 0, 13);
  });
});

describe("relaxation of Stillinger–Weber silicon", () => {
  it.each([["lbfgs", "full", sheared], ["fire", "full", sheared], ["lbfgs", "volume", undefined], ["fire", "volume", undefined]] as const)("%s with a %s cell finds the crystal", async (method, cell, deformation) => {
    const result = await relax(model, silicon(5.6, 0.1, deformation && [...deformation]), { method, cell, maximalForce: 1e-4, maximalStress: 1e-3 });
    expect(result.converged).toBe(true);
    expect(result.energy).toBeCloseTo(-16 * siliconParameters.epsilon, 6);
    expect(Math.cbrt(Math.abs(cellVolume(result.structure.cell!)))).toBeCloseTo(5.431, 3);
    expect(result.maximalForce).toBeLessThan(1e-4);
    // The cell is cubic again, in whatever direction it lies.
    const rows = [0, 1, 2].map((row) => result.structure.cell!.subarray(3 * row, 3 * row + 3));
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(rows[i].reduce((sum, v, k) => sum + v * rows[j][k], 0)).toBeCloseTo(i === j ? 5.431 ** 2 : 0, 1);
    expect(result.steps).toBeLessThan(method === "lbfgs" ? 60 : 400);
  });

  it("reaches the pressure that it is told, −dE/dV", async () => {
    const { structure, converged } = await relax(model, silicon(5.4, 0.02), { cell: "full", pressure: 10, maximalForce: 1e-5, maximalStress: 1e-4 });
    expect(converged).toBe(true);
    const a = Math.cbrt(cellVolume(structure.cell!));
    const energy = (length: number): number => computeStillingerWeber(silicon(length)).energy;
    expect((-(energy(a + 1e-4) - energy(a - 1e-4)) / (6e-4 * a * a)) * GIGAPASCAL).toBeCloseTo(10, 2);
    expect(a).toBeLessThan(5.35);
  });

  it("leaves fixed atoms and a fixed cell where they are", async () => {
    const start = silicon(5.431, 0.2);
    const { structure, converged } = await relax(model, start, { fixedAtoms: [0, 3], maximalForce: 1e-3 });
    expect(converged).toBe(true);
    for (const atom of [0, 3]) expect([...structure.positions.subarray(3 * atom, 3 * atom + 3)]).toEqual([...start.positions.subarray(3 * atom, 3 * atom + 3)]);
    expect(structure.positions[3]).not.toBe(start.positions[3]);
    expect(structure.cell).toEqual(start.cell);
    const { forces } = computeStillingerWeber(structure);
    for (let k = 3; k < 9; k++) expect(Math.abs(forces[k])).toBeLessThan(1e-3);
    expect(Math.hypot(forces[0], forces[1], forces[2])).toBeGreaterThan(1e-2);
  });

  it("of a dimer without a cell, and of one atom", async () => {
    const dimer = createStructure({ species: [14, 14], positions: [0, 0, 0, 1.9, 0.3, 0.1] });
    for (const method of ["lbfgs", "fire"] as const) {
      const { structure: { positions: p }, energy } = await relax(model, dimer, { method, maximalForce: 1e-5 });
      expect(Math.hypot(p[3] - p[0], p[4] - p[1], p[5] - p[2])).toBeCloseTo(2 ** (1 / 6) * siliconParameters.sigma, 5);
      expect(energy).toBeCloseTo(-siliconParameters.epsilon, 6);
    }
    expect(await relax(model, createStructure({ species: [14], positions: [1, 2, 3] }))).toMatchObject({ converged: true, steps: 0, energy: 0 });
  });
});

describe("relaxation", () => {
  it("goes down a valley a thousand times as steep as it is long", async () => {
    const stiffness = Float64Array.of(100, 10, 0.1, 50, 1, 0.2);
    const bottom = Float64Array.of(1, -0.5, 0.7, 3, 2.5, 3.5);
    const well = analyticModel(({ positions }) => ({
      energy: positions.reduce((sum, x, k) => sum + 0.5 * stiffness[k] * (x - bottom[k]) ** 2, 0),
      forces: positions.map((x, k) => stiffness[k] * (bottom[k] - x)), virial: null,
    }));
    const { structure, steps } = await relax(well, createStructure({ species: [1, 1], positions: [0, 0, 0, 3, 3, 3] }), { maximalForce: 1e-6 });
    structure.positions.forEach((x, k) => expect(x).toBeCloseTo(bottom[k], 4));
    expect(steps).toBeLessThan(40);
  });

  it("goes on where energies differ by the rounding of float32 only", async () => {
    const rounded = analyticModel((structure) => {
      const { energy, forces, virial } = computeStillingerWeber(structure);
      return { energy: Math.fround(energy), forces: forces.map(Math.fround), virial: virial.map(Math.fround) };
    });
    const { converged, structure } = await relax(rounded, silicon(5.5, 0.1, sheared), { cell: "full", maximalForce: 1e-5, maximalStress: 1e-4 });
    expect(converged).toBe(true);
    expect(Math.cbrt(Math.abs(cellVolume(structure.cell!)))).toBeCloseTo(5.431, 3);
  });

  it("says when it is not converged, reports each step, and stops when told", async () => {
    const seen: number[] = [];
    const short = await relax(model, silicon(5.5, 0.1), { maxSteps: 3, onProgress: ({ done, maximalForce }) => seen.push(done, maximalForce) });
    expect(short).toMatchObject({ converged: false, steps: 3 });
    expect([seen[0], seen[2], seen[4], seen.length]).toEqual([1, 2, 3, 6]);
    const controller = new AbortController();
    await expect(relax(model, silicon(5.5, 0.1), { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it.each([
    ["a cell where there is none", createStructure({ species: [14], positions: [0, 0, 0] }), { cell: "full" }, /periodic along all three axes, or the cell kept "fixed", got no cell/],
    ["a cell of a slab", { ...silicon(5.4), pbc: [true, true, false] as const }, { cell: "volume" }, /got pbc true true false/],
    ["a pressure on a fixed cell", silicon(5.4), { pressure: 1 }, /"pressure": a pressure acts on a cell that changes/],
    ["a force of zero", silicon(5.4), { maximalForce: 0 }, /"maximalForce": .*above 0/],
    ["an atom that is not there", silicon(5.4), { fixedAtoms: [8] }, /expected 0 to 7, got 8/],
  ] as const)("refuses %s", async (_, structure, options, message) => {
    const failure = relax(model, structure, options);
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });

  it("needs virials for a cell, and finite forces", async () => {
    const blind = analyticModel((structure) => ({ ...computeStillingerWeber(structure), virial: null }));
    await expect(relax(blind, silicon(5.5), { cell: "full" })).rejects.toThrow(/a model that gives virials/);
    const broken = analyticModel((structure) => ({ ...computeStillingerWeber(structure), forces: new Float64Array(24).fill(NaN) }));
    await expect(relax(broken, silicon(5.5))).rejects.toThrow(NumericalError);
  });
});
