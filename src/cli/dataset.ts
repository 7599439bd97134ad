import {
  findLabelKeys, InputError, readLabels, symbolOf, type FitConfiguration, type LabeledStructure, type LabelKeys, type Structure,
} from "../index.js";
import { readStructures, type ReadOptions } from "../node/index.js";

/** What is said of the files of a dataset. */
export interface DataReport {
  readonly files: readonly string[];
  readonly structures: number;
  readonly atoms: number;
  readonly elements: readonly string[];
  /** Names that labels were taken from, and the other names that were there. */
  readonly labels: LabelKeys;
}

export interface Dataset {
  readonly data: readonly LabeledStructure[];
  readonly report: DataReport;
}

/** `findLabelKeys`, with the names of the files in its message. */
function keysOf(structures: readonly Structure[], keys: FitConfiguration["keys"], files: readonly string[]): LabelKeys {
  try {
    return findLabelKeys(structures, keys);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${files.join(", ")}: ${error.message}`) : error;
  }
}

/**
 * All structures of the files with their labels, under names that are the same in all of them.
 * @throws InputError on files that cannot be read and labels that are not as asked for, with file and structure.
 */
export async function readDataset(
  files: readonly string[], keys: FitConfiguration["keys"], signal: AbortSignal, options: ReadOptions = {},
): Promise<Dataset> {
  const found: { structure: Structure; file: string; index: number }[] = [];
  for (const file of files) {
    let index = 0;
    for await (const structure of readStructures(file, options)) {
      signal.throwIfAborted();
      found.push({ structure, file, index: index++ });
    }
  }
  const labels = keysOf(found.map(({ structure }) => structure), keys, files);
  if (labels.energy === null && labels.forces === null && labels.virial === null) {
    const names = [...new Set([...labels.others, ...labels.candidates].map(({ key }) => key))];
    throw new InputError(`${files.join(", ")}: no energies, forces or virials found`, {
      expected: "labels under a usual name (energy, forces, virial, dft_energy, …), or one named by --energy-key, --forces-key or --virial-key",
      got: names.length === 0 ? "no numbers beside the positions" : `the names ${names.join(", ")}`,
    });
  }
  const data = found.map(({ structure, file, index }) => ({ structure, labels: readLabels(structure, labels, { file, structure: index }) }));
  const species = new Set(data.flatMap(({ structure }) => [...new Set(structure.species)]));
  const elements = [...species].sort((a, b) => a - b).map((z) => symbolOf(z));
  const atoms = data.reduce((sum, { structure }) => sum + structure.species.length, 0);
  return { data, report: { files, structures: data.length, atoms, elements, labels } };
}
