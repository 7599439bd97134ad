// Mean feature vector of each structure over all of its atoms, Eq. (81) with ζ = 1: one vector stands for a structure, whatever its number of atoms.
import type { Backend, JobOptions } from "../backend/backend.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import type { Structure } from "../structure/structure.js";

/** Atoms whose features are in memory at one time. */
const BATCH_ATOMS = 4096;

export interface MeanFeatures {
  /** [structure][size] */
  readonly values: Float64Array;
  readonly size: number;
}

/** Structures in batches of about 4096 atoms, in order. */
export async function* batches(source: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<Structure[]> {
  let batch: Structure[] = [];
  let atoms = 0;
  for await (const structure of source) {
    batch.push(structure);
    atoms += structure.species.length;
    if (atoms < BATCH_ATOMS) continue;
    yield batch;
    [batch, atoms] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/**
 * A bounded number of atoms has its features in memory.
 * @param summary of all structures of the source: their number, their atoms, and the elements that the features resolve
 * @throws InputError as `backend.computeFeatures`.
 */
export async function meanFeatures(
  backend: Backend,
  source: Iterable<Structure> | AsyncIterable<Structure>,
  hyperparameters: Hyperparameters,
  { structures, atoms, species }: { readonly structures: number; readonly atoms: number; readonly species: readonly number[] },
  { signal, onProgress }: JobOptions = {},
): Promise<MeanFeatures> {
  let values = new Float64Array(0);
  let size = 0;
  let done = 0;
  let seen = 0;
  for await (const batch of batches(source)) {
    const features = await backend.computeFeatures(batch, hyperparameters, { signal, species });
    size = features.size;
    if (values.length === 0) values = new Float64Array(structures * size);
    addMeans(features, values.subarray(done * size));
    done += batch.length;
    seen += features.centers.length;
    onProgress?.({ stage: "features", done: seen, total: atoms });
  }
  return { values, size };
}

/** Means of the rows between the offsets, added to `means`, [structure][size]. */
export function addMeans(
  { values, size, offsets }: { readonly values: Float64Array; readonly size: number; readonly offsets: Int32Array }, means: Float64Array,
): void {
  for (let structure = 0; structure + 1 < offsets.length; structure++) {
    const mean = means.subarray(structure * size, (structure + 1) * size);
    const [first, end] = [offsets[structure]!, offsets[structure + 1]!];
    for (let center = first; center < end; center++) {
      for (let f = 0; f < size; f++) mean[f]! += values[center * size + f]! / (end - first);
    }
  }
}
