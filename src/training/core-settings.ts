// Repulsive cores in a configuration: terms that are given, not fitted, Eqs. (71) to (73). What they are is fixed before the fit begins.
import * as v from "valibot";
import { InputError } from "../errors.js";
import { addPairSums } from "../pairs/pair-sums.js";
import { checkScreening, checkSwitch, createScreenedCoulomb, universalScreening, type ScreenedCoulomb } from "../pairs/screened-coulomb.js";
import { pairSums } from "../backend/pair-terms.js";
import { symbolOf } from "../structure/elements.js";
import type { LabeledStructure } from "../structure/structure.js";
import type { CoreSettings, FitConfiguration } from "./configuration.js";
import { parseShape } from "./configuration-error.js";
import { choice, number } from "./hyperparameter-schema.js";
import { isCore } from "./term-settings.js";

const length = v.optional(v.nullable(number("", "a length in Å, or null")), null);
const list = v.array(number(""), "a list of numbers");
const kinds = ["zbl", "screened-coulomb"] as const;
const schemas = {
  zbl: v.strictObject({ kind: v.literal("zbl"), inner: length, outer: length }, "an object { … }"),
  "screened-coulomb": v.strictObject({ kind: v.literal("screened-coulomb"), coefficients: list, exponents: list, length, inner: length, outer: length }, "an object { … }"),
};

function screeningOf(settings: CoreSettings): ScreenedCoulomb["screening"] {
  if (settings.kind === "zbl") return universalScreening;
  const { coefficients, exponents, length: own } = settings;
  return { coefficients, exponents, length: own };
}

/**
 * The settings of a core, an entry of `terms`, with what is left out.
 * @param index its place in `terms`
 * @throws InputError on unknown keys and on values of another type or out of range, by path ("terms.0.outer")
 */
export function parseCore(term: unknown, index: number, file: string | undefined): CoreSettings {
  // As the one entry of an object at its place, so that messages name the path.
  const at = <Entry extends v.GenericSchema>(entry: Entry): v.InferOutput<Entry> =>
    (parseShape(v.strictObject({ terms: v.strictObject({ [index]: entry }) }), { terms: { [index]: term } }, file).terms as Record<number, v.InferOutput<Entry>>)[index]!;
  const { kind } = at(v.looseObject({ kind: choice("", kinds) }, "an object { … }"));
  const settings: CoreSettings = at(schemas[kind]);
  const path = `terms.${index}.`;
  try {
    checkScreening(screeningOf(settings), path);
    // A radius that is left out is known when the elements are.
    checkSwitch({ inner: settings.inner ?? 0, outer: settings.outer ?? Math.max(1, (settings.inner ?? 0) + 1) }, path);
  } catch (error) {
    throw error instanceof InputError && file !== undefined ? new InputError(error.what, { file, ...error.details }) : error;
  }
  return settings;
}

/** The cores of a configuration between the elements of the data (ascending). @throws InputError when radii leave no room for each other. */
export function coresOf({ terms }: Pick<FitConfiguration, "terms">, species: readonly number[]): readonly ScreenedCoulomb[] {
  return (terms ?? []).flatMap((term, index) => (isCore(term) ? [createScreenedCoulomb(screeningOf(term), species, term, `terms.${index}.`)] : []));
}

/** What cores take from the labels. */
export interface CoreReport {
  /** Å, by pair of element symbols ("Si–Si"), core after core: where it is switched off. */
  readonly radii: readonly Readonly<Record<string, { readonly inner: number; readonly outer: number }>>[];
  /** Structures in which any two atoms are within the radius. */
  readonly structures: number;
  /** Largest energy per atom in eV and largest force component in eV/Å that were subtracted. */
  readonly energy: number;
  readonly force: number;
}

/**
 * Labels without what the cores give, Eq. (73): what is left to be fitted. In float64 on the calling thread; cores reach few neighbors.
 * @throws InputError as `findRangeNeighbors`
 */
export function withoutCores(
  data: readonly LabeledStructure[], species: readonly number[], cores: readonly ScreenedCoulomb[],
): { readonly data: readonly LabeledStructure[]; readonly report: CoreReport | null } {
  if (cores.length === 0) return { data, report: null };
  const sums = pairSums({ species, baseline: new Map(), terms: [], pairs: cores, provenance: {} })!;
  const report = { radii: cores.map(radiiOf), structures: 0, energy: 0, force: 0 };
  const rest = data.map((labeled): LabeledStructure => {
    const { structure, labels } = labeled;
    const atoms = structure.species.length;
    const [energies, forces, virial] = [new Float64Array(atoms), new Float64Array(3 * atoms), new Float64Array(9)];
    addPairSums(sums, structure, 0, atoms, energies, forces, virial);
    const energy = energies.reduce((sum, own) => sum + own, 0);
    if (energies.some((own) => own !== 0)) report.structures++;
    report.energy = Math.max(report.energy, Math.abs(energy) / Math.max(1, atoms));
    report.force = forces.reduce((most, force) => Math.max(most, Math.abs(force)), report.force);
    const minus = (label: Float64Array | null, own: Float64Array): Float64Array | null => label && label.map((value, k) => value - own[k]!);
    return {
      ...labeled,
      labels: { ...labels, energy: labels.energy === null ? null : labels.energy - energy, forces: minus(labels.forces, forces), virial: minus(labels.virial, virial) },
    };
  });
  return { data: rest, report };
}

function radiiOf({ pairs }: ScreenedCoulomb): CoreReport["radii"][number] {
  return Object.fromEntries(pairs.map(({ species, inner, outer }) => [species.map(symbolOf).join("–"), { inner, outer }]));
}
