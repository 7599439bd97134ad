/**
 * Rotationally invariant covariances of density coefficients, THEORY.md Eqs. (30), (31) and (42), uncentered; i runs over centers with weights w_i:
 *   C^{al}_{nn'} = (1/Σ w_i) Σ_i w_i Σ_m cⁱ_{anlm} cⁱ_{an'lm},   mixed: C^l_{(a,n)(a',n')} with cⁱ_{anlm} cⁱ_{a'n'lm}.
 * One matrix for all centers, or one for the centers of each element z; Σ w_i is that of all centers then too, so that Σ_z C^z = C.
 */

import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Sizes of density coefficients [center][species][n][lm]. */
export interface CoefficientLayout {
  /** Number of neighbor elements. */
  readonly species: number;
  readonly nMax: number;
  readonly lMax: number;
}

/** Which matrices there are, and the order of their blocks: [center][species][l], or mixed [center][l]. */
export interface CovarianceLayout extends CoefficientLayout {
  /** One matrix over (a, n) for each l instead of one over n for each (a, l). */
  readonly mixed: boolean;
  /** Elements of the centers that have matrices of their own, atomic numbers; null where all centers share them. */
  readonly centers: readonly number[] | null;
}

/** Sums over centers; `covarianceBlock` divides by the weight. */
export interface DensityCovariance extends CovarianceLayout {
  /** [block][size][size]. */
  readonly sums: Float64Array;
  /** Σ w_i over all blocks of centers. */
  weight: number;
  /** Rounding error of the sums relative to the largest; eigenvalues below that share of the largest are noise. */
  readonly rounding: number;
}

/** That of coefficients and sums in float64. */
export const doubleRounding = 1e-13;

/** Rows and columns of one matrix: nMax, or species × nMax. */
export function blockSize({ mixed, species, nMax }: CovarianceLayout): number {
  return mixed ? species * nMax : nMax;
}

/** Number of matrices: species × (lMax + 1), or lMax + 1, for each element of the centers or for all. */
export function blockCount({ mixed, species, lMax, centers }: CovarianceLayout): number {
  return (centers?.length ?? 1) * (mixed ? 1 : species) * (lMax + 1);
}

/** A covariance of no centers. */
export function createCovariance(
  { species, nMax, lMax }: CoefficientLayout, mixed: boolean, centers: readonly number[] | null = null, rounding = doubleRounding,
): DensityCovariance {
  const layout = { species, nMax, lMax, mixed, centers };
  return { ...layout, sums: new Float64Array(blockCount(layout) * blockSize(layout) ** 2), weight: 0, rounding };
}

function checkBlock(
  coefficients: Float64Array, { species, nMax, lMax, centers: own }: CovarianceLayout, weights: ArrayLike<number> | null, elements: ArrayLike<number> | null,
): number {
  const size = species * nMax * (lMax + 1) ** 2;
  const centers = coefficients.length / size;
  if (!Number.isInteger(centers)) {
    const expected = `a multiple of ${species} × ${nMax} × ${(lMax + 1) ** 2}`;
    throw new InputError("length of density coefficients", { expected, got: `${coefficients.length}` });
  }
  if (own && elements?.length !== centers) {
    throw new InputError("number of center elements", { expected: `${centers}, one per center`, got: `${elements?.length ?? "none"}` });
  }
  if (weights === null) return centers;
  if (weights.length !== centers) throw new InputError("number of weights", { expected: `${centers}, one per center`, got: `${weights.length}` });
  for (let i = 0; i < centers; i++) {
    if (weights[i]! >= 0 && weights[i]! < Infinity) continue;
    throw new InputError("weight of a center", { expected: "a number from 0 on", got: `${weights[i]} for center ${i}` });
  }
  return centers;
}

/**
 * Adds a block of centers.
 * @param coefficients [center][species][n][lm]
 * @param weights w_i, [center]; null for 1. A weight of 0 leaves a center out.
 * @param elements atomic number of each center, for a covariance that depends on it; one that it does not name is left out.
 * @throws InputError when lengths do not fit; NumericalError for coefficients that are not finite.
 */
export function accumulateCovariance(
  algebra: LinearAlgebra, covariance: DensityCovariance, coefficients: Float64Array, weights: ArrayLike<number> | null = null,
  elements: ArrayLike<number> | null = null,
): void {
  const count = checkBlock(coefficients, covariance, weights, elements);
  const used = Array.from({ length: count }, (_, i) => i).filter((i) => weights === null || weights[i]! > 0);
  (covariance.centers ?? [null]).forEach((z, center) => {
    const own = z === null ? used : used.filter((i) => elements![i] === z);
    accumulateCenters(algebra, covariance, center, coefficients, weights, own);
    for (const i of own) covariance.weight += weights === null ? 1 : weights[i]!;
  });
}

function accumulateCenters(
  algebra: LinearAlgebra, covariance: DensityCovariance, center: number, coefficients: Float64Array, weights: ArrayLike<number> | null,
  used: readonly number[],
): void {
  const { species, nMax, lMax, mixed, sums } = covariance;
  const [size, orders] = [blockSize(covariance), (lMax + 1) ** 2];
  const perCenter = (mixed ? 1 : species) * (lMax + 1);
  for (let block = 0; block < perCenter; block++) {
    const [l, first] = [block % (lMax + 1), mixed ? 0 : Math.floor(block / (lMax + 1)) * nMax];
    const rows = new Float64Array(used.length * (2 * l + 1) * size);
    let at = 0;
    for (const i of used) {
      const root = weights === null ? 1 : Math.sqrt(weights[i]!);
      for (let lm = l * l; lm < (l + 1) ** 2; lm++) {
        for (let channel = first; channel < first + size; channel++) rows[at++] = root * coefficients[(i * species * nMax + channel) * orders + lm]!;
      }
    }
    const product = algebra.multiply(rows, rows, { m: size, n: size, k: rows.length / size, transA: true });
    const offset = (center * perCenter + block) * size * size;
    product.forEach((value, index) => (sums[offset + index]! += value));
  }
}

/** C of one block, [size][size]; zeros when there are no centers. */
export function covarianceBlock(covariance: DensityCovariance, block: number): Float64Array {
  const size = blockSize(covariance);
  const part = covariance.sums.slice(block * size * size, (block + 1) * size * size);
  return covariance.weight > 0 ? part.map((value) => value / covariance.weight) : part;
}

/** Trace of each block, the variance of its coefficients. */
export function blockVariances(covariance: DensityCovariance): Float64Array {
  const size = blockSize(covariance);
  return Float64Array.from({ length: blockCount(covariance) }, (_, block) =>
    covarianceBlock(covariance, block).reduce((sum, value, index) => (index % (size + 1) === 0 ? sum + value : sum), 0),
  );
}
