/**
 * Statistical errors of averages over a trajectory. Neighboring frames are alike, so the spread of single frames says too little: means of blocks
 * longer than the correlation time are independent, and the standard error of the whole mean is √(Σ_b (m_b − m)²/(B(B − 1)))
 * (Flyvbjerg and Petersen, doi:10.1063/1.457480).
 */
import { checkRange } from "../dynamics/option-checks.js";
import { InputError } from "../errors.js";

export interface BlockAverage {
  /** [value] */
  readonly mean: Float64Array;
  /** Standard error of the mean, [value]; null where there are not two blocks. */
  readonly errors: Float64Array | null;
}

/**
 * Mean of samples in the order of time, and its error by `blocks` blocks of equal length, or nearly so.
 * @param samples [sample][value]
 * @throws InputError without samples, or with samples of unequal length.
 */
export function blockAverage(samples: readonly Float64Array[], blocks = 5): BlockAverage {
  checkRange("blocks", blocks, Number.isSafeInteger(blocks) && blocks >= 1, "a whole number, 1 or more");
  if (samples.length === 0) throw new InputError("there is nothing to average", { key: "samples", expected: "one sample or more", got: "none" });
  const size = samples[0].length;
  const odd = samples.findIndex((sample) => sample.length !== size);
  if (odd >= 0) throw new InputError("samples differ in length", { key: "samples", expected: `${size} values`, got: `${samples[odd].length} in sample ${odd}` });
  const mean = meanOf(samples);
  const count = Math.min(blocks, samples.length);
  if (count < 2) return { mean, errors: null };
  const edge = (b: number): number => Math.round((b * samples.length) / count);
  const means = Array.from({ length: count }, (_, b) => meanOf(samples.slice(edge(b), edge(b + 1))));
  const errors = mean.map((value, k) => Math.sqrt(means.reduce((sum, block) => sum + (block[k] - value) ** 2, 0) / (count * (count - 1))));
  return { mean, errors };
}

function meanOf(samples: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(samples[0].length);
  for (const sample of samples) for (let k = 0; k < mean.length; k++) mean[k] += sample[k] / samples.length;
  return mean;
}

export interface BlockingLevel {
  /** Samples in a block. */
  readonly length: number;
  /** Standard error of the mean by blocks of this length; right once it does not grow any more with the length. */
  readonly error: number;
  /** Standard error of `error` itself. */
  readonly uncertainty: number;
}

/** Errors of the mean of one series by blocks of 1, 2, 4, … samples, as long as there are two blocks. */
export function blockingAnalysis(series: ArrayLike<number>): BlockingLevel[] {
  const levels: BlockingLevel[] = [];
  let means = Array.from(series);
  for (let length = 1; means.length >= 2; length *= 2) {
    const count = means.length;
    const mean = means.reduce((sum, value) => sum + value, 0) / count;
    const error = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count * (count - 1)));
    levels.push({ length, error, uncertainty: error / Math.sqrt(2 * (count - 1)) });
    means = Array.from({ length: count >> 1 }, (_, k) => (means[2 * k] + means[2 * k + 1]) / 2);
  }
  return levels;
}
