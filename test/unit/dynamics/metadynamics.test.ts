// Free energies that are known by quadrature, the bias by finite differences, and runs that go on from their state and hills.
import { describe, expect, it } from "vitest";
import { coordinationVariable, distanceVariable } from "../../../src/dynamics/collective-variables.js";
import { Metadynamics, type Hill, type MetadynamicsOptions } from "../../../src/dynamics/metadynamics.js";
import type { ForceProvider } from "../../../src/dynamics/motion.js";
import { Simulation } from "../../../src/dynamics/simulation.js";
import type { SimulationOptions } from "../../../src/dynamics/simulation-options.js";
import { createStructure } from "../../../src/structure/structure.js";

const thermal = 8.617333262e-5 * 300;
const dimer = createStructure({ species: [14, 14], positions: [0, 0, 0, 0, 0, 2.5] });
/** Double well of the distance with minima near 2.5 and 3.5 Å, 0.15 eV below the barrier; the right one is 0.05 eV higher. */
const well = (d: number): number => 2.4 * (d - 3) ** 4 - 1.2 * (d - 3) ** 2 + 0.05 * (d - 3);
const doubleWell: ForceProvider = (positions) => {
  const vector = [0, 1, 2].map((k) => positions[3 + k] - positions[k]);
  const d = Math.hypot(...vector);
  const slope = 9.6 * (d - 3) ** 3 - 2.4 * (d - 3) + 0.05;
  const forces = Float64Array.from({ length: 6 }, (_, k) => ((k < 3 ? 1 : -1) * slope * vector[k % 3]) / d);
  return { energy: well(d), forces, virial: null };
};
const settings = { variables: [{ variable: distanceVariable(dimer, [0, 1]), sigma: 0.1 }], height: 0.01, biasFactor: 5, every: 100, temperature: 300 };
const langevin: SimulationOptions = { ensemble: { kind: "nvt", thermostat: { kind: "langevin", friction: 0.01 } }, timestep: 4, temperature: 300, seed: 2 };

/** −k_B T ln ∫ exp(−F/k_B T) ds from `from` to `to`. */
function freeEnergyOf(F: (d: number) => number, from: number, to: number): number {
  let sum = 0;
  for (let k = 0; k < 500; k++) sum += Math.exp(-F(from + ((k + 0.5) * (to - from)) / 500) / thermal) * ((to - from) / 500);
  return -thermal * Math.log(sum);
}

describe("well-tempered metadynamics", () => {
  // A dimer that does not turn has p(d) ∝ d² exp(−U/k_BT)/d²: the momenta of L = 0 are 1/d². One that turns has the d².
  it.each([["at rest as a whole", true, (d: number) => well(d)], ["that flies and turns", false, (d: number) => well(d) - 2 * thermal * Math.log(d)]] as const)("finds the free energies of the wells of a dimer %s", async (_, centerOfMassFixed, exact) => {
    const metadynamics = new Metadynamics(settings);
    const simulation = await Simulation.create(doubleWell, dimer, { ...langevin, centerOfMassFixed, bias: metadynamics });
    let crossings = 0;
    let side = -1;
    await simulation.run(50_000, {
      every: 5,
      onThermodynamics: () => {
        const now = Math.sign(metadynamics.values![0] - 3);
        if (Math.abs(metadynamics.values![0] - 3) > 0.3 && now !== side) [crossings, side] = [crossings + 1, now];
      },
    });
    expect(metadynamics.hills.length).toBe(500);
    // Without a bias exp(0.15/k_BT) = 330 attempts lie between two crossings.
    expect(crossings).toBeGreaterThan(20);
    const found = (d: number): number => metadynamics.freeEnergy([[d]])[0];
    const difference = freeEnergyOf(found, 3, 4) - freeEnergyOf(found, 2, 3);
    const expected = freeEnergyOf(exact, 3, 4) - freeEnergyOf(exact, 2, 3);
    // Over seeds it scatters by 0.005 eV; the two dimers differ by 0.017.
    if (!(Math.abs(difference - expected) < 0.015)) expect.fail(`free-energy difference ${difference}, expected ${expected} eV`);
    const barrier = found(3) - found(2.5);
    if (!(Math.abs(barrier - exact(3) + exact(2.5)) < 0.03)) expect.fail(`barrier ${barrier}, expected ${exact(3) - exact(2.5)} eV`);
  });

  it("lowers the hills by exp(−V/k_BΔT), and not with an infinite bias factor", async () => {
    for (const biasFactor of [5, Infinity]) {
      const metadynamics = new Metadynamics({ ...settings, biasFactor });
      await metadynamics.evaluate(dimer.positions, null);
      for (const step of [0, 100, 150, 200]) await metadynamics.grow(step);
      const [first, second, third] = metadynamics.hills.map(({ height }) => height);
      expect(metadynamics.hills.map(({ step }) => step)).toEqual([0, 100, 200]);
      expect(first).toBe(0.01);
      expect(second).toBeCloseTo(0.01 * Math.exp(-0.01 / (thermal * (biasFactor - 1))), 12);
      expect(third).toBeCloseTo(0.01 * Math.exp(-(first + second) / (thermal * (biasFactor - 1))), 12);
      expect(metadynamics.freeEnergy([[2.5]])[0]).toBeCloseTo(-(first + second + third) * (biasFactor === 5 ? 1.25 : 1), 12);
    }
  });
});

