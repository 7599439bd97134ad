/**
 * Rotationally invariant covariances of density coefficients, THEORY.md Eqs. (30), (31) and (42), uncentered; i runs over centers with weights w_i:
 *   C^{al}_{nn'} = (1/Σ w_i) Σ_i w_i Σ_m cⁱ_{anlm} cⁱ_{an'lm},   mixed: C^l_{(a,n)(a',n')} with cⁱ_{anlm} cⁱ_{a'n'lm}.
 * One matrix for all centers, or one for the centers of each element z; Σ w_i is that of all centers then too, so that Σ_z C^z = C.
 */

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
