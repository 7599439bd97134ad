/**
 * Molecular dynamics: an ensemble is a list of baths in the middle of a velocity-Verlet step; the state is plain data; every ensemble has a
 * conserved quantity, kinetic + potential energy − what its baths have given. Units: Å, fs, eV, u, K, GPa; velocities in Å/fs.
 */
import { InputError, NumericalError } from "../errors.js";
import { massOf } from "../structure/elements.js";
import { cellVolume, type Structure } from "../structure/structure.js";
import { createCellRescaling, createLangevin, createVelocityRescaling, type Bath } from "./baths.js";
import { createGaussianNoise, type GaussianNoise } from "./gaussian-noise.js";
import { checkFixedAtoms, checkRange } from "./option-checks.js";
import { drift, kick, kineticEnergyOf, removeDrift, temperatureOf, type ForceProvider, type Motion, type SimulationState } from "./motion.js";
import { ACCELERATION, BOLTZMANN, GIGAPASCAL } from "./units.js";

export type Thermostat =
  /** `friction` in 1/fs. */
  | { readonly kind: "langevin"; readonly friction: number }
  /** `relaxation` time in fs. */
  | { readonly kind: "rescaling"; readonly relaxation: number };

/** Isotropic. `compressibility` in 1/GPa (of order is enough: it only sets the speed), `relaxation` time in fs. */
export interface Barostat {
  readonly compressibility: number;
  readonly relaxation: number;
}

export type Ensemble =
  | { readonly kind: "nve" }
  | { readonly kind: "nvt"; readonly thermostat: Thermostat }
  | { readonly kind: "npt"; readonly thermostat: Thermostat; readonly barostat: Barostat };

/** A constant, or a straight line from `from` at step 0 to `to` at step `steps`, constant afterwards. */
export type Ramp = number | { readonly from: number; readonly to: number; readonly steps: number };

export interface SimulationOptions {
  readonly ensemble: Ensemble;
  /** fs */
  readonly timestep: number;
  /** K, of the thermostat and of the first velocities. */
  readonly temperature: Ramp;
  /** GPa, 0 by default; for "npt". */
  readonly pressure?: Ramp;
  /** Whole number, 0 by default. */
  readonly seed?: number;
  /** 0-based atoms that do not move. */
  readonly fixedAtoms?: readonly number[];
  /** Whether the center of mass is held at rest; by default when no atom is fixed. */
  readonly centerOfMassFixed?: boolean;
  /** u, [atom]; standard atomic weights by default. */
  readonly masses?: ArrayLike<number>;
  /** Where to go on; by default at step 0 with the structure's positions and velocities from Maxwell's distribution. */
  readonly state?: SimulationState;
}

export interface Thermodynamics {
  readonly step: number;
  /** fs */
  readonly time: number;
  /** K */
  readonly temperature: number;
  /** eV, all four. */
  readonly potential: number;
  readonly kinetic: number;
  readonly total: number;
  readonly conserved: number;
  /** GPa; null without a volume. */
  readonly pressure: number | null;
  /** Å³; null when not periodic along three axes. */
  readonly volume: number | null;
}

export interface RunOptions {
  /** Steps between two observations, 1 by default; counted from step 0 of the simulation. */
  readonly every?: number;
  /** Energies, temperature and pressure of the state. */
  readonly onThermodynamics?: (row: Thermodynamics) => void | Promise<void>;
  /** The structure, with velocities (Å/fs) and forces (eV/Å) as columns, and step, time (fs) and energy (eV). */
  readonly onFrame?: (frame: Structure) => void | Promise<void>;
  /** Aborting ends the run between two steps with the signal's reason; the state is that of the last whole step. */
  readonly signal?: AbortSignal;
}

/** Å: no bond can be followed across a longer step. */
const LONGEST_STEP = 0.5;

export function rampAt(ramp: Ramp, step: number): number {
  if (typeof ramp === "number") return ramp;
  return ramp.from + (ramp.to - ramp.from) * Math.min(step / ramp.steps, 1);
}

function checkRamp(key: string, ramp: Ramp, valid: (value: number) => boolean, expected: string): void {
  for (const value of typeof ramp === "number" ? [ramp] : [ramp.from, ramp.to]) checkRange(key, value, valid(value), expected);
  if (typeof ramp !== "number") checkRange(`${key}.steps`, ramp.steps, ramp.steps >= 1, "1 or more");
}

