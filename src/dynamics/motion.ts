/**
 * What moves in a simulation, and the two halves of velocity Verlet: v ← v + F Δt/2m, x ← x + v Δt
 * (Swope, Andersen, Berens and Wilson, doi:10.1063/1.442716). Units: Å, fs, eV, u; velocities in Å/fs.
 */
import { ACCELERATION, BOLTZMANN } from "./units.js";

/** Energies and forces at one configuration. */
export interface ForceEvaluation {
  /** eV */
  readonly energy: number;
  /** eV/Å, [atom][xyz]. */
  readonly forces: Float64Array;
  /** W = −∂E/∂ε in eV, [3][3], Eq. (22); null when it is unknown. */
  readonly virial: Float64Array | null;
}

/**
 * Whatever gives forces: positions in Å, [atom][xyz], unwrapped; cell rows in Å, [3][3], or null. It keeps neither and gives the same bits
 * for the same input, which is what makes a restart exact.
 */
export type ForceProvider = (positions: Float64Array, cell: Float64Array | null) => ForceEvaluation | Promise<ForceEvaluation>;

/** Everything that a restart needs, as plain data. */
export interface SimulationState {
  /** Steps done. */
  readonly step: number;
  /** Å, [atom][xyz], never wrapped into the cell. */
  readonly positions: Float64Array;
  /** Å/fs, [atom][xyz]. */
  readonly velocities: Float64Array;
  /** Rows in Å, [3][3]. */
  readonly cell: Float64Array | null;
  /** Energy that thermostat and barostat have given so far, eV. */
  readonly exchanged: number;
}

/** A state on its way, changed in place by the parts of a step. */
export interface Motion {
  step: number;
  readonly positions: Float64Array;
  readonly velocities: Float64Array;
  readonly cell: Float64Array | null;
  exchanged: number;
  evaluation: ForceEvaluation;
  /** u, [atom]; infinite for an atom that is held fixed. */
  readonly masses: Float64Array;
  /** Whether the center of mass is held fixed. */
  readonly centerOfMassFixed: boolean;
  /** Degrees of freedom of the kinetic energy. */
  readonly freedom: number;
}

/** Σ m v²/2 in eV. */
export function kineticEnergyOf({ velocities, masses }: Pick<Motion, "velocities" | "masses">): number {
  let sum = 0;
  for (let atom = 0; atom < masses.length; atom++) {
    // A fixed atom has an infinite mass and no velocity.
    if (masses[atom] === Infinity) continue;
    const [x, y, z] = [velocities[3 * atom], velocities[3 * atom + 1], velocities[3 * atom + 2]];
    sum += masses[atom] * (x * x + y * y + z * z);
  }
  return sum / (2 * ACCELERATION);
}

/** 2 E_kin/(f k_B) in K; 0 without degrees of freedom. */
export function temperatureOf(motion: Pick<Motion, "velocities" | "masses" | "freedom">): number {
  return motion.freedom > 0 ? (2 * kineticEnergyOf(motion)) / (motion.freedom * BOLTZMANN) : 0;
}

/** Lets the forces act for `time` fs. */
export function kick(motion: Motion, time: number): void {
  const { velocities, masses, evaluation } = motion;
  for (let atom = 0; atom < masses.length; atom++) {
    const scale = (ACCELERATION * time) / masses[atom];
    for (let k = 3 * atom; k < 3 * atom + 3; k++) velocities[k] += scale * evaluation.forces[k];
  }
  if (motion.centerOfMassFixed) removeDrift(motion);
}

/** Lets the atoms fly for `time` fs. */
export function drift({ positions, velocities }: Motion, time: number): void {
  for (let k = 0; k < positions.length; k++) positions[k] += velocities[k] * time;
}

/** Brings the center of mass to rest. */
export function removeDrift({ velocities, masses }: Pick<Motion, "velocities" | "masses">): void {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  for (let axis = 0; axis < 3; axis++) {
    let momentum = 0;
    for (let atom = 0; atom < masses.length; atom++) momentum += masses[atom] * velocities[3 * atom + axis];
    for (let atom = 0; atom < masses.length; atom++) velocities[3 * atom + axis] -= momentum / total;
  }
}
