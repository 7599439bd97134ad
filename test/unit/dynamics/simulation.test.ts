// Every ensemble is tested in the same way: what it conserves, what it repeats, what it leaves at rest. Distributions are compared with
// statistical mechanics in closed form: Maxwell–Boltzmann, BAOAB on a harmonic spring, the ideal gas at constant pressure.
import { beforeAll, describe, expect, it } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Backend } from "../../../src/backend/backend.js";
import { createSimulation } from "../../../src/dynamics/create-simulation.js";
import type { ForceProvider } from "../../../src/dynamics/motion.js";
import { Simulation } from "../../../src/dynamics/simulation.js";
import type { Ensemble, SimulationOptions } from "../../../src/dynamics/simulation-options.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";

const BOLTZMANN = 8.617333262e-5;
const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
const silicon = createStructure({ species: new Array<number>(8).fill(14), positions: sites.map((x) => (x * 5.431) / 4), cell: [5.431, 0, 0, 0, 5.431, 0, 0, 0, 5.431] });
const stillingerWeber: ForceProvider = (positions, cell) => computeStillingerWeber({ ...silicon, positions, cell });

const langevin = { kind: "langevin", friction: 0.01 } as const;
const rescaling = { kind: "rescaling", relaxation: 50 } as const;
const barostat = { compressibility: 0.01, relaxation: 1000 };
const ensembles: [string, Ensemble][] = [
  ["NVE", { kind: "nve" }],
  ["NVT, Langevin", { kind: "nvt", thermostat: langevin }],
  ["NVT, velocity rescaling", { kind: "nvt", thermostat: rescaling }],
  ["NPT, velocity rescaling", { kind: "npt", thermostat: rescaling, barostat }],
  ["NPT, Langevin", { kind: "npt", thermostat: langevin, barostat }],
  ["NPT with a full cell, velocity rescaling", { kind: "npt", thermostat: rescaling, barostat: { ...barostat, cell: "full" } }],
  ["NPT with a full cell, Langevin", { kind: "npt", thermostat: langevin, barostat: { ...barostat, cell: "full" } }],
];

function start(ensemble: Ensemble, options: Partial<SimulationOptions> = {}): Promise<Simulation> {
  return Simulation.create(stillingerWeber, silicon, { ensemble, timestep: 1, temperature: 600, pressure: 0, seed: 3, ...options });
}

