// References: the exact motion of a harmonic oscillator and of free flight, conservation laws, and equipartition.
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { applyLangevin, kineticEnergy, temperature, thermalizeVelocities } from "../../../scripts/langevin-thermostat.js";
import { createPhaseState, stepVelocityVerlet, type PhaseState } from "../../../scripts/velocity-verlet.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure } from "../../../src/structure/structure.js";

const harmonic = (stiffness: number) => (positions: Float64Array): Float64Array => positions.map((x) => -stiffness * x);

/** ω in rad/fs of a mass in u on a spring in eV/Å², from SI: √(16.0218 N/m / 1.66054e-27 kg) = 9.8227e13 rad/s at 1 eV/Å², 1 u. */
const frequency = (stiffness: number, mass: number): number => Math.sqrt((stiffness * 16.02176634) / (mass * 1.6605390666e-27)) * 1e-15;

describe("velocity Verlet", () => {
  it("follows a harmonic oscillator with an error of second order in the time step", () => {
    const stiffness = 5;
    const masses = [28, 12];
    const error = (steps: number): number => {
      const duration = 100;
      const state = createPhaseState({ positions: [1, 0, 0, 0, 0.5, 0], masses }, harmonic(stiffness));
      for (let step = 0; step < steps; step++) stepVelocityVerlet(state, duration / steps, harmonic(stiffness));
      return Math.hypot(state.positions[0] - Math.cos(frequency(stiffness, 28) * duration), state.positions[4] - 0.5 * Math.cos(frequency(stiffness, 12) * duration));
    };
    expect(error(400)).toBeLessThan(1e-3);
    const order = Math.log2(error(200) / error(400));
    if (!(Math.abs(order - 2) <= 0.05)) expect.fail(`order ${order}`);
  });

  it("returns to its start when the velocities are turned round", () => {
    const state = createPhaseState({ positions: [1, 0.2, -0.4], masses: [2], velocities: [0.01, 0, 0.02] }, harmonic(3));
    for (let step = 0; step < 500; step++) stepVelocityVerlet(state, 0.5, harmonic(3));
    for (let k = 0; k < 3; k++) state.velocities[k] *= -1;
    for (let step = 0; step < 500; step++) stepVelocityVerlet(state, 0.5, harmonic(3));
    expect(Math.hypot(state.positions[0] - 1, state.positions[1] - 0.2, state.positions[2] + 0.4)).toBeLessThan(1e-11);
  });

  it("conserves energy and momentum of Stillinger–Weber silicon", () => {
    const a = 5.431;
    const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
    const structure = createStructure({ species: new Array<number>(8).fill(14), positions: sites.map((x) => (x * a) / 4), cell: [a, 0, 0, 0, a, 0, 0, 0, a] });
    const forcesAt = (positions: Float64Array): Float64Array => computeStillingerWeber({ ...structure, positions }).forces;
    const drift = (timeStep: number): number => {
      const state = createPhaseState({ positions: structure.positions, masses: new Array<number>(8).fill(28.0855) }, forcesAt);
      thermalizeVelocities(state, 1200, createRandom(2));
      const energy = (): number => computeStillingerWeber({ ...structure, positions: state.positions }).energy + kineticEnergy(state);
      const start = energy();
      let worst = 0;
      for (let time = 0; time < 200; time += timeStep) {
        stepVelocityVerlet(state, timeStep, forcesAt);
        worst = Math.max(worst, Math.abs(energy() - start));
      }
      for (let k = 0; k < 3; k++) expect(Math.abs(state.velocities.reduce((sum, v, index) => (index % 3 === k ? sum + v : sum), 0))).toBeLessThan(1e-14);
      return worst;
    };
    const fine = drift(1);
    // The shadow Hamiltonian differs by O(ω²Δt²/8) of the 1.1 eV of kinetic energy: ω = 0.1 rad/fs gives 1e-3.
    expect(fine).toBeLessThan(5e-3);
    expect(drift(2) / fine).toBeGreaterThan(3);
    expect(drift(2) / fine).toBeLessThan(5.5);
  });

  it("refuses lengths that disagree and masses that are not positive", () => {
    expect(() => createPhaseState({ positions: [0, 0, 0], masses: [1, 1] }, harmonic(1))).toThrow(InputError);
    expect(() => createPhaseState({ positions: [0, 0, 0], masses: [1], velocities: [0] }, harmonic(1))).toThrow(/velocities/);
    expect(() => createPhaseState({ positions: [0, 0, 0], masses: [0] }, harmonic(1))).toThrow(/atom 0/);
  });
});

describe("Langevin thermostat", () => {
  const manyAtoms = (): PhaseState => createPhaseState({ positions: new Float64Array(6000), masses: Float64Array.from({ length: 2000 }, (_, k) => 1 + (k % 3)) }, harmonic(0));

  it("draws velocities at the wanted temperature, shared equally by all masses, center of mass at rest", () => {
    const state = manyAtoms();
    thermalizeVelocities(state, 500, createRandom(1));
    expect(Math.abs(temperature(state) / 500 - 1)).toBeLessThan(0.05);
    for (const mass of [1, 2, 3]) {
      let squares = 0;
      for (let k = 0; k < 6000; k++) if (state.masses[Math.floor(k / 3)] === mass) squares += state.velocities[k] ** 2 / 2000;
      // ⟨v²⟩ = k_B T/m in SI: 8.31446 J/(mol K) · 500 K / (m g/mol) in Å²/fs².
      expect(Math.abs(squares / ((8.314462618 * 500 * 1e3 * 1e-10) / mass) - 1)).toBeLessThan(0.12);
    }
    let momentum = 0;
    for (let k = 0; k < 6000; k += 3) momentum += state.masses[k / 3] * state.velocities[k];
    expect(Math.abs(momentum)).toBeLessThan(1e-12);
  });

  it("relaxes the temperature as 1 − exp(−2γt), in one long step as in many short ones", () => {
    for (const steps of [1, 40]) {
      const state = manyAtoms();
      const random = createRandom(9);
      for (let step = 0; step < steps; step++) applyLangevin(state, { kelvin: 300, friction: 0.01, time: 40 / steps }, random);
      expect(Math.abs(temperature(state) / (300 * (1 - Math.exp(-0.8))) - 1)).toBeLessThan(0.05);
    }
  });

  it("samples the canonical energy of a harmonic solid", () => {
    const stiffness = 2;
    const state = createPhaseState({ positions: new Float64Array(900), masses: new Float64Array(300).fill(10) }, harmonic(stiffness));
    const random = createRandom(5);
    let potential = 0;
    let samples = 0;
    for (let step = 0; step < 3000; step++) {
      stepVelocityVerlet(state, 1, harmonic(stiffness));
      applyLangevin(state, { kelvin: 400, friction: 0.02, time: 1 }, random);
      if (step < 500) continue;
      potential += state.positions.reduce((sum, x) => sum + (stiffness * x * x) / 2, 0);
      samples++;
    }
    // Equipartition: k_B T/2 for each of the 900 coordinates, less the three of the center of mass, which stays at the origin.
    expect(Math.abs(potential / samples / ((897 * 8.617333e-5 * 400) / 2) - 1)).toBeLessThan(0.02);
  });

  it("refuses negative temperatures and times", () => {
    const state = manyAtoms();
    expect(() => thermalizeVelocities(state, -1, createRandom(1))).toThrow(InputError);
    expect(() => applyLangevin(state, { kelvin: 300, friction: -1, time: 1 }, createRandom(1))).toThrow(InputError);
  });
});
