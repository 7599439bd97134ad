/**
 * Principal components of features as collective variables: s = w·(p̄ − μ), p̄ the mean of the features over all atoms of a structure, μ its mean
 * over reference structures, and w an eigenvector of their covariance C = Σ (p̄ − μ)(p̄ − μ)ᵀ/F (principal component analysis: Pearson,
 * doi:10.1080/14786440109462720). ∂s/∂r comes from the adjoint of the features; without one by strain it serves a fixed cell.
 */
import type { Backend, Features, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import type { CollectiveVariable } from "./collective-variables.js";

/** Of the largest variance: below it a component is rounding error. */
const LEAST_VARIANCE = 1e-12;

/** Plain data. */
export interface FeatureComponents {
  readonly hyperparameters: Hyperparameters;
  /** Elements that the features resolve, ascending. */
  readonly species: readonly number[];
  /** μ, [feature]. */
  readonly mean: Float64Array;
  /** Unit vectors w by falling variance, [component][feature]. */
  readonly directions: Float64Array;
  /** Variances of s over the reference structures, [component]. */
  readonly variances: Float64Array;
}

/** p̄, [structure][feature]. */
function averages({ values, size, offsets }: Features): Float64Array {
  const means = new Float64Array((offsets.length - 1) * size);
  for (let structure = 0; structure + 1 < offsets.length; structure++) {
    const count = offsets[structure + 1] - offsets[structure];
    for (let center = offsets[structure]; center < offsets[structure + 1]; center++) {
      for (let k = 0; k < size; k++) means[structure * size + k] += values[center * size + k] / count;
    }
  }
  return means;
}

/**
 * The `count` principal components of largest variance over `structures`.
 * @throws InputError when the structures do not vary in so many directions, or the features are tensors; whatever `computeFeatures` throws.
 */
export async function principalFeatureComponents(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, count: number, options: JobOptions = {},
): Promise<FeatureComponents> {
  if ((hyperparameters.features.lambda ?? 0) > 0) throw new InputError("components of tensors turn with the structure", { key: "features.lambda", expected: "0", got: String(hyperparameters.features.lambda) });
  const features = await backend.computeFeatures(structures, hyperparameters, options);
  const { size } = features;
  const rows = averages(features);
  const frames = structures.length;
  const mean = new Float64Array(size);
  for (let k = 0; k < rows.length; k++) mean[k % size] += rows[k] / frames;
  for (let k = 0; k < rows.length; k++) rows[k] -= mean[k % size];
  // X Xᵀ/F has the eigenvalues of Xᵀ X/F, and is small where features are many.
  const gram = new Float64Array(frames * frames);
  for (let a = 0; a < frames; a++) {
    for (let b = 0; b < frames; b++) {
      for (let k = 0; k < size; k++) gram[a * frames + b] += (rows[a * size + k] * rows[b * size + k]) / frames;
    }
  }
  const { values, vectors } = (await createLinearAlgebra()).symmetricEigen(gram, frames);
  const usable = values.filter((value) => value > LEAST_VARIANCE * values[0]).length;
  if (!(Number.isInteger(count) && count >= 1 && count <= usable)) {
    throw new InputError("the structures have no such component", { key: "count", expected: `1 to ${usable}, or more structures that differ`, got: String(count) });
  }
  const directions = new Float64Array(count * size);
  for (let component = 0; component < count; component++) {
    for (let frame = 0; frame < frames; frame++) {
      const weight = vectors[component * frames + frame] / Math.sqrt(values[component] * frames);
      for (let k = 0; k < size; k++) directions[component * size + k] += weight * rows[frame * size + k];
    }
  }
  return { hyperparameters, species: features.species, mean, directions, variances: values.slice(0, count) };
}

/**
 * Component `index` (from 0 on) of `structure` on a backend that stays open; two predictions of features a step.
 * @throws InputError on an element that the reference structures lack, or a component that is not there.
 */
export function featureComponentVariable(backend: Backend, structure: Structure, { hyperparameters, species, mean, directions, variances }: FeatureComponents, index: number): CollectiveVariable {
  const foreign = structure.species.findIndex((z) => !species.includes(z));
  if (foreign >= 0) throw new InputError("the components do not know this element", { atom: foreign, expected: species.map(symbolOf).join(", "), got: symbolOf(structure.species[foreign]) });
  if (!(Number.isInteger(index) && index >= 0 && index < variances.length)) throw new InputError("there is no such component", { key: "index", expected: `0 to ${variances.length - 1}`, got: String(index) });
  const size = mean.length;
  const atoms = structure.species.length;
  const direction = directions.subarray(index * size, (index + 1) * size);
  const weights = Float64Array.from({ length: atoms * size }, (_, k) => direction[k % size] / atoms);
  return async (positions, cell) => {
    const now = { ...structure, positions, cell };
    const average = averages(await backend.computeFeatures([now], hyperparameters, { species }));
    let value = 0;
    for (let k = 0; k < size; k++) value += direction[k] * (average[k] - mean[k]);
    const [gradient] = await backend.computeFeatureAdjoints([now], hyperparameters, species, [weights]);
    return { value, gradient, strain: null };
  };
}
