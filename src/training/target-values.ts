// Targets of an optimal radial basis from what a file says: any scalar of its structures or atoms, or the energies.
import { InputError } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import { findBaseline, referenceEnergy } from "./baseline.js";
import type { BasisTarget } from "./basis-target.js";
import type { FitConfiguration } from "./configuration.js";

/** Energies in eV minus the baseline that a fit starts from, Eq. (16); null where a structure has none. */
export function energyTarget(data: readonly LabeledStructure[], configuration: Pick<FitConfiguration, "baseline" | "cutoff">): BasisTarget {
  const { energies } = findBaseline(data, speciesOf(data.map(({ structure }) => structure)), configuration);
  return data.map(({ structure, labels }) => (labels.energy === null ? null : labels.energy - referenceEnergy(structure, energies)));
}

function valueOf(structure: Structure, key: string, index: number): number | Float64Array | null {
  const { info, arrays } = structure;
  const value = info.get(key);
  if (typeof value === "number") return value;
  const array = arrays.get(key);
  if ((array?.kind === "R" || array?.kind === "I") && array.width === 1) return array.values;
  if (value === undefined && array === undefined) return null;
  const got = array ? `${array.width} columns of kind ${array.kind}` : JSON.stringify(value);
  const what = "a target must be one number per structure or per atom";
  throw new InputError(what, { ...originOf(structure, index), key, expected: "a number, or a column of numbers", got });
}

/** @throws InputError naming the scalars that there are. */
function refuseUnknown(structures: readonly Structure[], key: string): never {
  const names = structures.flatMap(({ info, arrays }) => [
    ...[...info].filter(([, value]) => typeof value === "number").map(([name]) => name),
    ...[...arrays].filter(([, { kind, width }]) => (kind === "R" || kind === "I") && width === 1).map(([name]) => name),
  ]);
  const expected = [...new Set(names)].join(", ") || "a scalar; there is none";
  throw new InputError("no structure has this target", { key, expected, got: "nothing" });
}

/**
 * The numbers under a name of the comment lines, or of a per-atom column, minus their mean; null where a structure has none.
 * @param centers only atoms of these elements count for the mean of a column; all by default
 * @throws InputError when no structure has it, or one has something else than a scalar.
 */
export function propertyTarget(structures: readonly Structure[], key: string, centers: readonly number[] | null = null): BasisTarget {
  const values = structures.map((structure, index) => valueOf(structure, key, index));
  if (values.every((value) => value === null)) refuseUnknown(structures, key);
  const counted = values.flatMap((value, s) => {
    if (value === null || typeof value === "number") return value ?? [];
    return Array.from(value).filter((_, atom) => !centers || centers.includes(structures[s]!.species[atom]!));
  });
  const mean = counted.reduce((sum, value) => sum + value / counted.length, 0);
  return values.map((value) => (value === null ? null : typeof value === "number" ? value - mean : value.map((number) => number - mean)));
}
