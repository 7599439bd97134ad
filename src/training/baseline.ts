// Energy per atom that a fit starts from, E⁰ of Eq. (16): given, from isolated atoms, or by least squares on the compositions.
import { InputError, type DataWarning } from "../errors.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import { reduceLattice } from "../structure/lattice.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import type { FitConfiguration } from "./configuration.js";
import { doubtAbout, medianOf } from "./doubt.js";

/** Where the energies of a baseline are from. */
export type BaselineKind = "isolated" | "least-squares" | "given";

export interface Baseline {
  readonly kind: BaselineKind;
  /** eV per atom, by atomic number. */
  readonly energies: ReadonlyMap<number, number>;
  readonly warnings: readonly DataWarning[];
}

/** Isolated atoms of one element that differ by less (eV) are the same but for rounding and convergence. */
const SAME_ENERGY = 1e-3;
/** eV per atom by which an ordinary solid, liquid or molecule is bound, with much room on both sides. */
const BINDING = { least: -1, most: 15 };

/** A lone atom whose own images, if it has any, are beyond the cutoff; or one that its config_type calls isolated. */
export function isIsolatedAtom({ structure: { species, cell, pbc }, labels }: LabeledStructure, cutoff: number): boolean {
  if (species.length !== 1 || labels.energy === null) return false;
  if (/isolated/i.test(labels.configType) || !pbc.some(Boolean)) return true;
  const shortest = reduceLattice(cell!, pbc);
  return [0, 1, 2].every((axis) => !pbc[axis] || Math.hypot(...shortest.subarray(3 * axis, 3 * axis + 3)) >= cutoff);
}

/** "−1 eV (frame 0), −2 eV (frame 4) and 3 more", with the files' names where there are several. */
function listed(frames: readonly LabeledStructure[], data: readonly LabeledStructure[]): string {
  const files = new Set(frames.map(({ structure }) => structure.origin?.file));
  const shown = frames.slice(0, 5).map((frame) => {
    const { file, structure } = originOf(frame.structure, data.indexOf(frame));
    return `${frame.labels.energy} eV (${files.size > 1 && file !== undefined ? `${file}, ` : ""}frame ${structure})`;
  });
  return shown.join(", ") + (frames.length > 5 ? ` and ${frames.length - 5} more` : "");
}

/** The median energy of each element's isolated atoms, and a warning for each element whose atoms disagree. */
function fromIsolatedAtoms(data: readonly LabeledStructure[], cutoff: number): Omit<Baseline, "kind"> {
  const byElement = new Map<number, LabeledStructure[]>();
  for (const frame of data) {
    if (!isIsolatedAtom(frame, cutoff)) continue;
    const z = frame.structure.species[0]!;
    const frames = byElement.get(z);
    if (frames) frames.push(frame);
    else byElement.set(z, [frame]);
  }
  const energies = new Map<number, number>();
  const warnings: DataWarning[] = [];
  for (const [z, frames] of byElement) {
    const values = frames.map(({ labels }) => labels.energy!);
    energies.set(z, medianOf(values));
    if (values.every((energy) => Math.abs(energy - values[0]!) <= SAME_ENERGY)) continue;
    const text = `the isolated atoms of ${symbolOf(z)} have different energies: ${listed(frames, data)}; their median, ${medianOf(values)} eV, is the baseline`;
    warnings.push(doubtAbout(data, { code: "isolated-atoms-differ", frame: data.indexOf(frames[0]!), text }));
  }
  return { energies, warnings };
}

/** A warning when structures of several atoms, in the median, would be bound as nothing is: another sign, energies per atom, another reference. */
function bindingWarnings(data: readonly LabeledStructure[], energies: ReadonlyMap<number, number>, kind: BaselineKind): DataWarning[] {
  const bound = data.filter(({ structure, labels }) => structure.species.length > 1 && labels.energy !== null);
  if (bound.length === 0) return [];
  const binding = medianOf(bound.map(({ structure, labels }) => (referenceEnergy(structure, energies) - labels.energy!) / structure.species.length));
  if (binding >= BINDING.least && binding <= BINDING.most) return [];
  const atoms = [...energies].map(([z, energy]) => `${symbolOf(z)} ${energy} eV`).join(", ");
  const text =
    `with the energies of the ${kind === "given" ? "atoms given" : "isolated atoms"} (${atoms}) a structure is bound by ${binding.toPrecision(4)} eV per atom ` +
    "in the median, where 0 to 10 eV are usual: is their sign wrong, are energies per atom, or from another method?";
  return [{ code: "baseline-far", key: "baseline", text }];
}

/**
 * Minimizes Σ_A (E_A/N_A − Σ_a x_aA e_a)², x the composition. Elements that always come in the same ratio cannot be told apart:
 * the solution is then the one closest to the mean energy per atom.
 */
export function leastSquares(data: readonly LabeledStructure[], species: readonly number[]): Map<number, number> {
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
 * Baseline of every element in `species`, with what is doubtful about it.
 * @throws InputError when an element has no given energy, or no isolated atom where these were asked for.
 */
export function findBaseline(
  data: readonly LabeledStructure[],
  species: readonly number[],
  { baseline: { kind, energies }, cutoff }: Pick<FitConfiguration, "baseline" | "cutoff">,
): Baseline {
  if (kind === "given") {
    const named = new Map(Object.entries(energies).map(([symbol, energy]) => [atomicNumberOf(symbol), energy]));
    const given = complete(named, species, "baseline.energies", "an energy in eV");
    return { kind, energies: given, warnings: bindingWarnings(data, given, kind) };
  }
  const { energies: found, warnings } = fromIsolatedAtoms(data, cutoff.radius);
  if (kind === "isolated" || (kind === "auto" && species.every((z) => found.has(z)))) {
    const isolated = complete(found, species, "baseline.kind", "a frame with one isolated atom");
    return { kind: "isolated", energies: isolated, warnings: [...warnings, ...bindingWarnings(data, isolated, "isolated")] };
  }
  return { kind: "least-squares", energies: leastSquares(data, species), warnings: [] };
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
