/** What can be known before the first step of a simulation with a fitted potential: starts that cannot go well, and what to change. */
import { InputError, type DataWarning } from "../errors.js";
import { closestPair } from "../structure/closest-pair.js";
import { massOf, symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { ACCELERATION } from "./units.js";

/** Of the sum of the covalent radii: compression to 100 GPa leaves 0.7, and what is nearer than this has been in no data set. */
const OVERLAP = 0.5;
/** fs: no element's vibrations can be followed with longer steps. */
const LONGEST_TIMESTEP = 20;
/** eV/Å², of a stiff bond (C–H 30, H–H 36). */
const STIFFNESS = 30;
/** Steps that a period of vibration should have. */
const STEPS_PER_PERIOD = 10;

/** @throws InputError when two atoms are closer than half of the sum of their covalent radii. */
export function checkOverlap(structure: Structure): void {
  const closest = closestPair(structure, OVERLAP);
  if (!closest) return;
  const [atom, other] = closest.atoms;
  const partner = atom === other ? "its own image" : `${symbolOf(structure.species[other])} ${other}`;
  throw new InputError("atoms overlap", {
    ...structure.origin, atom,
    expected: `${((OVERLAP * closest.distance) / closest.ratio).toPrecision(3)} Å or more between ${symbolOf(structure.species[atom])} ${atom} and ${partner} (half of the sum of their covalent radii); ` +
      "delete or move one of them, or correct the cell, or relax the structure first (lather relax)",
    got: `${closest.distance.toPrecision(3)} Å`,
  });
}

/** fs: a tenth of the period 2π √(m/k) of the lightest atom on a stiff bond; 1.2 for hydrogen, 6.2 for silicon. */
export function longestTimestep(masses: ArrayLike<number>): number {
  const lightest = Array.from(masses).reduce((least, mass) => Math.min(least, mass), Infinity);
  return ((2 * Math.PI) / STEPS_PER_PERIOD) * Math.sqrt(lightest / (STIFFNESS * ACCELERATION));
}

/**
 * A warning when `timestep` (fs) is long for the lightest atom, else null.
 * @param masses u, [atom]; standard atomic weights by default
 * @throws InputError from 20 fs on.
 */
export function checkTimestep(structure: Structure, timestep: number, masses: ArrayLike<number> = Array.from(structure.species, massOf)): DataWarning | null {
  // Simulation.create complains about these.
  if (masses.length !== structure.species.length || masses.length === 0) return null;
  const longest = longestTimestep(masses);
  const lightest = Array.from(masses).reduce((best, mass, atom) => (mass < masses[best] ? atom : best), 0);
  const advice = `at most ${longest.toPrecision(2)} fs, a tenth of the fastest vibration of ${symbolOf(structure.species[lightest])} (${masses[lightest]} u)`;
  if (timestep >= LONGEST_TIMESTEP) throw new InputError("the timestep is too long", { key: "timestep", expected: `${advice}; half of that to be safe`, got: `${timestep} fs` });
  if (!(timestep > longest)) return null;
  return { code: "timestep-long", key: "timestep", text: `the timestep of ${timestep} fs is long: expected ${advice}; the energy may drift, or the simulation end as unstable` };
}
