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

/** Components of the centers of each element, in the order of the structures and their atoms. */
export class ComponentArrays {
  /** Components per center, [element]. */
  readonly sizes: readonly number[];
  /** Centers of all elements. */
  readonly total: number;
  readonly #species: readonly number[];
  readonly #values: readonly Float64Array[];
  /** Index of each center among those of its element. */
  readonly #ranks: Int32Array;
  readonly #filled: number[];

  constructor(structures: readonly Structure[], species: readonly number[], centers: readonly CenterProjection[]) {
    structures.forEach((structure, index) => checkSpecies(structure, species, index));
    this.total = structures.reduce((sum, structure) => sum + structure.species.length, 0);
    const counts = new Int32Array(256);
    this.#ranks = new Int32Array(this.total);
    let center = 0;
    for (const structure of structures) for (const z of structure.species) this.#ranks[center++] = counts[z]!++;
    this.#species = species;
    this.sizes = species.map((z) => centers.find((own) => own.species === z)?.size ?? 0);
    this.#values = species.map((z, s) => new Float64Array(counts[z]! * this.sizes[s]!));
    this.#filled = species.map(() => 0);
  }

  /** Sets the components of a center, which is of the element with this index. */
  set(center: number, element: number, values: ArrayLike<number>): void {
    this.#values[element]!.set(values, this.#ranks[center]! * this.sizes[element]!);
  }

  /** Adds components of one or more centers of the element with this index behind those appended before. */
  append(element: number, values: ArrayLike<number>): void {
    this.#values[element]!.set(values, this.#filled[element]!);
    this.#filled[element]! += values.length;
  }

  /** Sets the components of the last centers, of all elements. */
  setLast(byElement: ReadonlyMap<number, Float64Array>): void {
    this.#species.forEach((z, s) => {
      const [all, last] = [this.#values[s]!, byElement.get(z)!];
      all.set(last, all.length - last.length);
    });
  }

  get byElement(): Map<number, Float64Array> {
    return new Map(this.#species.map((z, s) => [z, this.#values[s]!]));
  }
}
