import {
  InputError, labelStructures, symbolOf, type DataWarning, type FitConfiguration, type LabeledData, type LabeledStructure, type LabelReport, type Structure,
} from "../index.js";
import { readStructures, type ReadOptions } from "../node/index.js";

/** What is said of the files of a dataset. */
export interface DataReport {
  readonly files: readonly string[];
  readonly structures: number;
  readonly atoms: number;
  readonly elements: readonly string[];
  /** For each file the names of labels, how many structures each gave and how many have it unused, and other numbers that were there. */
  readonly labels: readonly LabelReport[];
}

export interface Dataset {
  readonly data: readonly LabeledStructure[];
  readonly report: DataReport;
  /** What a user should know of the files and the labels in them. */
  readonly warnings: readonly DataWarning[];
}

/** `labelStructures`, with the names of the files in messages that concern no single structure. */
function labelsOf(structures: readonly Structure[], keys: FitConfiguration["keys"], files: readonly string[]): LabeledData {
  try {
    return labelStructures(structures, keys);
  } catch (error) {
    if (!(error instanceof InputError) || error.details.structure !== undefined) throw error;
    const { key, expected } = error.details;
    const details = key === undefined ? { ...error.details, expected: `${expected} by --energy-key, --forces-key or --virial-key` } : error.details;
    throw new InputError(error.what, { file: files.join(", "), ...details });
  }
}

/**
 * All structures of the files with their labels, whose names are found in all files together.
 * @throws InputError on files that cannot be read and labels that are not as asked for, with file and structure.
 */
export async function readDataset(
  files: readonly string[], keys: FitConfiguration["keys"], signal: AbortSignal, options: Pick<ReadOptions, "species"> = {},
): Promise<Dataset> {
  const structures: Structure[] = [];
  const found: DataWarning[] = [];
  const onWarning = (warning: DataWarning): void => void found.push(warning);
  for (const file of files) {
    for await (const structure of readStructures(file, { species: options.species, onWarning })) {
      signal.throwIfAborted();
      structures.push(structure);
    }
  }
  const { data, labels, warnings } = labelsOf(structures, keys, files);
  const species = new Set(structures.flatMap((structure) => [...new Set(structure.species)]));
  const elements = [...species].sort((a, b) => a - b).map((z) => symbolOf(z));
  const atoms = structures.reduce((sum, structure) => sum + structure.species.length, 0);
  return { data, report: { files, structures: data.length, atoms, elements, labels }, warnings: [...found, ...warnings] };
}
