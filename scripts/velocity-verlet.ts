/**
 * Velocity Verlet: v ← v + F Δt/2m, x ← x + v Δt, F ← F(x), v ← v + F Δt/2m
 * (Swope, Andersen, Berens and Wilson, J. Chem. Phys. 76, 637 (1982), doi:10.1063/1.442716).
 * Units: Å, fs, eV and unified atomic mass units; velocities in Å/fs.
 */
import { InputError } from "../src/errors.js";
import { ACCELERATION } from "../src/dynamics/units.js";

/** Forces in eV/Å at positions in Å, both [atom][xyz]; it must neither keep nor change the positions. */
export type ComputeForces = (positions: Float64Array) => Float64Array;

/** The moving state of a system; an integrator changes it in place. */
export interface PhaseState {
  /** Å, [atom][xyz]; never wrapped. */
  readonly positions: Float64Array;
  /** Å/fs, [atom][xyz]. */
  readonly velocities: Float64Array;
  /** eV/Å at `positions`, [atom][xyz]. */
  forces: Float64Array;
  /** u, [atom]. */
  readonly masses: Float64Array;
}

/**
 * A state at `positions` (Å, [atom][xyz]; copied) with the forces there; at rest unless `velocities` (Å/fs, [atom][xyz]) are given.
 * @throws InputError on lengths that disagree or a mass that is not positive.
 */
export function createPhaseState(
  { positions, masses, velocities }: { positions: ArrayLike<number>; masses: ArrayLike<number>; velocities?: ArrayLike<number> },
  computeForces: ComputeForces,
): PhaseState {
  const size = masses.length;
  for (const [key, array] of [["positions", positions], ["velocities", velocities ?? positions]] as const) {
    if (array.length !== 3 * size) throw new InputError(`${key} and masses disagree`, { key, expected: `${3 * size} numbers for ${size} atoms`, got: `${array.length}` });
  }
  const massless = Array.from(masses).findIndex((mass) => !(mass > 0 && Number.isFinite(mass)));
  if (massless >= 0) throw new InputError("mass is not positive", { key: "masses", atom: massless, expected: "a mass in u above 0", got: String(masses[massless]) });
  const start = Float64Array.from(positions);
  return {
    positions: start,
    velocities: velocities ? Float64Array.from(velocities) : new Float64Array(3 * size),
    forces: computeForces(start),
    masses: Float64Array.from(masses),
  };
}

/** Advances `state` by one step of `timeStep` fs. */
export function stepVelocityVerlet(state: PhaseState, timeStep: number, computeForces: ComputeForces): void {
  const { positions, velocities } = state;
  kick(state, timeStep / 2);
  for (let k = 0; k < positions.length; k++) positions[k] += velocities[k] * timeStep;
  state.forces = computeForces(positions);
  kick(state, timeStep / 2);
}

function kick({ velocities, forces, masses }: PhaseState, time: number): void {
  for (let atom = 0; atom < masses.length; atom++) {
    const scale = (ACCELERATION * time) / masses[atom];
    for (let k = 3 * atom; k < 3 * atom + 3; k++) velocities[k] += scale * forces[k];
  }
}
