// What a potential says of a set of labeled structures, as the page shows it and as the file of predictions.
import { annotateStructure, formatExtxyz, type AtomArray, type InfoValue, type LabeledStructure, type Potential, type Prediction } from "lather";
import type { ParityPoint, PredictedStructure, SetName, StructureSummary } from "./results.js";

/** Structures of one set and their frames in the file. */
export interface LabeledSet {
  readonly data: readonly LabeledStructure[];
  readonly frames: readonly number[];
}

export interface PredictedSet extends LabeledSet {
  readonly name: SetName;
  readonly predictions: readonly Prediction[];
}

/** Energies per atom minus the baseline, eV/atom. A single atom has nothing but the baseline and would only stretch the plot. */
export function energyPoints({ data, predictions, name }: PredictedSet, { baseline }: Potential): ParityPoint[] {
  return data.flatMap(({ structure, labels }, index) => {
    if (labels.energy === null || structure.species.length <= 1) return [];
    const start = structure.species.reduce((sum, species) => sum + (baseline.get(species) ?? 0), 0);
    const perAtom = (energy: number): number => (energy - start) / structure.species.length;
    return [{ reference: perAtom(labels.energy), predicted: perAtom(predictions[index]!.energy), set: name, configType: labels.configType }];
  });
}

/** Force components in eV/Å. */
export function forcePoints({ data, predictions, name }: PredictedSet): ParityPoint[] {
  return data.flatMap(({ labels }, index) => {
    const predicted = predictions[index]!.forces;
    if (!labels.forces || !predicted) return [];
    // A component that is NaN is not there.
    return Array.from(labels.forces, (reference, k) => ({ reference, predicted: predicted[k]!, set: name, configType: labels.configType }))
      .filter(({ reference }) => !Number.isNaN(reference));
  });
}

/** xx, yy, zz, xy, xz, yz of a symmetric [3][3]. */
const COMPONENTS = [0, 4, 8, 1, 2, 5] as const;

/** Components of the virial per atom, eV/atom. */
export function virialPoints({ data, predictions, name }: PredictedSet): ParityPoint[] {
  return data.flatMap(({ structure, labels }, index) => {
    const predicted = predictions[index]!.virial;
    const { virial } = labels;
    if (!virial || !predicted) return [];
    const atoms = structure.species.length;
    return COMPONENTS.map((k) => ({ reference: virial[k]! / atoms, predicted: predicted[k]! / atoms, set: name, configType: labels.configType }))
      .filter(({ reference }) => !Number.isNaN(reference));
  });
}

/** |ΔF| in eV/Å, [atom], NaN where a component has no reference; null without reference forces. */
export function forceErrors({ data, predictions }: PredictedSet, index: number): Float64Array | null {
  const reference = data[index]!.labels.forces;
  const predicted = predictions[index]!.forces;
  if (!reference || !predicted) return null;
  return Float64Array.from({ length: reference.length / 3 }, (_, atom) => {
    const [x, y, z] = [0, 1, 2].map((k) => predicted[3 * atom + k]! - reference[3 * atom + k]!) as [number, number, number];
    return Math.hypot(x, y, z);
  });
}

export function summarize(set: PredictedSet, index: number): StructureSummary {
  const { structure, labels } = set.data[index]!;
  const errors = forceErrors(set, index);
  return {
    set: set.name,
    frame: set.frames[index]!,
    configType: labels.configType,
    atoms: structure.species.length,
    worstForceError: errors ? errors.reduce((worst, error) => (Number.isNaN(error) ? worst : Math.max(worst, error)), 0) : null,
  };
}

export function predictedStructure(set: PredictedSet, index: number, { baseline }: Potential): PredictedStructure {
  const { energy, localEnergies, forces } = set.predictions[index]!;
  const { structure } = set.data[index]!;
  const relativeEnergies = localEnergies.map((value, atom) => value - (baseline.get(structure.species[atom]!) ?? 0));
  return { structure, energy, localEnergies, relativeEnergies, forces, forceErrors: forceErrors(set, index), property: null };
}

const NAMES = ["energy", "forces", "virial", "local_energy"] as const;

/** The rule of `lather predict`: plain names if no structure has one of them, and else all of them with lather_ before. */
export function predictionPrefix(sets: readonly LabeledSet[]): "" | "lather_" {
  const taken = sets.some(({ data }) => data.some(({ structure: { info, arrays } }) => NAMES.some((name) => info.has(name) || arrays.has(name))));
  return taken ? "lather_" : "";
}

/** The structures as they came, with the predictions under names of their own, frame by frame. Virials belong to periodic structures. */
export function writePredictions(sets: readonly PredictedSet[], prefix: "" | "lather_", { withSet }: { readonly withSet: boolean }): Blob {
  const frames = sets.flatMap(({ name, data, predictions }) =>
    data.map(({ structure }, index) => {
      const { energy, localEnergies, forces, virial } = predictions[index]!;
      const info: [string, InfoValue][] = [...(withSet ? [["lather_set", name] as [string, InfoValue]] : []), [`${prefix}energy`, energy]];
      if (virial && structure.pbc.some(Boolean)) info.push([`${prefix}virial`, Array.from(virial)]);
      const arrays: [string, AtomArray][] = forces ? [[`${prefix}forces`, { kind: "R", width: 3, values: forces }]] : [];
      arrays.push([`${prefix}local_energy`, { kind: "R", width: 1, values: localEnergies }]);
      return formatExtxyz(annotateStructure(structure, { info, arrays }));
    }),
  );
  return new Blob(frames, { type: "chemical/x-xyz" });
}
