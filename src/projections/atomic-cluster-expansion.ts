/**
 * Atomic cluster expansion (Drautz, Phys. Rev. B 99, 014104 (2019), doi:10.1103/PhysRevB.99.014104), THEORY.md Eqs. (59)–(64): products of the
 * atomic base A_{v lm} = Σ_{j∈a} R_v(r_ij) f_c(r_ij) Y_lm(r̂_ij), coupled to invariants. With δ densities Lather's own features are these products for the
 * functions of its basis; for any others these are weights. Products of real harmonics with real couplings; those of complex ones differ by a
 * constant of each triple of degrees.
 */
import { invariantTensor, type Degrees, type TripleSum } from "./bispectrum-weights.js";
import type { NeighborFunction } from "./neighbor-functions.js";
import type { PairSum } from "./spectrum-weights.js";

/** A_{lm}: the neighbors of an element, one radial function (without f_c) and a degree. */
export interface AtomicBase {
  readonly element: number;
  /** Of the distance in Å. */
  readonly radial: (r: number) => number;
}

function neighborFunction({ element, radial }: AtomicBase): NeighborFunction {
  return { elements: { [element]: 1 }, radial: (r) => radial(r) };
}

/** B¹ = A_00 = Σ_j R f_c/√(4π). */
export function clusterOfOne(factor: AtomicBase): NeighborFunction {
  return { elements: { [factor.element]: 1 }, radial: (r) => factor.radial(r) / Math.sqrt(4 * Math.PI) };
}

/** B² = (2l+1)^{−1/2} Σ_m A_lm A'_lm. */
export function clusterOfTwo(factors: readonly [AtomicBase, AtomicBase], l: number): PairSum {
  const legendre = new Float64Array(l + 1);
  legendre[l] = Math.sqrt(2 * l + 1) / (4 * Math.PI);
  return { functions: [neighborFunction(factors[0]), neighborFunction(factors[1])], legendre };
}

/** B³ = Σ I_{m₁m₂m₃} A_{l₁m₁} A'_{l₂m₂} A''_{l₃m₃} with the normalized invariant tensor of Eq. (63); l₁ + l₂ + l₃ even. */
export function clusterOfThree(factors: readonly [AtomicBase, AtomicBase, AtomicBase], degrees: Degrees): TripleSum {
  return {
    functions: [neighborFunction(factors[0]), neighborFunction(factors[1]), neighborFunction(factors[2])],
    degrees: [[degrees[0]], [degrees[1]], [degrees[2]]],
    tensor: invariantTensor,
  };
}
