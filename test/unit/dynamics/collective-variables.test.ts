// Derivatives by finite differences, coordination numbers by a plain sum over images, and awkward cells: sheared, smaller than the cutoff.
import { describe, expect, it } from "vitest";
import { coordinationVariable, distanceVariable, rationalSwitch, type CollectiveVariable } from "../../../src/dynamics/collective-variables.js";
import { repeatStructure } from "../../../src/structure/supercell.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";

const cell = Float64Array.of(4, 0.3, 0, -0.5, 4.2, 0.2, 0.1, 0.4, 3.8);
const crystal = createStructure({ species: [14, 8, 8], positions: [0.1, 0.2, 3.7, 1.9, 1.8, 0.2, 3.6, 0.3, 1.8], cell });
const cluster = createStructure({ species: [14, 8, 8], positions: [0, 0, 0, 1.7, 0.2, 0, 0.3, 1.2, 1.5] });
const all = [0, 1, 2];

async function differences(variable: CollectiveVariable, { positions, cell: at }: Structure): Promise<void> {
  const [step, tolerance] = [1e-5, 1e-8];
  const value = async (x: Float64Array, a: Float64Array | null): Promise<number> => (await variable(x, a)).value;
  const { gradient, strain } = await variable(positions, at);
  for (let k = 0; k < positions.length; k++) {
    const moved = (by: number): Float64Array => positions.map((x, n) => (n === k ? x + by : x));
    const slope = ((await value(moved(step), at)) - (await value(moved(-step), at))) / (2 * step);
    if (!(Math.abs(slope - gradient[k]) < tolerance)) expect.fail(`∂s/∂r ${k}: ${gradient[k]}, by differences ${slope}`);
  }
  for (let k = 0; k < 9; k++) {
    const [row, column] = [Math.floor(k / 3), k % 3];
    const strained = (vectors: Float64Array, by: number): Float64Array => vectors.map((x, n) => (n % 3 === row ? x + by * vectors[n - row + column] : x));
    const at2 = (by: number): Promise<number> => value(strained(positions, by), at && strained(at, by));
    const slope = ((await at2(step)) - (await at2(-step))) / (2 * step);
    if (!(Math.abs(slope - strain![k]) < tolerance)) expect.fail(`∂s/∂ε ${k}: ${strain![k]}, by differences ${slope}`);
  }
}

describe("derivatives", () => {
  it.each<[string, Structure, (structure: Structure) => CollectiveVariable]>([
    ["distance in a cluster", cluster, (s) => distanceVariable(s, [0, 2])],
    ["distance across a sheared cell", crystal, (s) => distanceVariable(s, [0, 1])],
    ["coordination in a cluster", cluster, (s) => coordinationVariable(s, { centers: [0], neighbors: [1, 2], radius: 1.8 })],
    ["coordination in a cell smaller than the cutoff, own images included", crystal, (s) => coordinationVariable(s, { centers: all, neighbors: all, radius: 2, cutoff: 7.1 })],
    ["coordination with other exponents", crystal, (s) => coordinationVariable(s, { centers: [1, 2], neighbors: [0], radius: 2.2, numerator: 8, denominator: 14 })],
  ])("of the %s", async (_, structure, make) => differences(make(structure), structure));
});

describe("values", () => {
  it("the switching function is (1 − xⁿ)/(1 − xᵐ), n/m at x = 1, 1 at 0", () => {
    for (const x of [0, 0.3, 0.9, 1.2, 3]) expect(rationalSwitch(x, 6, 12).value).toBeCloseTo((1 - x ** 6) / (1 - x ** 12), 12);
    expect(rationalSwitch(1, 8, 14).value).toBeCloseTo(8 / 14, 15);
    expect(rationalSwitch(1, 1, 2).slope).toBeCloseTo(-0.25, 15);
  });

  it("the distance is that of the nearest images, wherever the atoms have flown", async () => {
    const box = createStructure({ species: [1, 1], positions: [0.5, 0, 0, 9.5, 0, 0], cell: [10, 0, 0, 0, 10, 0, 0, 0, 10] });
    const variable = distanceVariable(box, [0, 1]);
    expect((await variable(box.positions, box.cell)).value).toBeCloseTo(1, 14);
    expect((await variable(Float64Array.of(0.5, 0, 0, 39.5, 20, -10), box.cell)).value).toBeCloseTo(1, 12);
  });

  it("the coordination number is a plain sum over images, per center", async () => {
    const [radius, cutoff] = [2, 5];
    const s = (r: number): number => (1 - (r / radius) ** 6) / (1 - (r / radius) ** 12);
    let sum = 0;
    for (const i of [0, 1]) for (const j of [1, 2]) for (let a = -3; a <= 3; a++) for (let b = -3; b <= 3; b++) for (let c = -3; c <= 3; c++) {
      const r = Math.hypot(...[0, 1, 2].map((x) => crystal.positions[3 * j + x] - crystal.positions[3 * i + x] + a * cell[x] + b * cell[3 + x] + c * cell[6 + x]));
      if (r > 0 && r < cutoff) sum += (s(r) - s(cutoff)) / (1 - s(cutoff)) / 2;
    }
    expect((await coordinationVariable(crystal, { centers: [0, 1], neighbors: [1, 2], radius, cutoff })(crystal.positions, crystal.cell)).value).toBeCloseTo(sum, 12);
  });

  it("of a supercell is that of the cell, and 0 for atoms far apart", async () => {
    const twice = repeatStructure(crystal, [2, 1, 1]);
    const small = await coordinationVariable(crystal, { centers: all, neighbors: all, radius: 2 })(crystal.positions, crystal.cell);
    const large = await coordinationVariable(twice, { centers: [0, 1, 2, 3, 4, 5], neighbors: [0, 1, 2, 3, 4, 5], radius: 2 })(twice.positions, twice.cell);
    expect(large.value).toBeCloseTo(small.value, 12);
    const far = Float64Array.of(0, 0, 0, 50, 0, 0, 0, 50, 0);
    expect(await coordinationVariable(cluster, { centers: [0], neighbors: [1, 2], radius: 2 })(far, null)).toEqual({ value: 0, gradient: new Float64Array(9), strain: new Float64Array(9) });
  });
});

describe("errors say what to change", () => {
  it.each<[() => CollectiveVariable, RegExp]>([
    [() => distanceVariable(cluster, [0, 3]), /"atoms".*expected 0 to 2, got 3/],
    [() => distanceVariable(cluster, [1, 1]), /"atoms".*every atom once, got 1, 1/],
    [() => coordinationVariable(cluster, { centers: [], neighbors: [1], radius: 2 }), /"centers".*one atom or more/],
    [() => coordinationVariable(cluster, { centers: [0], neighbors: [1], radius: 2, numerator: 12 }), /"denominator".*above the numerator/],
    [() => coordinationVariable(cluster, { centers: [0], neighbors: [1], radius: 2, cutoff: 1 }), /"cutoff".*above the radius/],
  ])("%#", (make, message) => expect(make).toThrow(message));
});
