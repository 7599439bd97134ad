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
  /** σ in Å. */
  readonly width: number;
  /** Weight of the center's own Gaussian. */
  readonly centerWeight: number;
  readonly scaling: RadialScaling | null;
}

/** Primitive radial basis R_n, n = 0 … nMax − 1, and the degrees l = 0 … lMax. */
export interface RadialBasis {
  readonly kind: "gto" | "dvr";
  readonly nMax: number;
  readonly lMax: number;
  /** Largest error of a tabulated I_nl(r), relative to the largest |I_nl|. */
  readonly accuracy: number;
  /** Optimal radial basis; absent or null for the primitive functions themselves. */
  readonly contraction?: RadialContraction | null | undefined;
}

/**
 * Contraction of the primitive radial basis: c_aqlm = Σ_n U^al_qn c_anlm, one density per element, or, mixed, c_qlm = Σ_an U^l_q,an c_anlm,
 * one density for all elements.
 */
export interface RadialContraction {
  readonly mixed: boolean;
  /** Channels q per l; where an (a, l) keeps fewer, the rest of U is zero. */
  readonly channels: number;
  /** Elements that U knows, atomic numbers. */
  readonly species: readonly number[];
  /** U, [species][l][q][n]. */
  readonly matrix: readonly number[];
}

/** Radial channels per element and l: functions of the primitive basis, or of its contraction. */
export function radialChannels({ nMax, contraction }: RadialBasis): number {
  return contraction?.channels ?? nMax;
}

/** Everything that defines the features of an environment. */
export interface Hyperparameters {
  readonly cutoff: Cutoff;
  readonly density: Density;
  readonly basis: RadialBasis;
  readonly features: {
    readonly kind: "power-spectrum" | "radial-spectrum";
    /** Divide the vector of each environment by its 2-norm. */
    readonly normalize: boolean;
  };
}
