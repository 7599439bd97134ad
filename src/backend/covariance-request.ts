// What both backends make of a request for the covariance of density coefficients, Eqs. (30), (31) and (42), before they sum anything.
import { createCovariance, type DensityCovariance } from "../basis/covariance.js";
import { InputError } from "../errors.js";
import { checkSpecies, speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { originOf } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import type { CovarianceOptions } from "./backend.js";

export interface CovarianceRequest {
  /** The hyperparameters without a contraction, with all degrees. */
  readonly primitive: Hyperparameters;
  readonly species: readonly number[];
  /** Sums of zero; the weight is that of all centers of the request. */
  readonly covariance: DensityCovariance;
  /** Block of matrices to which centers of an element add, −1 for none, [element]. */
  readonly blockOf: Int32Array;
  /** w of each structure. */
  readonly weights: Float64Array;
  /** Centers that take part. */
  readonly count: number;
}

function structureWeights(structures: readonly Structure[], weights: ArrayLike<number> | undefined): Float64Array {
  const count = structures.length;
  if (weights === undefined) return new Float64Array(count).fill(1);
  if (weights.length !== count) throw new InputError("number of weights", { expected: `${count}, one per structure`, got: `${weights.length}` });
  for (let s = 0; s < count; s++) {
    if (weights[s]! >= 0 && weights[s]! < Infinity) continue;
    throw new InputError("weight of a structure", { ...originOf(structures[s]!, s), expected: "a number from 0 on", got: String(weights[s]) });
  }
  return Float64Array.from(weights);
}

/**
 * @param rounding of the backend's sums
 * @throws InputError on hyperparameters or weights out of range, and elements that `species` lacks.
 */
export function covarianceRequest(
  structures: readonly Structure[],
  { cutoff, density, basis }: Hyperparameters,
  { species = speciesOf(structures), mixed = false, centers, centerDependent = false, weights }: CovarianceOptions,
  rounding: number,
): CovarianceRequest {
  const primitive: Hyperparameters = { cutoff, density, basis: { ...basis, contraction: null }, features: { kind: "power-spectrum", normalize: true } };
  validateHyperparameters(primitive);
  structures.forEach((structure, index) => checkSpecies(structure, species, index));
  const own = centers ?? species;
  const blockOf = Int32Array.from(species, (z) => (centerDependent ? own.indexOf(z) : own.includes(z) ? 0 : -1));
  const { nMax, lMax } = basis;
  const covariance = createCovariance({ species: species.length, nMax, lMax }, mixed, centerDependent ? own : null, rounding);
  const ofStructure = structureWeights(structures, weights);
  let count = 0;
  structures.forEach((structure, s) => {
    if (ofStructure[s] === 0) return;
    const wanted = structure.species.reduce((sum, z) => (own.includes(z) ? sum + 1 : sum), 0);
    covariance.weight += wanted * ofStructure[s]!;
    count += wanted;
  });
  return { primitive, species, covariance, blockOf, weights: ofStructure, count };
}