describe.each(ensembles)("%s", (_, ensemble) => {
  it("conserves its quantity, with an error of second order in the timestep", async () => {
    const spread = async (timestep: number): Promise<number> => {
      const simulation = await start(ensemble, { timestep });
      const values = [simulation.thermodynamics.conserved];
      await simulation.run(Math.round(400 / timestep), { onThermodynamics: ({ conserved }) => void values.push(conserved) });
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    const [coarse, fine] = [await spread(2), await spread(1)];
    // The kinetic energy is 0.6 eV; the shadow Hamiltonian differs by (ωΔt)²/8 of it.
    expect(fine).toBeLessThan(2e-3);
    const ratio = coarse / fine;
    if (!(ratio > 2.5 && ratio < 7)) expect.fail(`halving the timestep divides the error by ${ratio}`);
  });

  it("goes on from its state, through plain data, with the same bits", async () => {
    const whole = await start(ensemble, { temperature: { from: 600, to: 300, steps: 30 } });
    await whole.run(31);
    const first = await start(ensemble, { temperature: { from: 600, to: 300, steps: 30 } });
    await first.run(13);
    const second = await start(ensemble, { temperature: { from: 600, to: 300, steps: 30 }, state: structuredClone(first.state) });
    await second.run(18);
    expect(second.state).toEqual(whole.state);
    expect(second.thermodynamics).toEqual(whole.thermodynamics);
    expect(first.state.step).toBe(13);
  });

  it("keeps the center of mass at rest", async () => {
    const simulation = await start(ensemble);
    await simulation.run(50);
    const { velocities } = simulation.state;
    for (let axis = 0; axis < 3; axis++) expect(Math.abs(velocities.reduce((sum, v, k) => (k % 3 === axis ? sum + v : sum), 0))).toBeLessThan(1e-15);
  });

  it("stops between two steps when told to, and can go on", async () => {
    const controller = new AbortController();
    const simulation = await start(ensemble);
    const stopped = simulation.run(20, { signal: controller.signal, onThermodynamics: ({ step }) => void (step === 7 && controller.abort(new Error("enough"))) });
    await expect(stopped).rejects.toThrow("enough");
    expect(simulation.state.step).toBe(7);
    await simulation.run(13);
    const whole = await start(ensemble);
    await whole.run(20);
    expect(simulation.state).toEqual(whole.state);
  });
});

describe("distributions", () => {
  it("NVE runs backwards to its start when the velocities are turned round", async () => {
    const there = await start({ kind: "nve" });
    await there.run(100);
    const state = there.state;
    const back = await start({ kind: "nve" }, { state: { ...state, velocities: state.velocities.map((v) => -v) } });
    await back.run(100);
    const error = Math.hypot(...back.state.positions.map((x, k) => x - silicon.positions[k]));
    expect(error).toBeLessThan(1e-10);
  });

  const count = 12;
  const gas = createStructure({ species: new Array<number>(count).fill(10), positions: Array.from({ length: 3 * count }, (_, k) => k), cell: [30, 0, 0, 0, 30, 0, 0, 0, 30] });

  // f/2-shaped gamma distribution of E_kin/k_BT, in ten classes of equal probability: χ² has 9 degrees of freedom, 27.9 is exceeded once in 1000.
  // Both baths are exact over any time; the mean kinetic energy of bound atoms depends on the timestep, which the spring below shows.
  it.each([
    ["Langevin", 1, { kind: "langevin", friction: 0.2 }],
    ["Langevin", 10, { kind: "langevin", friction: 0.2 }],
    ["velocity rescaling", 1, { kind: "rescaling", relaxation: 5 }],
    ["velocity rescaling", 10, { kind: "rescaling", relaxation: 5 }],
  ] as const)("kinetic energy under %s is Maxwell–Boltzmann (χ²), also with a timestep of %i fs", async (_, timestep, thermostat) => {
    const free: ForceProvider = (positions) => ({ energy: 0, forces: new Float64Array(positions.length), virial: new Float64Array(9) });
    const simulation = await Simulation.create(free, gas, { ensemble: { kind: "nvt", thermostat }, timestep, temperature: 300, seed: 11 });
    const samples: number[] = [];
    await simulation.run(60_000 / timestep, { every: 30 / timestep, onThermodynamics: ({ kinetic }) => void samples.push(kinetic / (BOLTZMANN * 300)) });
    const freedom = 3 * count - 3;
    const density = (x: number): number => Math.exp((freedom / 2 - 1) * Math.log(x / 16) - x);
    const grid = Array.from({ length: 60_000 }, (_, k) => (k + 0.5) * 0.001);
    const total = grid.reduce((sum, x) => sum + density(x), 0);
    const limits: number[] = [];
    let below = 0;
    for (const x of grid) {
      below += density(x) / total;
      if (limits.length < 9 && below >= (limits.length + 1) / 10) limits.push(x);
    }
    const counts = new Array<number>(10).fill(0);
    for (const sample of samples) counts[limits.filter((limit) => sample > limit).length]++;
    const expected = samples.length / 10;
    const chiSquared = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    if (!(chiSquared < 27.9)) expect.fail(`χ² ${chiSquared}: ${counts.join(" ")}`);
  });

  it("BAOAB on a spring has ⟨x²⟩ = k_BT/k at any timestep, and ⟨E_kin⟩ smaller by the factor 1 − (ωΔt)²/4", async () => {
    const stiffness = 5;
    const spring: ForceProvider = (positions) => ({ energy: 0, forces: positions.map((x) => -stiffness * x), virial: null });
    const omega = Math.sqrt((stiffness * 0.00964853322) / 20.1797);
    const atoms = createStructure({ species: new Array<number>(40).fill(10), positions: new Float64Array(120) });
    for (const fraction of [0.3, 1]) {
      const timestep = fraction / omega;
      const simulation = await Simulation.create(spring, atoms, { ensemble: { kind: "nvt", thermostat: { kind: "langevin", friction: omega } }, timestep, temperature: 300, seed: 5, centerOfMassFixed: false });
      let [squares, kinetic, samples] = [0, 0, 0];
      await simulation.run(4000, { onFrame: ({ positions }) => void positions.forEach((x) => (squares += x * x)), onThermodynamics: (row) => void ((kinetic += row.kinetic), samples++) });
      const position = (squares * stiffness) / (120 * samples * BOLTZMANN * 300);
      const motion = (2 * kinetic) / (120 * samples * BOLTZMANN * 300);
      if (!(Math.abs(position - 1) < 0.012)) expect.fail(`⟨x²⟩ is ${position} k_BT/k at ωΔt = ${fraction}`);
      if (!(Math.abs(motion - 1 + fraction ** 2 / 4) < 0.012)) expect.fail(`⟨E_kin⟩ is ${motion} of k_BT/2 at ωΔt = ${fraction}`);
    }
  });

  it("NPT gives an ideal gas at rest the volume N k_BT/P with the variance N (k_BT/P)²", async () => {
    const free: ForceProvider = (positions) => ({ energy: 0, forces: new Float64Array(positions.length), virial: new Float64Array(9) });
    const pressure = 0.05;
    const unit = (BOLTZMANN * 300 * 160.2176634) / pressure;
    const edge = Math.cbrt(count * unit);
    const box = { ...gas, cell: Float64Array.of(edge, 0, 0, 0, edge, 0, 0, 0, edge) };
    const thermostat = { kind: "langevin", friction: 0.2 } as const;
    const ensemble: Ensemble = { kind: "npt", thermostat, barostat: { compressibility: 1 / pressure, relaxation: 200 } };
    const simulation = await Simulation.create(free, box, { ensemble, timestep: 1, temperature: 300, pressure, seed: 9 });
    let [samples, sum, squares] = [0, 0, 0];
    await simulation.run(150_000, { every: 5, onThermodynamics: ({ volume }) => void (samples++, (sum += volume! / unit), (squares += (volume! / unit) ** 2)) });
    const mean = sum / samples;
    const variance = squares / samples - mean * mean;
    // About 700 independent volumes: standard errors of 0.13 and 0.7.
    if (!(Math.abs(mean - count) < 0.5)) expect.fail(`mean volume ${mean} in place of ${count} k_BT/P`);
    if (!(Math.abs(variance - count) < 2.5)) expect.fail(`variance ${variance} in place of ${count} (k_BT/P)²`);
  });
});

describe("bad starts say what to change", () => {
  it.each<[string, Structure, Partial<SimulationOptions>, RegExp]>([
    ["no cell for NPT", createStructure({ species: [14, 14], positions: [0, 0, 0, 2.4, 0, 0] }), { ensemble: ensembles[3][1] }, /periodic along all three axes, or the ensemble nve or nvt/],
    ["timestep of nothing", silicon, { timestep: 0 }, /"timestep".*above 0/],
    ["negative temperature", silicon, { temperature: { from: 300, to: -1, steps: 10 } }, /"temperature".*got -1/],
    ["friction of nothing", silicon, { ensemble: { kind: "nvt", thermostat: { kind: "langevin", friction: 0 } } }, /"thermostat.friction"/],
    ["atom that is not there", silicon, { fixedAtoms: [8] }, /"fixedAtoms".*expected 0 to 7, got 8/],
    ["fixed atoms in NPT", silicon, { ensemble: ensembles[3][1], fixedAtoms: [0] }, /none with npt/],
  ])("%s", async (_, structure, options, message) => {
    const forces: ForceProvider = (positions, cell) => computeStillingerWeber({ ...structure, positions, cell });
    const made = Simulation.create(forces, structure, { ensemble: { kind: "nve" }, timestep: 1, temperature: 300, ...options });
    await expect(made).rejects.toThrow(InputError);
    await expect(made).rejects.toThrow(message);
  });

  it("forces out of bounds and a timestep that is far too long for them", async () => {
    const close = { ...silicon, positions: silicon.positions.map((x, k) => (k === 12 ? 0.2 : k === 13 || k === 14 ? 0.1 : x)) };
    const overlapping = await Simulation.create(stillingerWeber, close, { ensemble: { kind: "nve" }, timestep: 1, temperature: 300 });
    await expect(overlapping.run(100)).rejects.toThrow(/relax the structure first \(do atoms overlap\?\)/);
    const hasty = await start({ kind: "nve" }, { timestep: 60 });
    await expect(hasty.run(1000)).rejects.toThrow(NumericalError);
    // What has failed in the middle of a step does not go on.
    await expect(hasty.run(1)).rejects.toThrow(/shorter timestep than 60 fs/);
  });

  it("fixed atoms stay, and the others have the degrees of freedom", async () => {
    const simulation = await start({ kind: "nvt", thermostat: langevin }, { fixedAtoms: [0, 5] });
    await simulation.run(20);
    const { positions } = simulation.state;
    for (const atom of [0, 5]) expect([...positions.subarray(3 * atom, 3 * atom + 3)]).toEqual([...silicon.positions.subarray(3 * atom, 3 * atom + 3)]);
    const { kinetic, temperature } = simulation.thermodynamics;
    expect(temperature).toBeCloseTo((2 * kinetic) / (18 * BOLTZMANN), 4);
  });
});

describe("with a fitted potential", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend("cpu", { threads: 2 });
    return () => backend.destroy();
  });

  it("conserves energy, repeats its bits, and names an element that the model does not know", async () => {
    const train = Array.from({ length: 6 }, (_, frame) => {
      const positions = silicon.positions.map((x, k) => x + 0.1 * Math.sin(3 * k + 17 * frame));
      const structure = { ...silicon, positions };
      return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
    });
    const configuration = parseFitConfiguration({ cutoff: { radius: 4 }, basis: { kind: "gto", nMax: 4, lMax: 3 }, sparse: { count: 20 } });
    const { potential } = await fitPotential(backend, train, configuration);
    const options: SimulationOptions = { ensemble: { kind: "nve" }, timestep: 1, temperature: 300, seed: 1 };
    const first = await createSimulation(backend, potential, silicon, options);
    const before = first.simulation.thermodynamics.conserved;
    await first.simulation.run(10);
    const middle = first.simulation.state;
    await first.simulation.run(10);
    expect(Math.abs(first.simulation.thermodynamics.conserved - before)).toBeLessThan(2e-3);
    const second = await createSimulation(backend, potential, silicon, { ...options, state: middle });
    await second.simulation.run(10);
    expect(second.simulation.state).toEqual(first.simulation.state);
    first.destroy();
    second.destroy();
    const foreign = { ...silicon, species: Uint8Array.from(silicon.species, (z, k) => (k === 3 ? 32 : z)) };
    const close = { ...silicon, positions: silicon.positions.map((x, k) => (k >= 12 && k < 15 ? 0.5 : x)) };
    await expect(createSimulation(backend, potential, close, options)).rejects.toThrow(/atom 0: atoms overlap: expected 1.11 Å or more between Si 0 and Si 4 .*relax.*got 0.866 Å/);
    await expect(createSimulation(backend, potential, silicon, { ...options, timestep: 20 })).rejects.toThrow(/"timestep".*at most 6.2 fs.*got 20 fs/);
    const warnings: string[] = [];
    (await createSimulation(backend, potential, silicon, { ...options, timestep: 8, onWarning: ({ text }) => void warnings.push(text) })).destroy();
    (await createSimulation(backend, potential, silicon, { ...options, timestep: 6, onWarning: ({ text }) => void warnings.push(text) })).destroy();
    expect(warnings).toEqual([expect.stringMatching(/8 fs is long: expected at most 6.2 fs/)]);
    await expect(createSimulation(backend, potential, foreign, options)).rejects.toThrow(/atom 3: the model does not know this element: expected Si .*got Ge/);
  });
});
