/**
 * Energies of what is missing from a crystal. Vacancy: E_f = E(N − 1) − (N − 1)/N E(N), at the volume of the crystal.
 * Surface: γ = (E_slab − N e_crystal)/2A of a slab with two equal faces.
 */
import type { EnergyModel } from "../dynamics/energy-model.js";
import { checkRange, checkFixedAtoms } from "../dynamics/option-checks.js";
import { relax, type Relaxation, type RelaxationOptions } from "../dynamics/relax.js";
import { JOULE_PER_SQUARE_METER } from "../dynamics/units.js";
import { InputError } from "../errors.js";
import { createNeighborList } from "../structure/neighbor-list.js";
import { createStructure, type Structure } from "../structure/structure.js";
import { shakeStructure } from "../structure/supercell.js";

export type DefectOptions = Pick<RelaxationOptions, "method" | "maximalForce" | "maxSteps" | "signal" | "onProgress">;

export interface DefectEnergy {
  /** With atoms on the sites of the ideal crystal, and relaxed: eV of a vacancy, J/m² of a surface. */
  readonly unrelaxed: number;
  readonly relaxed: number;
  readonly converged: boolean;
  /** The relaxed defect. */
  readonly structure: Structure;
}

/** The lowest of the minima that the relaxations from `starts` end in. */
async function energiesOf(model: EnergyModel, ideal: Structure, starts: readonly Structure[], { maximalForce = 1e-3, ...rest }: DefectOptions): Promise<DefectEnergy> {
  const [{ energy: unrelaxed }] = await model([ideal], { signal: rest.signal });
  let lowest: Relaxation | null = null;
  for (const start of starts) {
    const relaxed = await relax(model, start, { ...rest, maximalForce });
    if (!lowest || relaxed.energy < lowest.energy) lowest = relaxed;
  }
  const { energy, converged, structure } = lowest!;
  return { unrelaxed, relaxed: energy, converged, structure };
}

export interface VacancyOptions extends DefectOptions {
  /** 0-based, the atom that is taken out; 0 by default. */
  readonly atom?: number;
  /** Å, of the noise on the positions of each start, 0.05 by default: without it the symmetry of the ideal crystal would stay. */
  readonly shake?: number;
  /**
   * Starts: how far the nearest neighbors are moved into the vacancy, as a share of their distance; 0 and 0.2 by default. Pairs that bind across
   * the vacancy can lie behind a barrier, as they do for Stillinger–Weber silicon.
   */
  readonly inward?: readonly number[];
}

/**
 * Formation energy in eV of a vacancy in a supercell of the ideal crystal, at fixed cell; the lowest of the starts.
 * @throws InputError on options out of range.
 */
export async function vacancyFormationEnergy(model: EnergyModel, supercell: Structure, options: VacancyOptions = {}): Promise<DefectEnergy> {
  const { atom = 0, shake = 0.05, inward = [0, 0.2], ...rest } = options;
  const { species, cell, pbc } = supercell;
  const size = species.length;
  checkFixedAtoms([atom], size);
  checkRange("shake", shake, shake >= 0, "a length in Å, 0 or more");
  checkRange("inward", inward.length, inward.length > 0 && inward.every((share) => Math.abs(share) < 1), "one share or more, each below 1");
  const vacancy = (share: number): Structure => createStructure({
    species: species.filter((_, k) => k !== atom), positions: movedInward(supercell, atom, share).filter((_, k) => Math.floor(k / 3) !== atom), cell, pbc,
  });
  const [{ energy }] = await model([supercell], { signal: rest.signal });
  const reference = ((size - 1) / size) * energy;
  const result = await energiesOf(model, vacancy(0), inward.map((share) => shakeStructure(vacancy(share), shake)), rest);
  return { ...result, unrelaxed: result.unrelaxed - reference, relaxed: result.relaxed - reference };
}

/** Å: a radius in which any crystal has neighbors. */
const FARTHEST_NEIGHBOR = 6;

/** Positions with the nearest neighbors of `atom` moved towards it by a share of their distance. */
function movedInward(structure: Structure, atom: number, share: number): Float64Array {
  const positions = structure.positions.slice();
  if (share === 0) return positions;
  const { offsets, neighbors, vectors, distances } = createNeighborList(structure, FARTHEST_NEIGHBOR);
  const pairs = Array.from({ length: offsets[atom + 1] - offsets[atom] }, (_, k) => offsets[atom] + k);
  const nearest = Math.min(...pairs.map((pair) => distances[pair]));
  for (const pair of pairs) {
    if (distances[pair] > 1.1 * nearest) continue;
    for (let k = 0; k < 3; k++) positions[3 * neighbors[pair] + k] -= share * vectors[3 * pair + k];
  }
  return positions;
}

export interface SurfaceOptions extends DefectOptions {
  /** Where the relaxation begins, the ideal slab by default; it keeps its symmetry, so a reconstruction has to be built into the start. */
  readonly start?: Structure;
}

/**
 * Surface energy in J/m² of a slab that is periodic along its first two lattice vectors and has two equal faces.
 * @param crystalEnergy eV per atom of the relaxed crystal
 * @throws InputError on options out of range, or a slab that is not periodic along just these vectors.
 */
export async function surfaceEnergy(model: EnergyModel, slab: Structure, crystalEnergy: number, { start = slab, ...options }: SurfaceOptions = {}): Promise<DefectEnergy> {
  const { cell, pbc, species, origin } = slab;
  if (!cell || !(pbc[0] && pbc[1] && !pbc[2])) {
    throw new InputError("a slab has a face", { ...origin, key: "pbc", expected: "a cell that is periodic along its first two vectors and open along the third", got: cell ? pbc.join(" ") : "no cell" });
  }
  const [a, b] = [cell.subarray(0, 3), cell.subarray(3, 6)];
  const area = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
  const perArea = (energy: number): number => ((energy - species.length * crystalEnergy) / (2 * area)) * JOULE_PER_SQUARE_METER;
  const result = await energiesOf(model, slab, [start], options);
  return { ...result, unrelaxed: perArea(result.unrelaxed), relaxed: perArea(result.relaxed) };
}
