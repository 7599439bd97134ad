// The optimal radial basis of a dataset, Eqs. (30)–(36) and (42)–(44): covariances of the density coefficients, summed by the backend,
// and the directions kept.
import { createContraction, decomposeCovariance, keptChannels, type Keep, type PrincipalDirections, type Supervision } from "../basis/contraction.js";
import type { Backend, CovarianceOptions, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { fitBasisTarget, type BasisTarget } from "./basis-target.js";
import type { FitConfiguration } from "./configuration.js";

export interface OptimalBasisOptions extends JobOptions, Keep, Omit<CovarianceOptions, keyof JobOptions> {
  /** A scalar that the functions of l = 0 should serve as well; needed when `gamma` is below 1. */
  readonly target?: BasisTarget | undefined;
  /** From 0 (the regression of the target alone) to 1 (variance alone, the default), Eq. (35). */
  readonly gamma?: number | undefined;
}

export interface OptimalBasis {
  /** The hyperparameters given, with the contraction. */
  readonly hyperparameters: Hyperparameters;
  readonly directions: PrincipalDirections;
  /** Channels kept per block: [center][species][l], or mixed [center][l]; one center where all share the functions. */
  readonly kept: readonly number[];
  /** Share of the variance of all coefficients that is left out. */
  readonly residualVariance: number;
  /** Environments that were looked at. */
  readonly environments: number;
  /** R² of the linear model of the target on the primitive coefficients, Eq. (43); null without a target. */
  readonly explained: number | null;
}

/** @throws InputError when a center element that was asked for does not occur. */
function checkCenters(structures: readonly Structure[], centers: readonly number[]): void {
  const present = speciesOf(structures);
  const absent = centers.find((z) => !present.includes(z));
  if (absent === undefined) return;
  throw new InputError("no center of this element", { key: "centers", expected: present.map(symbolOf).join(", "), got: symbolOf(absent) });
}

/**
 * Builds the contraction that keeps most variance of the density coefficients per function. The primitive basis is that of `hyperparameters`;
 * a contraction already there is replaced.
 * @throws InputError when neither `channels` nor `threshold` is given, one is out of range, or γ and the target do not go together;
 * NumericalError when nothing varies.
 */
export async function createOptimalBasis(
  backend: Backend,
  structures: readonly Structure[],
  hyperparameters: Hyperparameters,
  options: OptimalBasisOptions,
): Promise<OptimalBasis> {
  const { species = speciesOf(structures), channels, threshold, target, gamma = 1, signal, onProgress } = options;
  if (gamma !== 1 && !target) throw new InputError("γ below 1 needs a target", { key: "gamma", expected: "1, or a target", got: String(gamma) });
  // Elements that were named must occur; of those that the basis resolves only the ones that do have functions around them.
  checkCenters(structures, options.centers ?? []);
  const centers = options.centers ?? (options.centerDependent ? speciesOf(structures) : undefined);
  const { cutoff, density, basis, features } = hyperparameters;
  const primitive: Hyperparameters = { cutoff, density, basis: { ...basis, contraction: null }, features };
  const algebra = await createLinearAlgebra();
  const stage = onProgress && ((progress: { done: number; total: number }) => onProgress({ ...progress, stage: "optimal basis" }));
  const covariance = await backend.computeCovariance(structures, primitive, { ...options, species, centers, signal, onProgress: stage });
  const supervision: Supervision | null = target
    ? { model: await fitBasisTarget(backend, algebra, structures, primitive, target, { ...options, species, centers }), gamma }
    : null;
  const directions = decomposeCovariance(algebra, covariance, supervision);
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
    explained: supervision && supervision.model.explained,
  };
}

/**
 * The configuration with the contraction that its `optimalBasis` asks for, made from these structures; as it is where it asks for none.
 * @param options `target`: needed where `optimalBasis.gamma` is below 1
 * @throws as `createOptimalBasis`.
 */
export async function withOptimalBasis<Settings extends Hyperparameters & Pick<FitConfiguration, "optimalBasis">>(
  backend: Backend,
  structures: readonly Structure[],
  configuration: Settings,
  options: JobOptions & { readonly target?: BasisTarget | undefined } = {},
): Promise<Settings> {
  if (!configuration.optimalBasis) return configuration;
  const { channels, threshold, mixed, centerDependent, gamma } = configuration.optimalBasis;
  const { signal, onProgress } = options;
  // Where variance alone counts a target would be one more pass over the data.
  const target = gamma < 1 ? options.target : undefined;
  const keep = { channels: channels ?? undefined, threshold: threshold ?? undefined };
  const { hyperparameters } = await createOptimalBasis(
    backend, structures, configuration, { ...keep, mixed, centerDependent, target, gamma, signal, onProgress },
  );
  return { ...configuration, basis: hyperparameters.basis, optimalBasis: null };
}
