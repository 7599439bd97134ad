// Fewer functions of a contraction that has all of them: U without its last rows, THEORY.md Eq. (31).
import type { Hyperparameters } from "lather";

/** The hyperparameters with the first `kept` functions of every element and degree. */
export function keepFirst(hyperparameters: Hyperparameters, kept: number): Hyperparameters {
  const { basis } = hyperparameters;
  const contraction = basis.contraction!;
  const channels = Math.min(kept, contraction.channels);
  // U is [species][l][q][n].
  const matrix = contraction.matrix.filter((_, index) => Math.floor(index / basis.nMax) % contraction.channels < channels);
  return { ...hyperparameters, basis: { ...basis, contraction: { ...contraction, channels, matrix } } };
}