function createBaths(ensemble: Ensemble): Bath[] {
  if (ensemble.kind === "nve") return [];
  const { thermostat } = ensemble;
  if (thermostat.kind === "langevin") checkRange("thermostat.friction", thermostat.friction, thermostat.friction > 0, "a friction in 1/fs above 0");
  else checkRange("thermostat.relaxation", thermostat.relaxation, thermostat.relaxation > 0, "a time in fs above 0");
  const bath = thermostat.kind === "langevin" ? createLangevin(thermostat.friction) : createVelocityRescaling(thermostat.relaxation);
  if (ensemble.kind === "nvt") return [bath];
  const { compressibility, relaxation } = ensemble.barostat;
  checkRange("barostat.compressibility", compressibility, compressibility > 0, "a compressibility in 1/GPa above 0");
  checkRange("barostat.relaxation", relaxation, relaxation > 0, "a time in fs above 0");
  return [bath, createCellRescaling(compressibility, relaxation)];
}

/** Masses with infinity for fixed atoms. */
function massesOf(structure: Structure, { masses, fixedAtoms = [] }: SimulationOptions): Float64Array {
  const size = structure.species.length;
  const result = Float64Array.from(masses ?? Array.from(structure.species, massOf));
  if (result.length !== size) throw new InputError("masses and atoms disagree", { key: "masses", expected: `${size}`, got: `${result.length}` });
  result.forEach((mass, atom) => checkRange(`masses[${atom}]`, mass, mass > 0, "a mass in u above 0"));
  checkFixedAtoms(fixedAtoms, size);
  for (const atom of fixedAtoms) result[atom] = Infinity;
  return result;
}

/** Maxwell–Boltzmann velocities at `kelvin`, without drift where the center of mass is fixed: v = √(k_B T/m) ξ, [atom][xyz]. */
function drawVelocities(masses: Float64Array, kelvin: number, centerOfMassFixed: boolean, noise: GaussianNoise): Float64Array {
  const velocities = new Float64Array(3 * masses.length);
  noise("velocities", 0, velocities);
  for (let k = 0; k < velocities.length; k++) velocities[k] *= Math.sqrt((BOLTZMANN * kelvin * ACCELERATION) / masses[Math.floor(k / 3)]);
  if (centerOfMassFixed) removeDrift({ velocities, masses });
  return velocities;
}

/** A simulation at a whole step. `run` moves it on. */
export class Simulation {
  readonly #structure: Structure;
  readonly #forces: ForceProvider;
  readonly #options: SimulationOptions;
  readonly #baths: readonly Bath[];
  readonly #noise: GaussianNoise;
  readonly #motion: Motion;
  #failure: { readonly error: unknown } | null = null;

  private constructor(structure: Structure, forces: ForceProvider, options: SimulationOptions, baths: readonly Bath[], noise: GaussianNoise, motion: Motion) {
    this.#structure = structure;
    this.#forces = forces;
    this.#options = options;
    this.#baths = baths;
    this.#noise = noise;
    this.#motion = motion;
  }

  /** @throws InputError on options out of range, or "npt" without a cell periodic along three axes; whatever `forces` throws. */
  static async create(forces: ForceProvider, structure: Structure, options: SimulationOptions): Promise<Simulation> {
    const { ensemble, timestep, temperature, pressure = 0, seed = 0, fixedAtoms = [], state } = options;
    checkRange("timestep", timestep, timestep > 0, "a time in fs above 0, for example 1");
    checkRamp("temperature", temperature, (kelvin) => kelvin >= 0, "0 K or more");
    checkRamp("pressure", pressure, () => true, "a pressure in GPa");
    const baths = createBaths(ensemble);
    if (ensemble.kind === "npt") {
      const { cell, pbc } = structure;
      if (!cell || !pbc.every(Boolean)) throw new InputError("constant pressure needs a volume", { key: "ensemble", expected: "a cell that is periodic along all three axes, or the ensemble nve or nvt", got: cell ? `pbc ${pbc.join(" ")}` : "no cell" });
      if (fixedAtoms.length > 0) throw new InputError("fixed atoms cannot stay where they are in a cell that changes", { key: "fixedAtoms", expected: "none with npt", got: `${fixedAtoms.length}` });
    }
    const noise = createGaussianNoise(seed);
    const masses = massesOf(structure, options);
    const centerOfMassFixed = options.centerOfMassFixed ?? fixedAtoms.length === 0;
    if (centerOfMassFixed && fixedAtoms.length > 0) throw new InputError("fixed atoms hold the system already", { key: "centerOfMassFixed", expected: "false with fixed atoms", got: "true" });
    const size = 3 * masses.length;
    if (state && (state.positions.length !== size || state.velocities.length !== size || (state.cell === null) !== (structure.cell === null))) {
      throw new InputError("the state belongs to another structure", { key: "state", expected: `${masses.length} atoms`, got: `${state.positions.length / 3}` });
    }
    const velocities = state?.velocities.slice() ?? drawVelocities(masses, rampAt(temperature, 0), centerOfMassFixed, noise);
    const positions = (state ?? structure).positions.slice();
    const cell = (state ?? structure).cell?.slice() ?? null;
    const moving = masses.reduce((count, mass) => count + (mass < Infinity ? 1 : 0), 0);
    const evaluation = await forces(positions, cell);
    const freedom = 3 * moving - (centerOfMassFixed ? 3 : 0);
    const motion = { step: state?.step ?? 0, positions, velocities, cell, exchanged: state?.exchanged ?? 0, evaluation, masses, centerOfMassFixed, freedom };
    const simulation = new Simulation(structure, forces, options, baths, noise, motion);
    simulation.#checkFinite();
    if (ensemble.kind === "npt" && !evaluation.virial) throw new InputError("constant pressure needs the virial", { key: "ensemble", expected: "forces with a virial", got: "none" });
    return simulation;
  }

