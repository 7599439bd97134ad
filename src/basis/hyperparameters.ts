/** Radial cutoff f_c of Eq. (3): 1 inside radius − width, 0 from radius on. Lengths in Å. */
export interface Cutoff {
  readonly radius: number;
  readonly width: number;
  readonly function: "cosine" | "step" | "polynomial";
}

/** Willatt's radial scaling u(r) = rate / (rate + (r/scale)^exponent), Eq. (4). */
export interface RadialScaling {
  readonly rate: number;
  readonly scale: number;
  readonly exponent: number;
}

/** Atomic density, Eq. (1): Gaussians exp(−r²/2·width²) or Dirac δ. */
export interface Density {
  readonly kind: "gaussian" | "delta";
  /** σ in Å; shifted Gaussians take it for their own width, with a δ density too. */
  readonly width: number;
  /** σ_a in Å of the atoms of some elements, by symbol ("Si"); `width` for the others. Gaussians only. */
  readonly widths?: Readonly<Record<string, number>> | undefined;
  /** w_a of the atoms of some elements, neighbors and center alike, by symbol; 1 for the others. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Weight of the center's own Gaussian. */
  readonly centerWeight: number;
  readonly scaling: RadialScaling | null;
}

/** Radial functions as numbers on a grid, Eq. (29). */
export interface TabulatedBasis {
  /** Distance of the grid points in Å; the first is at 0, the last at the cutoff radius or beyond. */
  readonly step: number;
  /** Å^{−3/2}, [n][point]; they are made orthonormal. */
  readonly functions: readonly (readonly number[])[];
}

/** Primitive radial basis R_n, n = 0 … nMax − 1, and the degrees l = 0 … lMax. */
export interface RadialBasis {
  readonly kind: "gto" | "dvr" | "shifted-gaussians" | "chebyshev" | "laplacian-eigenstates" | "polynomial" | "table";
  readonly nMax: number;
  readonly lMax: number;
  /** Largest error of a tabulated I_nl(r), relative to the largest |I_nl|. */
  readonly accuracy: number;
  /** With kind "table" only: the first nMax of its functions are the basis. */
  readonly table?: TabulatedBasis;
  /** Optimal radial basis; absent or null for the primitive functions themselves. */
  readonly contraction?: RadialContraction | null | undefined;
}

/**
 * Contraction of the primitive radial basis: c_aqlm = Σ_n U^al_qn c_anlm, one density per element, or, mixed, c_qlm = Σ_an U^l_q,an c_anlm,
 * one density for all elements. U may depend on the element of the center; features of centers of different elements then differ in meaning,
 * not in number.
 */
export interface RadialContraction {
  readonly mixed: boolean;
  /** Channels q per l; where an (a, l) keeps fewer, the rest of U is zero. */
  readonly channels: number;
  /** Elements that U knows, atomic numbers. */
  readonly species: readonly number[];
  /** Elements of centers that have a U of their own, atomic numbers; absent or null where one U serves all centers. */
  readonly centers?: readonly number[] | null | undefined;
  /** U, [center][species][l][q][n]. */
  readonly matrix: readonly number[];
}

/** Radial channels per element and l: functions of the primitive basis, or of its contraction. */
export function radialChannels({ nMax, contraction }: RadialBasis): number {
  return contraction?.channels ?? nMax;
}

/** Everything that defines the density coefficients of a center, Eqs. (1) to (10). */
export interface DensityHyperparameters {
  readonly cutoff: Cutoff;
  readonly density: Density;
  readonly basis: RadialBasis;
}
