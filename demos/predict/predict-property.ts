// Predictions of a model of a property (`lather fit --property`): values of structures or atoms, errors where the file has the property.
import {
  annotateStructure, describeConfiguration, formatExtxyz, InputError, predictProperty, propertyErrors, propertySizes, readProperty, symbolOf,
  type AtomArray, type Backend, type InfoValue, type JobOptions, type PropertyData, type PropertyModel, type Structure,
} from "lather";
import { collectParity } from "../parity-points.js";
import type { ParityPoint, PredictedStructure } from "../results.js";
import type { SummaryLine } from "../summary-list.js";
import type { PropertyResult } from "./prediction-job.js";

/** All that the file of such a model tells. */
export function propertyLines({ name, kind, perAtom, mean, species, hyperparameters, zeta, parts, provenance }: PropertyModel): SummaryLine[] {
  const { cutoff, density, basis } = hyperparameters;
  const of = perAtom ? "of every atom" : mean ? "of a structure, the mean over its atoms" : "of a structure, the sum over its atoms";
  const error = (set: string): SummaryLine[] => {
    const rmse = provenance[`${set}_property_rmse`];
    const file = set === "train" ? ` (${provenance["train"] ?? "a set without a name"})` : "";
    return typeof rmse === "number" ? [[set === "train" ? "Trained on" : "Tested", `RMSE ${rmse.toPrecision(3)}${file}`]] : [];
  };
  const errors = [...error("train"), ...error("test")];
  return [
    ["Property", `${name}, ${kind} ${of}; ${parts.length} irreducible ${parts.length === 1 ? "part" : "parts"}`],
    ["Elements", species.map(symbolOf).join(", ")],
    ["Cutoff", `${cutoff.radius} Å`],
    ...(errors.length > 0 ? errors : [["Errors", "the file tells none"] as const]),
    ["Features", [...describeConfiguration({ density, basis }).map(([group, words]) => `${group}: ${words}`), `kernel: ζ ${zeta}`].join("; ")],
  ];
}

/** The property as it stands in the file; null where it is not there, or in another form. */
function reference(structures: readonly Structure[], { name, kind, perAtom }: PropertyModel): PropertyData | null {
  if (!structures.some(({ info, arrays }) => info.has(name) || arrays.has(name))) return null;
  try {
    const property = readProperty(structures, name, kind);
    return property.perAtom === perAtom ? property : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Of a structure without labels. */
export function configType({ info }: Structure): string {
  const config = info.get("config_type");
  return typeof config === "string" ? config : "default";
}

function annotated(structure: Structure, { kind, perAtom }: PropertyModel, name: string, values: Float64Array): Structure {
  const info: [string, InfoValue][] = perAtom ? [] : [[name, values.length === 1 ? values[0]! : [...values]]];
  const arrays: [string, AtomArray][] = perAtom ? [[name, { kind: "R", width: propertySizes[kind], values }]] : [];
  return annotateStructure(structure, { info, arrays });
}

export interface PropertyPredictions {
  readonly result: PropertyResult;
  readonly written: string;
  readonly file: Blob;
  structure(index: number): PredictedStructure;
}

export async function predictPropertyOf(backend: Backend, model: PropertyModel, structures: readonly Structure[], job: JobOptions): Promise<PropertyPredictions> {
  const { name, perAtom } = model;
  const predictions = await predictProperty(backend, model, structures, job);
  const data = reference(structures, model);
  const points = (data?.values ?? []).flatMap((value, s): ParityPoint[] =>
    value ? Array.from(value, (number, k) => ({ reference: number, predicted: predictions[s]![k]!, set: "test", configType: configType(structures[s]!) })) : []);
  const errors = data && points.length > 0 ? propertyErrors(data, predictions) : null;
  const share = errors?.property_relative_rmse == null ? "" : `, ${(100 * errors.property_relative_rmse).toPrecision(3)} % of the spread`;
  const written = structures.some(({ info, arrays }) => info.has(name) || arrays.has(name)) ? `lather_${name}` : name;
  return {
    result: {
      name,
      parity: collectParity({ train: [], test: points }),
      rmse: errors && errors.property_rmse.toPrecision(3),
      words: errors && `RMSE ${errors.property_rmse.toPrecision(3)}${share}, against ${name} of the file`,
    },
    written,
    file: new Blob(structures.map((structure, s) => formatExtxyz(annotated(structure, model, written, predictions[s]!))), { type: "chemical/x-xyz" }),
    structure: (index) => ({
      structure: structures[index]!, energy: null, localEnergies: null, relativeEnergies: null, forces: null, forceErrors: null,
      property: { name, perAtom, values: predictions[index]! },
    }),
  };
}
