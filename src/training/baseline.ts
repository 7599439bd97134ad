// Energy per atom that a fit starts from, E⁰ of Eq. (16): given, from isolated atoms, or by least squares on the compositions.
import { InputError } from "../errors.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import type { FitConfiguration } from "./configuration.js";

/** A frame that gives the energy of an isolated atom: one atom, labelled as such or without any periodic axis. */
function isIsolatedAtom({ structure, labels }: LabeledStructure): boolean {
  return structure.species.length === 1 && labels.energy !== null && (/isolated/i.test(labels.configType) || structure.pbc.every((axis) => !axis));
}

function fromIsolatedAtoms(data: readonly LabeledStructure[]): Map<number, number> {
  return new Map(data.filter(isIsolatedAtom).map(({ structure, labels }) => [structure.species[0]!, labels.energy!]));
}

/**
 * Minimizes Σ_A (E_A/N_A − Σ_a x_aA e_a)², x the composition. Elements that always come in the same ratio cannot be told apart:
 * the solution is then the one closest to the mean energy per atom.
 */
function leastSquares(data: readonly LabeledStructure[], species: readonly number[]): Map<number, number> {
  const rows = data
    .filter(({ labels, structure }) => labels.energy !== null && structure.species.length > 0)
    .map(({ structure, labels }) => {
      const atoms = structure.species.length;
      return {
        target: labels.energy! / atoms,
        fractions: species.map((z) => structure.species.reduce((sum, other) => sum + (other === z ? 1 : 0), 0) / atoms),
      };
    });
  if (rows.length === 0) return new Map(species.map((z) => [z, 0]));
  const mean = rows.reduce((sum, { target }) => sum + target, 0) / rows.length;
  const size = species.length;
  const matrix = species.map((_, a) => species.map((_, b) => rows.reduce((sum, { fractions }) => sum + fractions[a]! * fractions[b]!, 0)));
  const right = species.map((_, a) => rows.reduce((sum, { target, fractions }) => sum + fractions[a]! * (target - mean), 0));
  const ridge = 1e-8 * matrix.reduce((sum, row, a) => sum + row[a]!, 0);
  for (let a = 0; a < size; a++) matrix[a]![a]! += ridge;
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const factor = matrix[b]![a]! / matrix[a]![a]!;
      for (let c = a; c < size; c++) matrix[b]![c]! -= factor * matrix[a]![c]!;
      right[b]! -= factor * right[a]!;
    }
  }
  for (let a = size - 1; a >= 0; a--) {
    for (let b = a + 1; b < size; b++) right[a]! -= matrix[a]![b]! * right[b]!;
    right[a]! /= matrix[a]![a]!;
  }
  return new Map(species.map((z, a) => [z, mean + right[a]!]));
}

/**
 * Baseline in eV per atom for every element in `species`.
 * @throws InputError when an element has no given energy, or no isolated atom where these were asked for.
 */
export function baselineEnergies(
  data: readonly LabeledStructure[],
  species: readonly number[],
  { kind, energies }: FitConfiguration["baseline"],
): Map<number, number> {
  if (kind === "given") {
    const given = new Map(Object.entries(energies).map(([symbol, energy]) => [atomicNumberOf(symbol), energy]));
    return complete(given, species, "baseline.energies", "an energy in eV");
  }
  const isolated = fromIsolatedAtoms(data);
  if (kind === "isolated") return complete(isolated, species, "baseline.kind", "a frame with one isolated atom");
  if (kind === "auto" && species.every((z) => isolated.has(z))) return isolated;
  return leastSquares(data, species);
}

/** Σ_i E⁰ of a structure's atoms in eV. */
export function referenceEnergy({ species }: Structure, baseline: ReadonlyMap<number, number>): number {
  return species.reduce((sum, z) => sum + baseline.get(z)!, 0);
}

function complete(found: ReadonlyMap<number | undefined, number>, species: readonly number[], key: string, expected: string): Map<number, number> {
  return new Map(
    species.map((z) => {
      const energy = found.get(z);
      if (energy === undefined)
        throw new InputError("no baseline energy for an element", { key, expected: `${expected} for ${symbolOf(z)}`, got: "none" });
      return [z, energy];
    }),
  );
}