const cell = Float64Array.of(6, 0, 0, 0, 6, 0, 0, 0, 6);
const box = createStructure({ species: [14, 14, 14], positions: [0, 0, 0, 0, 0, 2.5, 2, 1, 0], cell });
const two: MetadynamicsOptions = {
  variables: [{ variable: distanceVariable(box, [0, 1]), sigma: 0.2 }, { variable: coordinationVariable(box, { centers: [2], neighbors: [0, 1], radius: 2.4 }), sigma: 0.3 }],
  height: 0.02, biasFactor: 6, every: 5, temperature: 300,
};

describe("the bias", () => {
  it("has the forces and the virial of its energy, with two variables", async () => {
    const hills: Hill[] = [{ step: 1, center: [2.3, 0.9], height: 0.3 }, { step: 2, center: [2.6, 1.2], height: 0.2 }];
    const metadynamics = new Metadynamics({ ...two, hills });
    const energyAt = async (positions: Float64Array, at: Float64Array): Promise<number> => (await metadynamics.evaluate(positions, at)).energy;
    const { forces, virial } = await metadynamics.evaluate(box.positions, cell);
    expect(Math.max(...forces.map(Math.abs))).toBeGreaterThan(0.05);
    const step = 1e-5;
    for (let k = 0; k < 9; k++) {
      const moved = (by: number): Float64Array => box.positions.map((x, n) => (n === k ? x + by : x));
      expect(forces[k]).toBeCloseTo(((await energyAt(moved(-step), cell)) - (await energyAt(moved(step), cell))) / (2 * step), 7);
      const [row, column] = [Math.floor(k / 3), k % 3];
      const strained = (vectors: Float64Array, by: number): Float64Array => vectors.map((x, n) => (n % 3 === row ? x + by * vectors[n - row + column] : x));
      const at = (by: number): Promise<number> => energyAt(strained(box.positions, by), strained(cell, by));
      expect(virial![k]).toBeCloseTo(((await at(-step)) - (await at(step))) / (2 * step), 7);
    }
  });

  const springs: ForceProvider = (positions) => ({ energy: positions.reduce((sum, x, k) => sum + 0.5 * (x - box.positions[k]) ** 2, 0), forces: positions.map((x, k) => box.positions[k] - x), virial: new Float64Array(9) });

  it("leaves the conserved quantity as it is when a hill is added, and frames without the bias", async () => {
    const metadynamics = new Metadynamics(two);
    const simulation = await Simulation.create(springs, box, { ...langevin, timestep: 1, bias: metadynamics });
    const values: number[] = [];
    await simulation.run(400, {
      onThermodynamics: ({ conserved, total, potential, kinetic, bias }) => {
        values.push(conserved);
        expect(total).toBe(potential + kinetic);
        expect(bias).toBe(metadynamics.biasAt(metadynamics.values!).energy);
      },
    });
    expect(simulation.thermodynamics.bias).toBeGreaterThan(0.05);
    expect(Math.max(...values) - Math.min(...values)).toBeLessThan(6e-3);
    const { positions, info, arrays } = simulation.frame;
    const { energy, forces } = await springs(positions, null);
    expect(info.get("energy")).toBe(energy);
    expect(arrays.get("forces")!.values).toEqual(forces);
  });

  it("goes on from state and hills with the same bits, at constant pressure, too", async () => {
    const npt: SimulationOptions = { ...langevin, timestep: 1, pressure: 0.1, ensemble: { kind: "npt", thermostat: { kind: "langevin", friction: 0.01 }, barostat: { cell: "full", compressibility: 0.1, relaxation: 1000 } } };
    const [whole, first] = [new Metadynamics(two), new Metadynamics(two)];
    const straight = await Simulation.create(springs, box, { ...npt, bias: whole });
    await straight.run(60);
    const begun = await Simulation.create(springs, box, { ...npt, bias: first });
    await begun.run(25);
    const second = new Metadynamics({ ...two, hills: structuredClone(first.hills) });
    const resumed = await Simulation.create(springs, box, { ...npt, bias: second, state: structuredClone(begun.state) });
    expect(resumed.thermodynamics).toEqual(begun.thermodynamics);
    await resumed.run(35);
    expect(resumed.state).toEqual(straight.state);
    expect(resumed.thermodynamics).toEqual(straight.thermodynamics);
    expect(second.hills).toEqual(whole.hills);
    expect(second.hills.length).toBe(12);
  });

  it.each<[Partial<MetadynamicsOptions>, RegExp]>([
    [{ variables: [] }, /"variables".*one or more, got none/],
    [{ biasFactor: 1 }, /"biasFactor".*above 1/],
    [{ height: 0 }, /"height"/],
    [{ every: 0.5 }, /"every"/],
    [{ temperature: 0 }, /"temperature"/],
    [{ hills: [{ step: 1, center: [2], height: 1 }] }, /"hills".*expected 2 numbers, got 1/],
  ])("%# errors say what to change", (options, message) => expect(() => new Metadynamics({ ...two, ...options })).toThrow(message));
});
