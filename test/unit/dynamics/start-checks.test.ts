// Starts that cannot go well, and what the whole of a cluster may not have: angular momentum by the vector products themselves, degrees of
// freedom by the mean kinetic energy of a thermostat.
import { describe, expect, it } from "vitest";
import { degreesOfFreedom, kineticEnergyOf, removeDrift, removeRotation, type ForceProvider } from "../../../src/dynamics/motion.js";
import { Simulation } from "../../../src/dynamics/simulation.js";
import { checkOverlap, checkTimestep } from "../../../src/dynamics/start-checks.js";
import { InputError } from "../../../src/errors.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure } from "../../../src/structure/structure.js";

describe("overlap", () => {
  const dimer = (distance: number) => createStructure({ species: [8, 1], positions: [0, 0, 0, 0, 0, distance] });

  it("is a distance below half of the covalent radii, 0.66 and 0.31 Å for O and H", () => {
    expect(() => checkOverlap(dimer(0.486))).not.toThrow();
    expect(() => checkOverlap(dimer(0.484))).toThrow(InputError);
    expect(() => checkOverlap(dimer(0.3))).toThrow(/atom 0: atoms overlap: expected 0.485 Å or more between O 0 and H 1 .*got 0.300 Å/);
  });

  it("sees images across a cell, own ones too", () => {
    expect(() => checkOverlap(createStructure({ species: [14, 14], positions: [0.1, 0, 0, 9.7, 0, 0], cell: [10, 0, 0, 0, 10, 0, 0, 0, 10] }))).toThrow(/between Si 0 and Si 1.*got 0.400 Å/);
    expect(() => checkOverlap(createStructure({ species: [14], positions: [0, 0, 0], cell: [1, 0, 0, 0, 10, 0, 0, 0, 10] }))).toThrow(/between Si 0 and its own image.*correct the cell/);
    expect(() => checkOverlap(createStructure({ species: [], positions: [] }))).not.toThrow();
  });
});

describe("timestep", () => {
  const water = createStructure({ species: [8, 1, 1], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0] });

  it("is judged by the lightest element", () => {
    expect(checkTimestep(water, 1)).toBeNull();
    expect(checkTimestep(water, 2)).toMatchObject({ code: "timestep-long", text: expect.stringMatching(/2 fs is long: expected at most 1.2 fs.* H \(1.008 u\)/) });
    expect(checkTimestep(createStructure({ species: [14], positions: [0, 0, 0] }), 5)).toBeNull();
    // Deuterium, and hydrogen as heavy as oxygen.
    expect(checkTimestep(water, 1.6, [16, 2.014, 2.014])).toBeNull();
    expect(checkTimestep(water, 4, [16, 16, 16])).toBeNull();
  });

  it("of 20 fs is refused whatever the masses", () => {
    expect(() => checkTimestep(water, 20)).toThrow(/"timestep": the timestep is too long: expected at most 1.2 fs.*got 20 fs/);
    expect(() => checkTimestep(water, 20, [500, 500, 500])).toThrow(InputError);
    expect(checkTimestep(water, 19.9)).not.toBeNull();
  });
});

function angularMomentum(positions: Float64Array, velocities: Float64Array, masses: Float64Array): number[] {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const middle = [0, 1, 2].map((axis) => masses.reduce((sum, mass, atom) => sum + (mass * positions[3 * atom + axis]) / total, 0));
  return [0, 1, 2].map((axis) => {
    const [b, c] = [(axis + 1) % 3, (axis + 2) % 3];
    return masses.reduce((sum, mass, k) => sum + mass * ((positions[3 * k + b] - middle[b]) * velocities[3 * k + c] - (positions[3 * k + c] - middle[c]) * velocities[3 * k + b]), 0);
  });
}

