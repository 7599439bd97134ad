/**
 * Residual variance, THEORY.md Eq. (38): the share of the variance of the density coefficients that q_max channels leave out,
 *   RV = 1 − Σ_i Σ_q |c_{qlm}|² / Σ_i Σ_n |c_{nlm}|² = 1 − Σ_q U_q C U_qᵀ / tr C,
 * over all (a, l), or within a degree l; rows of U are orthonormal (Goscinski et al., doi:10.1063/5.0057229, Eq. 12).
 */

import type { PrincipalDirections } from "../basis/contraction.js";
import { blockCount, blockSize, blockVariances, covarianceBlock, type DensityCovariance } from "../basis/covariance.js";
import { InputError } from "../errors.js";
import type { RadialContraction } from "../basis/hyperparameters.js";

export interface ResidualVariance {
  /** Over all elements and degrees. */
  readonly total: number;
  /** Over the elements, [l]; 0 for a degree without variance. */
  readonly perDegree: Float64Array;
}

/** Shares that are left of variances [block] after `captured` [block]; blocks end with [l]. */
function shares(variances: Float64Array, captured: ArrayLike<number>, lMax: number): ResidualVariance {
  const [all, kept] = [new Float64Array(lMax + 1), new Float64Array(lMax + 1)];
  variances.forEach((variance, block) => {
    all[block % (lMax + 1)]! += variance;
    kept[block % (lMax + 1)]! += captured[block]!;
  });
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  // Rounding may leave −1e-16.
  const share = (part: number, whole: number): number => (whole > 0 ? Math.max(0, 1 - part / whole) : 0);
  return { total: share(sum(kept), sum(all)), perDegree: all.map((whole, l) => share(kept[l]!, whole)) };
}

/**
 * Residual variance of a contraction on any covariance of the same primitive basis, such as that of a test set. Its rows must be orthonormal
 * or zero, as `createContraction` makes them.
 * @throws InputError when the sizes do not agree.
 */
export function residualVariance(covariance: DensityCovariance, { mixed, channels, species, centers, matrix }: RadialContraction): ResidualVariance {
  const { nMax, lMax } = covariance;
  const names = (list: readonly number[] | null | undefined): string => (list ? `centers ${list.join(" ")}` : "all centers");
  const sameCenters = names(centers) === names(covariance.centers);
  const numbers = (centers?.length ?? 1) * species.length * (lMax + 1) * channels * nMax;
  if (mixed !== covariance.mixed || species.length !== covariance.species || !sameCenters || matrix.length !== numbers) {
    const form = (isMixed: boolean, list: readonly number[] | null | undefined): string => `${isMixed ? "mixed" : "separate"}, ${names(list)}`;
    const expected = `${covariance.species} elements, ${nMax} functions, lMax ${lMax}, ${form(covariance.mixed, covariance.centers)}`;
    const got = `${species.length} elements, ${matrix.length} numbers in ${channels} channels, ${form(mixed, centers)}`;
    throw new InputError("the contraction does not belong to the covariance", { expected, got });
  }
  const size = blockSize(covariance);
  const variances = blockVariances(covariance);
  const captured = variances.map((_, block) => {
    const c = covarianceBlock(covariance, block);
    const [l, a] = [block % (lMax + 1), Math.floor(block / (lMax + 1)) * (mixed ? species.length : 1)];
    let sum = 0;
    for (let q = 0; q < channels; q++) {
      const at = (element: number, n: number): number => matrix[((element * (lMax + 1) + l) * channels + q) * nMax + n]!;
      const row = Float64Array.from({ length: size }, (__, k) => at(a + Math.floor(k / nMax), k % nMax));
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += row[i]! * c[i * size + j]! * row[j]!;
    }
    return sum;
  });
  return shares(variances, captured, lMax);
}

/** Residual variances when every block keeps q directions, [q], q = 0 … largest rank, to choose from. */
export function residualVarianceCurve({ lMax, blocks }: PrincipalDirections): ResidualVariance[] {
  const variances = Float64Array.from(blocks, ({ total }) => total);
  const largest = Math.max(...blocks.map((block) => block.variances.length));
  return Array.from({ length: largest + 1 }, (_, q) =>
    shares(variances, blocks.map((block) => block.variances.subarray(0, q).reduce((sum, value) => sum + value, 0)), lMax),
  );
}

/**
 * Residual variance of a smaller primitive basis against a larger, nearly complete one, both orthonormal, on the same centers.
 * @throws InputError when their elements or degrees differ.
 */
export function primitiveResidualVariance(smaller: DensityCovariance, larger: DensityCovariance): ResidualVariance {
  if (smaller.species !== larger.species || smaller.lMax !== larger.lMax || blockCount(smaller) !== blockCount(larger)) {
    throw new InputError("the two covariances differ in more than their radial functions", {
      expected: `${larger.species} elements, lMax ${larger.lMax}`, got: `${smaller.species} elements, lMax ${smaller.lMax}`,
    });
  }
  return shares(blockVariances(larger), blockVariances(smaller), larger.lMax);
}
