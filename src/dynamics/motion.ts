/**
 * What moves in a simulation, and the two halves of velocity Verlet: v ← v + F Δt/2m, x ← x + v Δt
 * (Swope, Andersen, Berens and Wilson, doi:10.1063/1.442716). Units: Å, fs, eV, u; velocities in Å/fs.
 */
import { cellVolume } from "../structure/structure.js";
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

/** An energy on top of the model's that may grow between two steps. */
export interface Bias {
  /** As a ForceProvider, between two calls of `grow` that return true. */
  evaluate(positions: Float64Array, cell: Float64Array | null): ForceEvaluation | Promise<ForceEvaluation>;
  /** Called after every step, at the configuration that was evaluated last; whether the bias is another one now. */
  grow(step: number): boolean | Promise<boolean>;
}

/** Sums; the virial is unknown when one of both is. */
export function addEvaluations(a: ForceEvaluation, b: ForceEvaluation): ForceEvaluation {
  const virial = a.virial && b.virial ? a.virial.map((value, k) => value + b.virial![k]) : null;
  return { energy: a.energy + b.energy, forces: a.forces.map((value, k) => value + b.forces[k]), virial };
}

/** Everything that a restart needs, as plain data; a bias keeps its own. */
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
  /** Whether the angular momentum about the center of mass is held at 0. */
  readonly rotationFixed: boolean;
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

/** (Σ m v vᵀ + W)/V in eV/Å³, [3][3]; of a motion that has a cell and a virial. */
export function pressureTensorOf({ velocities, masses, cell, evaluation }: Pick<Motion, "velocities" | "masses" | "cell" | "evaluation">): Float64Array {
  const tensor = evaluation.virial!.slice();
  for (let atom = 0; atom < masses.length; atom++) {
    if (masses[atom] === Infinity) continue;
    for (let k = 0; k < 9; k++) tensor[k] += (masses[atom] * velocities[3 * atom + Math.floor(k / 3)] * velocities[3 * atom + (k % 3)]) / ACCELERATION;
  }
  const volume = Math.abs(cellVolume(cell!));
  return tensor.map((value) => value / volume);
}

/** Lets the forces act for `time` fs. */
export function kick(motion: Motion, time: number): void {
  const { velocities, masses, evaluation } = motion;
  for (let atom = 0; atom < masses.length; atom++) {
    const scale = (ACCELERATION * time) / masses[atom];
    for (let k = 3 * atom; k < 3 * atom + 3; k++) velocities[k] += scale * evaluation.forces[k];
  }
  bringToRest(motion);
}

/** Takes from the velocities what the whole must not have: drift, rotation. */
export function bringToRest(motion: Pick<Motion, "positions" | "velocities" | "masses" | "centerOfMassFixed" | "rotationFixed">): void {
  if (motion.centerOfMassFixed) removeDrift(motion);
  if (motion.rotationFixed) removeRotation(motion);
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

/** Of the trace of the inertia tensor: keeps it invertible for atoms on a line, whose rotation about it moves nothing. */
const LEAST_INERTIA = 1e-8;
/** What `LEAST_INERTIA` and the cofactors' rounding leave of L after one pass, the next ones take. */
const ROTATION_PASSES = 3;

/**
 * Brings the angular momentum L about the center of mass to 0: v ← v − ω × r with I ω = L, I the inertia tensor. In the metric of the masses this
 * is an orthogonal projection, so that what Maxwell's distribution has in the other directions stays as it is.
 */
export function removeRotation(motion: Pick<Motion, "positions" | "velocities" | "masses">): void {
  for (let pass = 0; pass < ROTATION_PASSES; pass++) slowRotation(motion);
}

function slowRotation({ positions, velocities, masses }: Pick<Motion, "positions" | "velocities" | "masses">): void {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const [cx, cy, cz] = [0, 1, 2].map((axis) => masses.reduce((sum, mass, atom) => sum + mass * positions[3 * atom + axis], 0) / total);
  let [lx, ly, lz, xx, yy, zz, xy, xz, yz] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let atom = 0; atom < masses.length; atom++) {
    const mass = masses[atom];
    const [x, y, z] = [positions[3 * atom] - cx, positions[3 * atom + 1] - cy, positions[3 * atom + 2] - cz];
    const [u, v, w] = [velocities[3 * atom], velocities[3 * atom + 1], velocities[3 * atom + 2]];
    lx += mass * (y * w - z * v);
    ly += mass * (z * u - x * w);
    lz += mass * (x * v - y * u);
    xx += mass * x * x;
    yy += mass * y * y;
    zz += mass * z * z;
    xy += mass * x * y;
    xz += mass * x * z;
    yz += mass * y * z;
  }
  const least = LEAST_INERTIA * (xx + yy + zz);
  if (least === 0) return;
  const [a, b, c] = [yy + zz + least, xx + zz + least, xx + yy + least];
  // Cofactors of I, whose other elements are −xy, −xz and −yz.
  const [aa, ab, ac] = [b * c - yz * yz, xy * c + xz * yz, xy * yz + xz * b];
  const [bb, bc, cc] = [a * c - xz * xz, a * yz + xy * xz, a * b - xy * xy];
  const determinant = a * aa - xy * ab - xz * ac;
  const [p, q, r] = [(aa * lx + ab * ly + ac * lz) / determinant, (ab * lx + bb * ly + bc * lz) / determinant, (ac * lx + bc * ly + cc * lz) / determinant];
  for (let atom = 0; atom < masses.length; atom++) {
    const [x, y, z] = [positions[3 * atom] - cx, positions[3 * atom + 1] - cy, positions[3 * atom + 2] - cz];
    velocities[3 * atom] -= q * z - r * y;
    velocities[3 * atom + 1] -= r * x - p * z;
    velocities[3 * atom + 2] -= p * y - q * x;
  }
}

/** Degrees of freedom of `moving` atoms: those of the whole that are held at rest do not count, and two atoms turn about two axes only. */
export function degreesOfFreedom(moving: number, { centerOfMassFixed, rotationFixed }: Pick<Motion, "centerOfMassFixed" | "rotationFixed">): number {
  const rotations = rotationFixed ? [0, 0, 2][moving] ?? 3 : 0;
  return Math.max(0, 3 * moving - (centerOfMassFixed ? 3 : 0) - rotations);
}
