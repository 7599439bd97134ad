// Results with one row per center, which a backend fills chunk by chunk.
import { checkSpecies } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import type { Structure } from "../structure/structure.js";
import type { CenterProjection, Features } from "./backend.js";

/**
 * Room for `size` numbers per center of the structures.
 * @throws InputError on hyperparameters out of range, or an element that the features do not resolve.
 */
export function createCenterArrays(
  structures: readonly Structure[],
  hyperparameters: Hyperparameters,
  species: readonly number[],
  size: number,
): Features {
  validateHyperparameters(hyperparameters);
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach((structure, index) => {
    checkSpecies(structure, species, index);
    offsets[index + 1] = offsets[index]! + structure.species.length;
  });
  const centers = new Uint8Array(offsets[structures.length]!);
  structures.forEach((structure, index) => centers.set(structure.species, offsets[index]!));
  return { values: new Float64Array(centers.length * size), size, offsets, centers, species };
}

/** Components of the centers of each element, in the order in which they are appended. */
export class ComponentArrays {
  /** Components per center, [element]. */
  readonly sizes: readonly number[];
  /** Centers of all elements. */
  readonly total: number;
  readonly #species: readonly number[];
  readonly #values: readonly Float64Array[];
  readonly #filled: number[];

  constructor(structures: readonly Structure[], species: readonly number[], centers: readonly CenterProjection[]) {
    structures.forEach((structure, index) => checkSpecies(structure, species, index));
    const counts = new Int32Array(256);
    for (const structure of structures) for (const z of structure.species) counts[z]!++;
    this.#species = species;
    this.sizes = species.map((z) => centers.find((center) => center.species === z)?.size ?? 0);
    this.total = counts.reduce((sum, count) => sum + count, 0);
    this.#values = species.map((z, s) => new Float64Array(counts[z]! * this.sizes[s]!));
    this.#filled = species.map(() => 0);
  }

  /** Adds components of one or more centers of the element with this index. */
  append(element: number, values: ArrayLike<number>): void {
    this.#values[element]!.set(values, this.#filled[element]!);
    this.#filled[element]! += values.length;
  }

  get byElement(): Map<number, Float64Array> {
    return new Map(this.#species.map((z, s) => [z, this.#values[s]!]));
  }
}
