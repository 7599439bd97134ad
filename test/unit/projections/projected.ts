// What the tests of projections share: systems, features by the backend, and W p.
import type { Backend } from "../../../src/backend/backend.js";
import type { Cutoff } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import type { ProjectionWeights } from "../../../src/projections/spectrum-weights.js";
import type { Structure } from "../../../src/structure/structure.js";
import { crystal, ethanol } from "../backend/systems.js";

/** The cutoff function of symmetry functions and of SNAP. */
export const wholeCosine = (radius: number): Cutoff => ({ radius, width: radius, function: "cosine" });

/** A molecule of three elements, and a left-handed crystal thinner than the cutoff, where atoms are neighbors of themselves. */
export const SYSTEMS: [string, () => Structure][] = [["a molecule", ethanol], ["a small left-handed cell", () => crystal([6, 8, 1], 5)]];

/** W p of every center, [center][descriptor]. */
export async function projected(backend: Backend, structure: Structure, hyperparameters: Hyperparameters, species: readonly number[], { values: w, size }: ProjectionWeights): Promise<number[][]> {
  const features = await backend.computeFeatures([structure], hyperparameters, { species });
  if (features.size !== size) throw new Error(`expected ${features.size} features, got ${size}`);
  return Array.from(features.centers, (_, center) =>
    Array.from({ length: w.length / size }, (__, row) => {
      let sum = 0;
      for (let f = 0; f < size; f++) sum += w[row * size + f]! * features.values[center * size + f]!;
      return sum;
    }),
  );
}

/** Largest difference of each column relative to the largest magnitude in it, or in the same column of `scale`. */
export function columnErrors(found: readonly (readonly number[])[], expected: readonly (readonly number[])[], scale = expected): number[] {
  return expected[0]!.map((_, column) => {
    const largest = Math.max(...scale.map((row) => Math.abs(row[column]!)));
    const difference = Math.max(...expected.map((row, i) => Math.abs(row[column]! - found[i]![column]!)));
    return Number.isNaN(difference) ? Infinity : difference / largest;
  });
}
