/**
 * Molecular dynamics: an ensemble is a list of baths in the middle of a velocity-Verlet step; the state is plain data; every ensemble has a
 * conserved quantity, kinetic + potential energy − what its baths have given. Units: Å, fs, eV, u, K, GPa; velocities in Å/fs.
 */
import { InputError, NumericalError } from "../errors.js";
import { cellVolume, type Structure } from "../structure/structure.js";
import type { Bath } from "./baths.js";
import { createGaussianNoise, type GaussianNoise } from "./gaussian-noise.js";
import { checkRange } from "./option-checks.js";
import { checkRamp, createBaths, massesOf, rampAt, type SimulationOptions } from "./simulation-options.js";
import { addEvaluations, bringToRest, degreesOfFreedom, drift, kick, kineticEnergyOf, pressureTensorOf, temperatureOf, type ForceEvaluation, type ForceProvider, type Motion, type SimulationState } from "./motion.js";
import { ACCELERATION, BOLTZMANN, GIGAPASCAL } from "./units.js";

export interface Thermodynamics {
  readonly step: number;
  /** fs */
  readonly time: number;
  /** K */
  readonly temperature: number;
  /** eV, all five; `potential` and `total` without the bias. */
  readonly potential: number;
  readonly kinetic: number;
  readonly total: number;
  readonly bias: number;
  readonly conserved: number;
  /** GPa; null without a volume. */
  readonly pressure: number | null;
  /** GPa, [3][3]; null without a volume. */
  readonly pressureTensor: Float64Array | null;
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

type Rest = Pick<Motion, "centerOfMassFixed" | "rotationFixed">;

/** Maxwell–Boltzmann velocities at `kelvin`, without the drift and rotation that are held at rest: v = √(k_B T/m) ξ, [atom][xyz]. */
function drawVelocities(positions: Float64Array, masses: Float64Array, kelvin: number, rest: Rest, noise: GaussianNoise): Float64Array {
  const velocities = new Float64Array(3 * masses.length);
  noise("velocities", 0, velocities);
  for (let k = 0; k < velocities.length; k++) velocities[k] *= Math.sqrt((BOLTZMANN * kelvin * ACCELERATION) / masses[Math.floor(k / 3)]);
  bringToRest({ positions, velocities, masses, ...rest });
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
  /** What the forces gave, without the bias. */
  #model: ForceEvaluation;
  /** eV */
  #biasEnergy = 0;
  #failure: { readonly error: unknown } | null = null;

  private constructor(structure: Structure, forces: ForceProvider, options: SimulationOptions, baths: readonly Bath[], noise: GaussianNoise, motion: Motion) {
    this.#structure = structure;
    this.#forces = forces;
    this.#options = options;
    this.#baths = baths;
    this.#noise = noise;
    this.#motion = motion;
    this.#model = motion.evaluation;
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
    const rest = { centerOfMassFixed, rotationFixed: centerOfMassFixed && !structure.pbc.some(Boolean) };
    const positions = (state ?? structure).positions.slice();
    const velocities = state?.velocities.slice() ?? drawVelocities(positions, masses, rampAt(temperature, 0), rest, noise);
    const cell = (state ?? structure).cell?.slice() ?? null;
    const moving = masses.reduce((count, mass) => count + (mass < Infinity ? 1 : 0), 0);
    const evaluation = await forces(positions, cell);
    const freedom = degreesOfFreedom(moving, rest);
    const motion = { step: state?.step ?? 0, positions, velocities, cell, exchanged: state?.exchanged ?? 0, evaluation, masses, ...rest, freedom };
    const simulation = new Simulation(structure, forces, options, baths, noise, motion);
    await simulation.#applyBias();
    simulation.#checkFinite();
    if (ensemble.kind === "npt" && !simulation.#motion.evaluation.virial) throw new InputError("constant pressure needs the virial", { key: "ensemble", expected: "forces, and collective variables, with a virial", got: "none" });
    return simulation;
  }

  /** A copy of everything that a restart needs. */
  get state(): SimulationState {
    const { step, positions, velocities, cell, exchanged } = this.#motion;
    return { step, positions: positions.slice(), velocities: velocities.slice(), cell: cell?.slice() ?? null, exchanged };
  }

  get thermodynamics(): Thermodynamics {
    const { step, cell, exchanged, evaluation } = this.#motion;
    const [potential, kinetic, bias] = [this.#model.energy, kineticEnergyOf(this.#motion), this.#biasEnergy];
    const volume = cell && this.#structure.pbc.every(Boolean) ? Math.abs(cellVolume(cell)) : null;
    const { virial } = evaluation;
    const pressure = volume !== null && virial ? ((2 * kinetic + virial[0] + virial[4] + virial[8]) / (3 * volume)) * GIGAPASCAL : null;
    const pressureTensor = pressure === null ? null : pressureTensorOf(this.#motion).map((value) => value * GIGAPASCAL);
    const total = potential + kinetic;
    return { step, time: step * this.#options.timestep, temperature: temperatureOf(this.#motion), potential, kinetic, total, bias, conserved: total + bias - exchanged, pressure, pressureTensor, volume };
  }

  get frame(): Structure {
    const { positions, velocities, cell, step } = this.state;
    const { energy, forces } = this.#model;
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
    this.#model = await this.#forces(motion.positions, motion.cell);
    await this.#applyBias();
    kick(motion, timestep / 2);
    for (const bath of this.#baths) bath.settle?.(motion);
    motion.step++;
    this.#checkFinite();
    if (!(await this.#options.bias?.grow(motion.step))) return;
    const before = this.#biasEnergy;
    await this.#applyBias();
    motion.exchanged += this.#biasEnergy - before;
  }

  async #applyBias(): Promise<void> {
    const { positions, cell } = this.#motion;
    const bias = await this.#options.bias?.evaluate(positions, cell);
    this.#biasEnergy = bias?.energy ?? 0;
    this.#motion.evaluation = bias ? addEvaluations(this.#model, bias) : this.#model;
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
