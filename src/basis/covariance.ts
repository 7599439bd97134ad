/**
 * Rotationally invariant covariances of density coefficients, THEORY.md Eqs. (30) and (31), uncentered; i runs over centers with weights w_i:
 *   C^{al}_{nn'} = (1/Σ w_i) Σ_i w_i Σ_m cⁱ_{anlm} cⁱ_{an'lm},   mixed: C^l_{(a,n)(a',n')} with cⁱ_{anlm} cⁱ_{a'n'lm}.
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

/** Sums over centers; `covarianceBlock` divides by the weight. One per center element makes a contraction that depends on the center. */
export interface DensityCovariance extends CoefficientLayout {
  /** One matrix over (a, n) for each l instead of one over n for each (a, l). */
  readonly mixed: boolean;
  /** [species][l][n][n'], or mixed [l][an][a'n']. */
  readonly sums: Float64Array;
  /** Σ w_i. */
  weight: number;
}

/** Rows and columns of one matrix: nMax, or species × nMax. */
export function blockSize({ mixed, species, nMax }: { readonly mixed: boolean; readonly species: number; readonly nMax: number }): number {
  return mixed ? species * nMax : nMax;
}

/** Number of matrices: species × (lMax + 1) in the order [species][l], or lMax + 1. */
export function blockCount({ mixed, species, lMax }: { readonly mixed: boolean; readonly species: number; readonly lMax: number }): number {
  return (mixed ? 1 : species) * (lMax + 1);
}

/** A covariance of no centers. */
export function createCovariance(layout: CoefficientLayout, mixed: boolean): DensityCovariance {
  const { species, nMax, lMax } = layout;
  return { species, nMax, lMax, mixed, sums: new Float64Array(blockCount({ ...layout, mixed }) * blockSize({ ...layout, mixed }) ** 2), weight: 0 };
}

function checkBlock(coefficients: Float64Array, { species, nMax, lMax }: CoefficientLayout, weights: ArrayLike<number> | null): number {
  const size = species * nMax * (lMax + 1) ** 2;
  const centers = coefficients.length / size;
  if (!Number.isInteger(centers)) {
    const expected = `a multiple of ${species} × ${nMax} × ${(lMax + 1) ** 2}`;
    throw new InputError("length of density coefficients", { expected, got: `${coefficients.length}` });
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
 * @throws InputError when lengths do not fit; NumericalError for coefficients that are not finite.
 */
export function accumulateCovariance(
  algebra: LinearAlgebra, covariance: DensityCovariance, coefficients: Float64Array, weights: ArrayLike<number> | null = null,
): void {
  const { species, nMax, lMax, mixed, sums } = covariance;
  const centers = checkBlock(coefficients, covariance, weights);
  const used = Array.from({ length: centers }, (_, i) => i).filter((i) => weights === null || weights[i]! > 0);
  const [size, orders] = [blockSize(covariance), (lMax + 1) ** 2];
  for (let block = 0; block < blockCount(covariance); block++) {
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
    const offset = block * size * size;
    product.forEach((value, index) => (sums[offset + index]! += value));
  }
  for (const i of used) covariance.weight += weights === null ? 1 : weights[i]!;
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