  /** A copy of everything that a restart needs. */
  get state(): SimulationState {
    const { step, positions, velocities, cell, exchanged } = this.#motion;
    return { step, positions: positions.slice(), velocities: velocities.slice(), cell: cell?.slice() ?? null, exchanged };
  }

  get thermodynamics(): Thermodynamics {
    const { step, cell, exchanged, evaluation } = this.#motion;
    const [potential, kinetic] = [evaluation.energy, kineticEnergyOf(this.#motion)];
    const volume = cell && this.#structure.pbc.every(Boolean) ? Math.abs(cellVolume(cell)) : null;
    const { virial } = evaluation;
    const pressure = volume !== null && virial ? ((2 * kinetic + virial[0] + virial[4] + virial[8]) / (3 * volume)) * GIGAPASCAL : null;
    const total = potential + kinetic;
    return { step, time: step * this.#options.timestep, temperature: temperatureOf(this.#motion), potential, kinetic, total, conserved: total - exchanged, pressure, volume };
  }

  get frame(): Structure {
    const { positions, velocities, cell, step } = this.state;
    const { energy, forces } = this.#motion.evaluation;
    return {
      species: this.#structure.species, positions, cell, pbc: this.#structure.pbc,
      info: new Map([["step", step], ["time", step * this.#options.timestep], ["energy", energy]]),
      arrays: new Map([["velocities", { kind: "R", width: 3, values: velocities }], ["forces", { kind: "R", width: 3, values: forces.slice() }]]),
    };
  }

  /** @throws NumericalError when the motion cannot be followed; the signal's reason; whatever forces and observers throw. */
  async run(steps: number, { every = 1, onThermodynamics, onFrame, signal }: RunOptions = {}): Promise<void> {
    checkRange("steps", steps, Number.isSafeInteger(steps) && steps >= 0, "a whole number, 0 or more");
    checkRange("every", every, Number.isSafeInteger(every) && every >= 1, "a whole number, 1 or more");
    for (let k = 0; k < steps; k++) {
      signal?.throwIfAborted();
      if (this.#failure) throw this.#failure.error;
      try {
        await this.#advance();
      } catch (error) {
        // The state is between two steps and must not be taken for one.
        this.#failure = { error };
        throw error;
      }
      if (this.#motion.step % every !== 0) continue;
      await onThermodynamics?.(this.thermodynamics);
      await onFrame?.(this.frame);
    }
  }

  async #advance(): Promise<void> {
    const motion = this.#motion;
    const { timestep, temperature, pressure = 0 } = this.#options;
    kick(motion, timestep / 2);
    this.#checkSpeed();
    drift(motion, timestep / 2);
    for (const bath of this.#baths) bath.act(motion, timestep, rampAt(temperature, motion.step), rampAt(pressure, motion.step), this.#noise);
    drift(motion, timestep / 2);
    motion.evaluation = await this.#forces(motion.positions, motion.cell);
    kick(motion, timestep / 2);
    for (const bath of this.#baths) bath.settle?.(motion);
    motion.step++;
    this.#checkFinite();
  }

  #checkSpeed(): void {
    const { velocities, step } = this.#motion;
    const { timestep } = this.#options;
    const fast = velocities.findIndex((v) => !(Math.abs(v) * timestep <= LONGEST_STEP));
    if (fast < 0) return;
    throw new NumericalError("the simulation is unstable", {
      atom: Math.floor(fast / 3), expected: `less than ${LONGEST_STEP} Å of way in one step; take a shorter timestep than ${timestep} fs, or relax the structure first (do atoms overlap?)`,
      got: `${Math.abs(velocities[fast] * timestep).toPrecision(3)} Å in step ${step}`,
    });
  }

  #checkFinite(): void {
    const { evaluation: { energy, forces }, step } = this.#motion;
    const bad = forces.findIndex((force) => !Number.isFinite(force));
    if (bad < 0 && Number.isFinite(energy)) return;
    throw new NumericalError("the forces are not finite", { ...(bad >= 0 && { atom: Math.floor(bad / 3) }), expected: "numbers; do atoms overlap?", got: `${bad < 0 ? energy : forces[bad]} in step ${step}` });
  }
}
