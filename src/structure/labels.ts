/**
 * Energies, forces and virials of structures that were read from files: energy eV, forces eV/Å, virial eV.
 *
 * Names: label-names.ts says what they mean, label-survey.ts which are taken. Units: label-units.ts. Signs and shapes: label-values.ts.
 * σ and weights: label-sigmas.ts.
 */
import { InputError, type DataWarning, type ErrorDetails } from "../errors.js";
import type { LabelProperty } from "./label-names.js";
import { reportLabels, type LabelReport } from "./label-report.js";
import { readTrust } from "./label-sigmas.js";
import { findLabelKeys, PROPERTIES, type LabelKeys, type LabelOverrides } from "./label-survey.js";
import { readLabelValue, type LabelSource, type NoLabel } from "./label-values.js";
import type { LabeledStructure, Labels, Structure } from "./structure.js";

/** One name of a label that a structure has, and what became of it. */
export interface LabelFate {
  readonly source: LabelSource;
  /** Used; used where it is not nan; passed over for a better name; or why there is no label. */
  readonly fate: "used" | "partly" | "passed over" | NoLabel;
}

/** Labels of a structure and what became of every name on the list. */
export interface LabelReading {
  readonly labels: Labels;
  readonly fates: readonly LabelFate[];
}

/** @throws InputError as `readLabels`. */
function read(structure: Structure, keys: Pick<LabelKeys, LabelProperty>, where: ErrorDetails): LabelReading {
  const found: Record<LabelProperty, number | Float64Array | null> = { energy: null, forces: null, virial: null };
  const trust: NonNullable<Labels["trust"]> = {};
  const fates: LabelFate[] = [];
  for (const property of PROPERTIES) {
    for (const source of keys[property]) {
      if (found[property] !== null) {
        if ((property === "forces" ? structure.arrays : structure.info).has(source.key)) fates.push({ source, fate: "passed over" });
        continue;
      }
      const value = readLabelValue(structure, source, where);
      if (value === null) continue;
      if (typeof value === "string") {
        fates.push({ source, fate: value });
        continue;
      }
      found[property] = value;
      fates.push({ source, fate: typeof value !== "number" && value.some(Number.isNaN) ? "partly" : "used" });
      const own = readTrust(structure, property, value, source.stress ? 1 : source.factor, where);
      if (own) Object.assign(trust, { [property]: own });
    }
  }
  const config = structure.info.get("config_type");
  const labels: Labels = {
    energy: found.energy as number | null,
    forces: found.forces as Float64Array | null,
    virial: found.virial as Float64Array | null,
    configType: config === undefined ? "default" : typeof config === "object" ? JSON.stringify(config) : String(config),
    ...(Object.keys(trust).length > 0 && { trust }),
  };
  return { labels, fates };
}

/**
 * Labels of one structure under the names found; null for what it lacks, NaN for what is missing of forces and virials. `forces` is the structure's
 * own array where no unit is converted, not a copy.
 * @param where for messages; the place that the structure was read from by default
 * @throws InputError naming file, line, structure and atom on infinity, wrong sizes, an asymmetric virial, a stress beside a cell without volume, a σ
 * that is not above 0.
 */
export function readLabels(structure: Structure, keys: Pick<LabelKeys, LabelProperty>, where: ErrorDetails = structure.origin ?? {}): Labels {
  return read(structure, keys, where).labels;
}

/** Structures with their labels, the names these came from, what became of every name, file by file, and what should be known of it. */
export interface LabeledData {
  readonly data: readonly LabeledStructure[];
  readonly keys: LabelKeys;
  readonly labels: readonly LabelReport[];
  readonly warnings: readonly DataWarning[];
}

/** `findLabelKeys`, with the file in its messages. */
function keysOf(structures: readonly Structure[], overrides: LabelOverrides, place: ErrorDetails): LabelKeys {
  try {
    return findLabelKeys(structures, overrides);
  } catch (error) {
    throw error instanceof InputError ? new InputError(error.what, { ...place, ...error.details }) : error;
  }
}

/**
 * Labels of structures from one file or several, under the names that are found in all of them.
 * @throws InputError when there are no labels at all, on names and units that are not as asked for, and as `readLabels`.
 */
export function labelStructures(structures: readonly Structure[], overrides: LabelOverrides = {}): LabeledData {
  const files = new Set(structures.map(({ origin }) => origin?.file));
  const [file] = files;
  const place = files.size === 1 && file !== undefined ? { file } : {};
  const keys = keysOf(structures, overrides, place);
  if (PROPERTIES.every((property) => keys[property].length === 0)) {
    const names = [...new Set([...keys.others, ...keys.candidates].map(({ key }) => key))];
    throw new InputError("no energies, forces or virials found", {
      ...place,
      expected: "labels under a usual name (energy, forces, virial, dft_energy, …), or under one that you give",
      got: names.length === 0 ? "no numbers beside the positions" : `the names ${names.join(", ")}`,
    });
  }
  const readings = structures.map((structure, index) => read(structure, keys, structure.origin ?? { structure: index }));
  const { labels, warnings } = reportLabels(structures, readings, keys);
  return { data: structures.map((structure, index) => ({ structure, labels: readings[index]!.labels })), keys, labels, warnings };
}

/** A single atom that its `config_type` (isolated_atom, IsolatedAtom, …) declares the zero of energy. */
export function isIsolatedAtom(structure: Structure): boolean {
  const config = structure.info.get("config_type");
  return structure.species.length === 1 && typeof config === "string" && /^isolated[_-]?atoms?$/i.test(config);
}
