/**
 * The optimal radial basis (Goscinski, Musil, Pozdnyakov, Nigam and Ceriotti, doi:10.1063/5.0057229), THEORY.md Eqs. (32)–(33) and (42):
 * directions U_q in the space of the primitive channels n, or (a, n) for mixed species, in which the coefficients vary most,
 *
 *   C^{al} U_q = λ_q U_q,   c_{aqlm} = Σ_n U^{al}_qn c_{anlm},   mixed: c_{qlm} = Σ_{an} U^l_{q,an} c_{anlm}.
 *
 * For l = 0 a target may have its say (principal-covariates.ts). contracted-table.ts makes tables of them.
 */

import { InputError, NumericalError } from "../errors.js";
import type { RadialContraction } from "./hyperparameters.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { blockCount, blockSize, blockVariances, covarianceBlock, type CovarianceLayout, type DensityCovariance } from "./covariance.js";
import { principalCovariates, type TargetModel } from "./principal-covariates.js";

/** All directions of one block that carry variance. */
export interface BlockDirections {
  /** U, [q][size], orthonormal rows, best first; the component of largest magnitude is positive. */
  readonly vectors: Float64Array;
  /** Variance of the coefficients along each, [q]; the eigenvalues λ_q where no target was given. */
  readonly variances: Float64Array;
  /** Variance of the whole block: the trace of C. */
  readonly total: number;
}

/** Directions of every block, [center][species][l], or mixed [center][l]. */
export interface PrincipalDirections extends CovarianceLayout {
  readonly blocks: readonly BlockDirections[];
}

/**
 * A target for the channels l = 0: the model of it over (center, a, n), or (a, n) for all centers,
 * and γ from 0 (regression alone) to 1 (variance alone).
 */
export interface Supervision {
  readonly model: TargetModel;
  readonly gamma: number;
}

function checkSupervision({ model, gamma }: Supervision, { centers, species, nMax }: CovarianceLayout): void {
  if (!(gamma >= 0 && gamma <= 1)) {
    throw new InputError("mixing of variance and target", { key: "gamma", expected: "a number from 0 to 1", got: String(gamma) });
  }
  const elements = (centers?.length ?? 1) * species;
  if (model.weights.length === elements * nMax) return;
  throw new InputError("number of weights of the target's model", { expected: `${elements} × ${nMax}`, got: `${model.weights.length}` });
}

/** Variance along unit vectors, u C uᵀ. */
function variancesAlong(covariance: Float64Array, vectors: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: vectors.length / size }, (_, q) => {
    let sum = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += vectors[q * size + i]! * covariance[i * size + j]! * vectors[q * size + j]!;
    return sum;
  });
}

/**
 * Directions of a covariance. A block without variance (an element that is absent, a degree that symmetry forbids) has none, and no block
 * has more than its rank: what is below the covariance's `rounding` of the largest eigenvalue is noise, and its eigenvectors would be random.
 * @throws InputError when γ or the model does not fit; NumericalError when the covariance has no variance at all or is not finite.
 */
export function decomposeCovariance(
  algebra: LinearAlgebra, covariance: DensityCovariance, supervision: Supervision | null = null,
): PrincipalDirections {
  if (supervision) checkSupervision(supervision, covariance);
  const { species, nMax, lMax, mixed, centers, rounding } = covariance;
  const size = blockSize(covariance);
  const totals = blockVariances(covariance);
  const largest = Math.max(...totals);
  if (!(largest > 0)) throw new NumericalError("the density coefficients are all zero", { expected: "environments", got: `variance ${largest}` });
  const blocks = Array.from({ length: blockCount(covariance) }, (_, block): BlockDirections => {
    const total = totals[block]!;
    // Rounding of coefficients that vanish by symmetry is squared here.
    if (!(total > rounding ** 2 * largest)) return { vectors: new Float64Array(0), variances: new Float64Array(0), total };
    const matrix = covarianceBlock(covariance, block);
    if (supervision && block % (lMax + 1) === 0) {
      const first = (block / (lMax + 1)) * size;
      const weights = supervision.model.weights.slice(first, first + size);
      const rows = principalCovariates(algebra, matrix, { weights, explained: supervision.model.explained }, supervision.gamma, rounding);
      const vectors = Float64Array.from(rows.flatMap((row) => [...row]));
      return { vectors, variances: variancesAlong(matrix, vectors, size), total };
    }
    const { values, vectors } = algebra.symmetricEigen(matrix, size);
    let rank = 0;
    while (rank < size && values[rank]! > rounding * values[0]!) rank++;
    return { vectors: vectors.slice(0, rank * size), variances: values.slice(0, rank), total };
  });
  return { species, nMax, lMax, mixed, centers, blocks };
}

/** How many directions to keep: a number for every block, a residual variance that each block may leave out, or both (the smaller number). */
export interface Keep {
  /** From 1 to nMax (mixed: species × nMax); a block of smaller rank keeps its rank. */
  readonly channels?: number | undefined;
  /** Share of a block's own variance, from 0 to below 1. */
  readonly threshold?: number | undefined;
}

/** Directions kept, [block]. @throws InputError when `keep` is empty or out of range. */
export function keptChannels({ blocks, ...layout }: PrincipalDirections, { channels, threshold }: Keep): Int32Array {
  const size = blockSize(layout);
  if (channels === undefined && threshold === undefined) {
    throw new InputError("size of the optimal basis", { expected: "channels, threshold, or both", got: "neither" });
  }
  if (channels !== undefined && !(Number.isInteger(channels) && channels >= 1 && channels <= size)) {
    const expected = `a whole number from 1 to ${size}, the primitive channels`;
    throw new InputError("size of the optimal basis", { key: "channels", expected, got: String(channels) });
  }
  if (threshold !== undefined && !(threshold >= 0 && threshold < 1)) {
    throw new InputError("residual variance", { key: "threshold", expected: "a number from 0 to below 1", got: String(threshold) });
  }
  return Int32Array.from(blocks, ({ variances, total }) => {
    const most = Math.min(variances.length, channels ?? size);
    let [count, left] = [0, total];
    while (count < most && (threshold === undefined || left > threshold * total)) left -= variances[count++]!;
    return count;
  });
}

/**
 * U of the directions kept, as hyperparameters take it: [center][species][l][q][n] with zeros where a block keeps fewer than the largest.
 * @param species atomic numbers, in the order of the coefficients
 * @param counts directions of each block, as from `keptChannels`
 */
export function createContraction(
  { blocks, ...layout }: PrincipalDirections, species: readonly number[], counts: ArrayLike<number>,
): RadialContraction {
  const { nMax, lMax, mixed, centers } = layout;
  if (species.length !== layout.species) {
    throw new InputError("elements of the contraction", { expected: `${layout.species}`, got: `${species.length}` });
  }
  const size = blockSize(layout);
  const channels = Math.max(...Array.from(counts));
  if (!(channels >= 1)) throw new InputError("an optimal basis without functions", { expected: "one channel at least", got: String(channels) });
  const matrix: number[] = [];
  for (let row = 0; row < (centers?.length ?? 1) * species.length; row++) {
    const a = row % species.length;
    for (let l = 0; l <= lMax; l++) {
      const block = (mixed ? Math.floor(row / species.length) : row) * (lMax + 1) + l;
      const { vectors } = blocks[block]!;
      for (let q = 0; q < channels; q++) {
        for (let n = 0; n < nMax; n++) matrix.push(q < counts[block]! ? vectors[q * size + (mixed ? a * nMax : 0) + n]! : 0);
      }
    }
  }
  return { mixed, channels, species: [...species], ...(centers && { centers: [...centers] }), matrix };
}
