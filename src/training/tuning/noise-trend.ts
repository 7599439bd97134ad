// σ of a fit with more sparse points than the trials had: what few points cannot carry counts as noise, and there is less of it with more of them.
import { labelKinds, type Sigmas } from "./trial.js";

/** The best σ with so many columns. */
export interface NoiseAt {
  readonly columns: number;
  readonly noise: Sigmas;
}

/** Columns of the two sizes have to differ by this factor to say anything, and σ falls no further than to this share, as two points make no law. */
const APART = 1.2;
const LEAST_SHARE = 1 / 3;

/**
 * σ goes on with the power of the number of columns by which it went from small to large trials; it does not grow.
 * @param last the best σ at the number of columns of `large`, with all terms
 * @param columns of the fit
 */
export function extrapolatedNoise(small: NoiseAt, large: NoiseAt, last: Sigmas, columns: number): Sigmas {
  if (large.columns < APART * small.columns || columns <= large.columns) return last;
  const further = Math.log(columns / large.columns) / Math.log(large.columns / small.columns);
  const share = (kind: keyof Sigmas): number => Math.min(1, Math.max(LEAST_SHARE, (large.noise[kind] / small.noise[kind]) ** further));
  const [energy, forces, virial] = labelKinds.map((kind) => Number((last[kind] * share(kind)).toPrecision(3)));
  return { energy: energy!, forces: forces!, virial: virial! };
}
