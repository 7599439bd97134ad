// Settings of features with all that a configuration wants made from structures: an optimal basis, the matrices of a multispectrum.
import { parseHyperparameters, withMultispectrum, withOptimalBasis, type Backend, type FitConfiguration, type Hyperparameters, type JobOptions, type Structure } from "../index.js";

export async function madeFeatures(backend: Backend, structures: readonly Structure[], configuration: FitConfiguration, job: JobOptions): Promise<Hyperparameters> {
  const contracted = await withOptimalBasis(backend, structures, configuration, job);
  return parseHyperparameters(await withMultispectrum(backend, structures, contracted, job));
}
