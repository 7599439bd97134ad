/** What a simulation is told, and its baths and masses made from that. Units: Å, fs, eV, u, K, GPa. */
import { InputError } from "../errors.js";
import { massOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { createCellRescaling, createLangevin, createVelocityRescaling, type Bath } from "./baths.js";
import { createFlexibleCellRescaling } from "./flexible-cell.js";
import type { Bias, SimulationState } from "./motion.js";
import { checkFixedAtoms, checkRange } from "./option-checks.js";

export type Thermostat =
  /** `friction` in 1/fs. */
  | { readonly kind: "langevin"; readonly friction: number }
  /** `relaxation` time in fs. */
  | { readonly kind: "rescaling"; readonly relaxation: number };

/** `compressibility` in 1/GPa (of order is enough: it only sets the speed), `relaxation` time in fs. */
export interface Barostat {
  /** "isotropic" by default; "full": lengths and angles change, for solids (nothing holds the shape of a liquid's cell). */
  readonly cell?: "isotropic" | "full";
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
  /** Whether the center of mass is held at rest, and without a periodic axis the rotation about it, too; by default when no atom is fixed. */
  readonly centerOfMassFixed?: boolean;
  /** u, [atom]; standard atomic weights by default. */
  readonly masses?: ArrayLike<number>;
  /** Acts on the atoms in addition to the forces; energies and forces of frames are without it. */
  readonly bias?: Bias;
  /** Where to go on; by default at step 0 with the structure's positions and velocities from Maxwell's distribution. */
  readonly state?: SimulationState;
}

export function rampAt(ramp: Ramp, step: number): number {
  if (typeof ramp === "number") return ramp;
  return ramp.from + (ramp.to - ramp.from) * Math.min(step / ramp.steps, 1);
}

/** @throws InputError when the ramp, its values or its length are out of range. */
export function checkRamp(key: string, ramp: Ramp, valid: (value: number) => boolean, expected: string): void {
  for (const value of typeof ramp === "number" ? [ramp] : [ramp.from, ramp.to]) checkRange(key, value, valid(value), expected);
  if (typeof ramp !== "number") checkRange(`${key}.steps`, ramp.steps, ramp.steps >= 1, "1 or more");
}

/** @throws InputError on constants out of range. */
export function createBaths(ensemble: Ensemble): Bath[] {
  if (ensemble.kind === "nve") return [];
  const { thermostat } = ensemble;
  if (thermostat.kind === "langevin") checkRange("thermostat.friction", thermostat.friction, thermostat.friction > 0, "a friction in 1/fs above 0");
  else checkRange("thermostat.relaxation", thermostat.relaxation, thermostat.relaxation > 0, "a time in fs above 0");
  const bath = thermostat.kind === "langevin" ? createLangevin(thermostat.friction) : createVelocityRescaling(thermostat.relaxation);
  if (ensemble.kind === "nvt") return [bath];
  const { cell = "isotropic", compressibility, relaxation } = ensemble.barostat;
  checkRange("barostat.compressibility", compressibility, compressibility > 0, "a compressibility in 1/GPa above 0");
  checkRange("barostat.relaxation", relaxation, relaxation > 0, "a time in fs above 0");
  return [bath, (cell === "full" ? createFlexibleCellRescaling : createCellRescaling)(compressibility, relaxation)];
}

/** Masses in u with infinity for fixed atoms. @throws InputError on a wrong number of masses, a mass that is not positive, or an atom that is not there. */
export function massesOf(structure: Structure, { masses, fixedAtoms = [] }: SimulationOptions): Float64Array {
  const size = structure.species.length;
  const result = Float64Array.from(masses ?? Array.from(structure.species, massOf));
  if (result.length !== size) throw new InputError("masses and atoms disagree", { key: "masses", expected: `${size}`, got: `${result.length}` });
  result.forEach((mass, atom) => checkRange(`masses[${atom}]`, mass, mass > 0, "a mass in u above 0"));
  checkFixedAtoms(fixedAtoms, size);
  for (const atom of fixedAtoms) result[atom] = Infinity;
  return result;
}
