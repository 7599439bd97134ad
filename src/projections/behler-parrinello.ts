/**
 * Symmetry functions of Behler and Parrinello (Behler, J. Chem. Phys. 134, 074106 (2011), doi:10.1063/1.3553717), THEORY.md Eqs. (60)–(62), as sums that
 * `radialSpectrumWeights`, `powerSpectrumWeights` and `pairFunctionWeights` turn into weights. Their cutoff function ½[1 + cos(π r/r_c)] is the
 * cosine with a width of the whole radius; any other may be taken. Lengths in Å, η in Å^{−2}.
 */
import { evaluateCutoff } from "../basis/cutoff.js";
import type { Cutoff } from "../basis/hyperparameters.js";
import { InputError } from "../errors.js";
import { legendreSeries } from "./legendre.js";
import type { NeighborFunction } from "./neighbor-functions.js";
import type { PairFunction, PairSum } from "./spectrum-weights.js";

/** r ↦ exp(−η (r − r_s)²). */
export function radialGaussian(eta: number, shift = 0): (r: number) => number {
  return (r) => Math.exp(-eta * (r - shift) ** 2);
}

/** G² = Σ_{j∈a} exp(−η (r_ij − r_s)²) f_c(r_ij); η = 0 is G¹. */
export function symmetryFunctionG2(element: number, eta: number, shift = 0): NeighborFunction {
  return { elements: { [element]: 1 }, radial: radialGaussian(eta, shift) };
}

/** G³ = Σ_{j∈a} cos(κ r_ij) f_c(r_ij), κ in 1/Å. */
export function symmetryFunctionG3(element: number, kappa: number): NeighborFunction {
  return { elements: { [element]: 1 }, radial: (r) => Math.cos(kappa * r) };
}

/** 2^{1−ζ} (1 + λ cos θ)^ζ. */
function angularPart(zeta: number, lambda: 1 | -1): (cosine: number) => number {
  return (cosine) => 2 ** (1 - zeta) * (1 + lambda * cosine) ** zeta;
}

/**
 * G⁵ = 2^{1−ζ} Σ_{j∈a, k∈b} (1 + λ cos θ_jik)^ζ exp(−η (r_ij² + r_ik²)) f_c(r_ij) f_c(r_ik) over ordered pairs with j = k included. The published sum leaves
 * those out: `selfPairs` gives them, to be subtracted (they are zero for λ = −1). Codes that count each pair once have half of it where a = b.
 * Exact for lMax ≥ ζ.
 * @throws InputError for ζ that is no whole number from 1 to 20: only these are finite sums of Legendre polynomials.
 */
export function symmetryFunctionG5(elements: readonly [number, number], zeta: number, lambda: 1 | -1, eta: number): PairSum {
  if (!(Number.isInteger(zeta) && zeta >= 1 && zeta <= 20)) {
    throw new InputError("the angular part is no polynomial", { key: "zeta", expected: "a whole number from 1 to 20", got: String(zeta) });
  }
  const [a, b] = elements;
  return {
    functions: [symmetryFunctionG2(a, eta), symmetryFunctionG2(b, eta)],
    legendre: legendreSeries(angularPart(zeta, lambda), zeta, zeta + 1).coefficients,
  };
}

/**
 * G⁴, which is G⁵ with exp(−η r_jk²) f_c(r_jk) beside it: r_jk depends on the angle, so that no finite sum of products is left, and the weights of
 * `pairFunctionWeights` converge with nMax and lMax. j = k included, as in G⁵, with r_jk = 0: the self pairs are the same.
 */
export function symmetryFunctionG4(elements: readonly [number, number], zeta: number, lambda: 1 | -1, eta: number, cutoff: Cutoff): PairFunction {
  const angular = angularPart(zeta, lambda);
  const value = (r: number, s: number, cosine: number): number => {
    const opposite = Math.sqrt(Math.max(0, r * r + s * s - 2 * r * s * cosine));
    return angular(cosine) * Math.exp(-eta * (r * r + s * s + opposite * opposite)) * evaluateCutoff(cutoff, opposite).value;
  };
  return { elements, value };
}