describe("clusters do not turn", () => {
  const shapes: [string, number[]][] = [
    ["a cluster of five", [0, 0, 0, 2, 0.3, 0, 0.1, 1.7, 0.4, 1, 1, 2.5, -1, 0.5, 1]],
    ["three atoms on a line", [0, 0, 0, 1, 2, 3, 2, 4, 6]],
    ["two atoms", [5, 5, 5, 6, 5.5, 4]],
    ["one atom", [1, 2, 3]],
  ];

  it.each(shapes)("%s: the angular momentum goes, and only it", (_, place) => {
    const random = createRandom(4);
    const positions = Float64Array.from(place);
    const masses = Float64Array.from({ length: place.length / 3 }, (__, k) => 1 + 7 * k);
    const velocities = positions.map(() => random.normal());
    removeDrift({ velocities, masses });
    const before = velocities.slice();
    const energy = kineticEnergyOf({ velocities, masses });
    removeRotation({ positions, velocities, masses });
    for (const component of angularMomentum(positions, velocities, masses)) expect(Math.abs(component)).toBeLessThan(1e-10);
    const taken = before.map((v, k) => v - velocities[k]);
    // An orthogonal projection: the kinetic energies of both parts add up, and what was taken moves no two atoms apart.
    expect(kineticEnergyOf({ velocities, masses }) + kineticEnergyOf({ velocities: taken, masses })).toBeCloseTo(energy, 8);
    for (let j = 0; j < masses.length; j++) {
      for (let k = 0; k < j; k++) expect(Math.abs([0, 1, 2].reduce((sum, x) => sum + (taken[3 * j + x] - taken[3 * k + x]) * (positions[3 * j + x] - positions[3 * k + x]), 0))).toBeLessThan(1e-10);
    }
  });

  it("counts degrees of freedom", () => {
    const whole = { centerOfMassFixed: true, rotationFixed: true };
    expect([0, 1, 2, 3, 10].map((moving) => degreesOfFreedom(moving, whole))).toEqual([0, 0, 1, 3, 24]);
    expect(degreesOfFreedom(10, { centerOfMassFixed: true, rotationFixed: false })).toBe(27);
  });

  const springs: ForceProvider = (positions) => {
    const forces = new Float64Array(positions.length);
    let energy = 0;
    for (let j = 0; j < positions.length; j += 3) {
      for (let k = 0; k < j; k += 3) {
        const vector = [0, 1, 2].map((x) => positions[j + x] - positions[k + x]);
        const length = Math.hypot(...vector);
        energy += (length - 2.5) ** 2 / 2;
        vector.forEach((d, x) => {
          forces[j + x] -= ((length - 2.5) / length) * d;
          forces[k + x] += ((length - 2.5) / length) * d;
        });
      }
    }
    return { energy, forces, virial: null };
  };

  it.each([["five atoms", 0, "langevin"], ["two atoms", 2, "langevin"], ["five atoms", 0, "rescaling"]] as const)("%s (%i) under %s have the temperature that is asked for", async (_, shape, kind) => {
    const structure = createStructure({ species: new Array<number>(shapes[shape][1].length / 3).fill(14), positions: shapes[shape][1] });
    const thermostat = kind === "langevin" ? ({ kind, friction: 0.1 } as const) : ({ kind, relaxation: 10 } as const);
    const simulation = await Simulation.create(springs, structure, { ensemble: { kind: "nvt", thermostat }, timestep: 1, temperature: 300, seed: 2 });
    const start = simulation.state;
    const masses = new Float64Array(structure.species.length).fill(28.085);
    for (const component of angularMomentum(start.positions, start.velocities, masses)) expect(Math.abs(component)).toBeLessThan(1e-12);
    let [sum, samples] = [0, 0];
    await simulation.run(40_000, { every: 5, onThermodynamics: ({ temperature }) => void ((sum += temperature), samples++) });
    // 4000 independent kinetic energies at least, of f degrees of freedom: a standard error of √(2/4000f), 0.007 and 0.022. Off by one, f errs by 0.1 and 1.
    expect(Math.abs(sum / samples / 300 - 1)).toBeLessThan(shape === 2 ? 0.09 : 0.03);
    const end = simulation.state;
    for (const component of angularMomentum(end.positions, end.velocities, masses)) expect(Math.abs(component)).toBeLessThan(1e-11);
  });

  it("with a periodic axis they may", async () => {
    const wire = createStructure({ species: [14, 14, 14], positions: [0, 0, 0, 2.5, 0, 0, 1, 2, 0], cell: [20, 0, 0, 0, 20, 0, 0, 0, 20], pbc: [true, false, false] });
    const { velocities, positions } = (await Simulation.create(springs, wire, { ensemble: { kind: "nve" }, timestep: 1, temperature: 300 })).state;
    expect(Math.hypot(...angularMomentum(positions, velocities, new Float64Array(3).fill(28)))).toBeGreaterThan(0.1);
  });
});
