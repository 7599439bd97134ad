/**
 * Temperature, T = 2 E_kin / (3N − 3) k_B for a system at rest as a whole, and the Langevin thermostat: the exact solution over a time t of
 * dv = −γ v dt + √(2γ k_B T/m) dW, v ← c v + √((1 − c²) k_B T/m) ξ with c = e^{−γt}
 * (Bussi and Parrinello, Phys. Rev. E 75, 056707 (2007), doi:10.1103/PhysRevE.75.056707).
 */
import { InputError } from "../src/errors.js";
import type { Random } from "../src/selection/random.js";
import { ACCELERATION, BOLTZMANN } from "../src/dynamics/units.js";
import type { PhaseState } from "./velocity-verlet.js";

/** Σ m v²/2 in eV. */
export function kineticEnergy({ velocities, masses }: Pick<PhaseState, "velocities" | "masses">): number {
  let sum = 0;
  for (let atom = 0; atom < masses.length; atom++) {
    for (let k = 3 * atom; k < 3 * atom + 3; k++) sum += (masses[atom] * velocities[k] * velocities[k]) / 2;
  }
  return sum / ACCELERATION;
}

/** Kelvin; three degrees of freedom are taken off for the center of mass. 0 for a single atom. */
export function temperature(state: Pick<PhaseState, "velocities" | "masses">): number {
  const freedom = 3 * state.masses.length - 3;
  return freedom > 0 ? (2 * kineticEnergy(state)) / (freedom * BOLTZMANN) : 0;
}

/** Draws velocities from the Maxwell–Boltzmann distribution at `kelvin`, center of mass at rest. */
export function thermalizeVelocities(state: PhaseState, kelvin: number, random: Random): void {
  checkTemperature(kelvin);
  mixVelocities(state, 0, kelvin, random);
  stopCenterOfMass(state);
}

/**
 * Lets a Langevin bath of `kelvin` act for `time` fs with `friction` in 1/fs, center of mass kept at rest.
 * Between two steps of velocity Verlet it samples the canonical distribution.
 * @throws InputError on a negative temperature, time or friction.
 */
export function applyLangevin(state: PhaseState, { kelvin, friction, time }: { kelvin: number; friction: number; time: number }, random: Random): void {
  checkTemperature(kelvin);
  if (!(friction >= 0 && time >= 0)) throw new InputError("thermostat runs backwards", { key: "friction", expected: "friction (1/fs) and time (fs) of 0 or more", got: `${friction}, ${time}` });
  mixVelocities(state, Math.exp(-friction * time), kelvin, random);
  stopCenterOfMass(state);
}

function checkTemperature(kelvin: number): void {
  if (!(kelvin >= 0 && Number.isFinite(kelvin))) throw new InputError("temperature is negative", { key: "kelvin", expected: "0 K or more", got: String(kelvin) });
}

function mixVelocities({ velocities, masses }: PhaseState, kept: number, kelvin: number, random: Random): void {
  for (let atom = 0; atom < masses.length; atom++) {
    const spread = Math.sqrt(((1 - kept * kept) * BOLTZMANN * kelvin * ACCELERATION) / masses[atom]);
    for (let k = 3 * atom; k < 3 * atom + 3; k++) velocities[k] = kept * velocities[k] + spread * random.normal();
  }
}

function stopCenterOfMass({ velocities, masses }: PhaseState): void {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  for (let k = 0; k < 3; k++) {
    let momentum = 0;
    for (let atom = 0; atom < masses.length; atom++) momentum += masses[atom] * velocities[3 * atom + k];
    for (let atom = 0; atom < masses.length; atom++) velocities[3 * atom + k] -= momentum / total;
  }
}
