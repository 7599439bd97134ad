// The optimal radial basis of a dataset, Eqs. (30)–(33): covariances of the density coefficients, streamed over the structures, and the directions kept.
import { createContraction, decomposeCovariance, keptChannels, type Keep, type PrincipalDirections } from "../basis/contraction.js";
import { accumulateCovariance, createCovariance } from "../basis/covariance.js";
import type { Backend, JobOptions } from "../backend/backend.js";
import { speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import type { Structure } from "../structure/structure.js";
import { portions } from "./portions.js";

export interface OptimalBasisOptions extends JobOptions, Keep {
  /** One density for all elements instead of one per element. */
  readonly mixed?: boolean;
  /** Elements that the basis resolves, atomic numbers; by default those of the structures. */
  readonly species?: readonly number[];
  /** Only environments of these center elements, atomic numbers; all by default. */
  readonly centers?: readonly number[];
}

export interface OptimalBasis {
  /** The hyperparameters given, with the contraction. */
  readonly hyperparameters: Hyperparameters;
  readonly directions: PrincipalDirections;
  /** Channels kept per block: [species][l], or mixed [l]. */
  readonly kept: readonly number[];
  /** Share of the variance of all coefficients that is left out. */
  readonly residualVariance: number;
  /** Environments that were looked at. */
  readonly environments: number;
}

/**
 * Builds the contraction that keeps most variance of the density coefficients per function. The primitive basis is that of `hyperparameters`;
 * a contraction already there is replaced.
 * @throws InputError when neither `channels` nor `threshold` is given or one is out of range; NumericalError when nothing varies.
 */
export async function createOptimalBasis(
  backend: Backend,
  structures: readonly Structure[],
  hyperparameters: Hyperparameters,
  { mixed = false, species = speciesOf(structures), centers, channels, threshold, signal, onProgress }: OptimalBasisOptions,
): Promise<OptimalBasis> {
  const primitive = { ...hyperparameters, basis: { ...hyperparameters.basis, contraction: null } };
  const { nMax, lMax } = primitive.basis;
  const algebra = await createLinearAlgebra();
  const covariance = createCovariance({ species: species.length, nMax, lMax }, mixed);
  const total = structures.reduce((sum, structure) => sum + structure.species.length, 0);
  let done = 0;
  for (const part of portions(structures)) {
    const coefficients = await backend.computeDensityCoefficients(part, primitive, { species, signal });
    const weights = centers ? Float64Array.from(coefficients.centers, (z) => (centers.includes(z) ? 1 : 0)) : null;
    accumulateCovariance(algebra, covariance, coefficients.values, weights);
    done += coefficients.centers.length;
    onProgress?.({ stage: "optimal basis", done, total });
  }
  const directions = decomposeCovariance(algebra, covariance);
  const kept = keptChannels(directions, { channels, threshold });
  const contraction = createContraction(directions, species, kept);
  let [left, all] = [0, 0];
  directions.blocks.forEach(({ variances, total: variance }, block) => {
    all += variance;
    left += Math.max(0, variance - variances.subarray(0, kept[block]!).reduce((sum, value) => sum + value, 0));
  });
  return {
    hyperparameters: { ...primitive, basis: { ...primitive.basis, contraction } },
    directions,
    kept: [...kept],
    residualVariance: left / all,
    environments: covariance.weight,
  };
}
