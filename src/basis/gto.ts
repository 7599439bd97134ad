/**
 * Gaussian-type orbitals, THEORY.md Eq. (7): R̃_k(s) = N_k s^k exp(−b_k s²), b_k = 1/2σ_k², σ_k = r_c max(√k, 1)/nMax,
 * R_n = Σ_k (S^{−1/2})_nk R̃_k orthonormal under ∫ s² ds. With a = 1/2σ², p = a + b_k, ζ = a r/√p and F = e^{−z} ₁F₁, the integral of Eq. (6) is
 *
 *   Ĩ_kl(r) = π^{3/2} N_k p^{−(k+3)/2} Γ(α)/Γ(β) · ζ^l e^{−(a b_k/p) r²} F(α, β; ζ²),   α = (k + l + 3)/2, β = l + 3/2:
 *
 * the Gaussian e^{−ar²} has been split into e^{−ζ²}, folded into F, and e^{−(a b_k/p) r²}, so that neither over- nor underflow meets.
 */

import * as elementary from "./elementary.js";
import { add, divide, exponential, fromNumber, multiply, pi, power, squareRoot, subtract, zero, type DoubleDouble } from "./double-double.js";
import { createScaledKummer, halfIntegerGamma } from "./hypergeometric.js";
import { loewdin, type Loewdin } from "./loewdin.js";
import { checkCondition } from "./orthonormalization.js";

/** Up to this condition number of the overlap double-double arithmetic leaves 14 digits to S^{−1/2}. */
const largestCondition = 1e18;

/** Evaluates values and slopes d/dr, both [l][n], at a distance r in Å. */
export interface RadialIntegrals {
  (r: number, values: Float64Array, slopes: Float64Array): void;
}

export interface GtoBasis {
  readonly nMax: number;
  /** σ_k in Å, [k]. */
  readonly widths: Float64Array;
  /** N_k with ∫ s² R̃_k² ds = 1, [k]. */
  readonly norms: Float64Array;
  /** Cutoff radius in Å. */
  readonly radius: number;
  /** S^{−1/2}, [n][k]. */
  readonly orthogonalization: Float64Array;
  /** The same in double-double. */
  readonly inverseRoot: readonly (readonly DoubleDouble[])[];
  /** λ_max/λ_min of the overlap; depends on nMax only. */
  readonly condition: number;
}

/**
 * Overlap of the normalized orbitals, [k][k'] in double-double. Lengths cancel: with t_k = max(k, 1), e = (3 + k + k')/2,
 * S² = Γ(e)²/(Γ(k+3/2)Γ(k'+3/2)) · (2 t t'/(t + t'))^{2e} / (t^{k+3/2} t'^{k'+3/2}).
 */
export function gtoOverlap(nMax: number): DoubleDouble[][] {
  // Γ(j/2), for odd j without its factor √π.
  const gamma: DoubleDouble[] = [];
  for (let j = 0; j < 2 * nMax + 4; j++) gamma[j] = j < 3 ? fromNumber(1) : multiply(fromNumber(j / 2 - 1), gamma[j - 2]!);
  const element = (k: number, other: number): DoubleDouble => {
    const [t, u, twice] = [Math.max(k, 1), Math.max(other, 1), 3 + k + other];
    const gammas = divide(multiply(gamma[twice]!, gamma[twice]!), multiply(gamma[2 * k + 3]!, gamma[2 * other + 3]!));
    const factors = twice % 2 === 0 ? divide(gammas, pi) : gammas;
    const mean = divide(fromNumber(2 * t * u), fromNumber(t + u));
    // Divided power by power: mean^twice and t^(k+1) u^(other+1) alone reach 1e90.
    const powers = multiply(power(divide(mean, fromNumber(t)), k + 1), power(divide(mean, fromNumber(u)), other + 1));
    return squareRoot(divide(multiply(multiply(factors, powers), mean), squareRoot(fromNumber(t * u))));
  };
  return Array.from({ length: nMax }, (_, k) => Array.from({ length: nMax }, (_, other) => element(k, other)));
}

const orthogonalizations: Loewdin[] = [];

/** Löwdin's matrix of nMax orbitals, the same for every radius, computed once. */
function orthogonalizationOf(nMax: number): Loewdin {
  return (orthogonalizations[nMax] ??= loewdin(gtoOverlap(nMax)));
}

/**
 * The orbitals for a cutoff radius in Å.
 * @throws NumericalError when the orbitals are too similar to be made orthogonal (nMax above 25).
 */
export function createGto(radius: number, nMax: number): GtoBasis {
  const { inverseRoot, condition } = orthogonalizationOf(nMax);
  checkCondition("Gaussian-type orbitals", nMax, condition, largestCondition, (fewer) => orthogonalizationOf(fewer).condition);
  const widths = Float64Array.from({ length: nMax }, (_, k) => (radius * Math.max(Math.sqrt(k), 1)) / nMax);
  const gamma = halfIntegerGamma(2 * nMax + 2);
  const norms = widths.map((sigma, k) => Math.sqrt(2 / (elementary.power(sigma, 2 * k + 3) * gamma[2 * k + 3]!)));
  const orthogonalization = Float64Array.from(inverseRoot.flat(), ([hi]) => hi);
  return { nMax, radius, widths, norms, orthogonalization, inverseRoot, condition };
}

/** Multiplies each row of `primitive` [l][k] by S^{−1/2} into `out` [l][n]. */
function orthogonalize({ nMax, orthogonalization }: GtoBasis, primitive: Float64Array, out: Float64Array): void {
  for (let row = 0; row < primitive.length; row += nMax) {
    for (let n = 0; n < nMax; n++) {
      let sum = 0;
      for (let k = 0; k < nMax; k++) sum += orthogonalization[n * nMax + k]! * primitive[row + k]!;
      out[row + n] = sum;
    }
  }
}

/**
 * R_n(s) in Å^{−3/2} and dR_n/ds, both [n]; the analytic continuation for s < 0. In double-double, since S^{−1/2} cancels up to half of
 * the digits that the condition number has.
 */
export function createGtoFunctions({ nMax, radius, inverseRoot }: GtoBasis): RadialIntegrals {
  const perRadius = divide(fromNumber(nMax), fromNumber(radius));
  const orbitals = Array.from({ length: nMax }, (_, k) => {
    const perWidth = divide(perRadius, squareRoot(fromNumber(Math.max(k, 1))));
    // Γ(k + 3/2) = √π/2 · Π (i + 1/2).
    let gamma = multiply(squareRoot(pi), fromNumber(0.5));
    for (let i = 1; i <= k; i++) gamma = multiply(gamma, fromNumber(i + 0.5));
    return { perWidth, norm: squareRoot(divide(multiply(fromNumber(2), power(perWidth, 3)), gamma)) };
  });
  const transform = (primitive: DoubleDouble[], out: Float64Array): void => {
    for (let n = 0; n < nMax; n++) out[n] = primitive.reduce((sum, value, k) => add(sum, multiply(inverseRoot[n]![k]!, value)), zero)[0];
  };
  return (s, values, slopes) => {
    const primitive: DoubleDouble[] = [];
    const slope: DoubleDouble[] = [];
    for (const [k, { perWidth, norm }] of orbitals.entries()) {
      const y = multiply(fromNumber(s), perWidth);
      const gaussian = multiply(norm, exponential(multiply(fromNumber(-0.5), multiply(y, y))));
      const below = k === 0 ? zero : multiply(fromNumber(k), power(y, k - 1));
      const monomial = power(y, k);
      primitive.push(multiply(gaussian, monomial));
      slope.push(multiply(multiply(gaussian, perWidth), subtract(below, multiply(y, monomial))));
    }
    transform(primitive, values);
    transform(slope, slopes);
  };
}

/**
 * Integral of Eq. (6) without f_c and u for a Gaussian density of width σ in Å, [l][n], for any real r (parity (−1)^l).
 * Float64: S^{−1/2} amplifies its rounding, to 1e-13 of the largest value at nMax = 8, 1e-9 and more at nMax = 20.
 */
export function createGtoIntegrals(basis: GtoBasis, sigma: number, lMax: number): RadialIntegrals {
  const { nMax, widths, norms } = basis;
  const a = 0.5 / (sigma * sigma);
  const gamma = halfIntegerGamma(nMax + 2 * lMax + 6);
  const terms = Array.from(widths, (width, k) => {
    const b = 0.5 / (width * width);
    const p = a + b;
    const degrees = Array.from({ length: lMax + 1 }, (_, l) => {
      const [alpha, beta] = [(k + l + 3) / 2, l + 1.5];
      const ratio = gamma[k + l + 3]! / gamma[2 * l + 3]!;
      const factor = Math.PI * Math.sqrt(Math.PI) * norms[k]! * elementary.power(p, -(k + 3) / 2) * ratio;
      return { factor, growth: (alpha - beta) / beta, kummer: createScaledKummer(alpha, beta, 1 / ratio) };
    });
    return { perLength: a / Math.sqrt(p), decay: (a * b) / p, degrees };
  });
  const [primitive, slope] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1))];
  const kummer = new Float64Array(2);
  return (r, values, slopes) => {
    for (let k = 0; k < nMax; k++) {
      const { perLength, decay, degrees } = terms[k]!;
      const zeta = perLength * r;
      const gaussian = elementary.exponential(-decay * r * r);
      let [monomial, below] = [1, 0];
      for (let l = 0; l <= lMax; l++) {
        const { factor, growth, kummer: evaluate } = degrees[l]!;
        evaluate(zeta * zeta, kummer);
        const outer = factor * gaussian;
        primitive[l * nMax + k] = outer * monomial * kummer[0]!;
        const inner = l * below * kummer[0]! + 2 * monomial * zeta * growth * kummer[1]!;
        slope[l * nMax + k] = outer * (perLength * inner - 2 * decay * r * monomial * kummer[0]!);
        below = monomial;
        monomial *= zeta;
      }
    }
    orthogonalize(basis, primitive, values);
    orthogonalize(basis, slope, slopes);
  };
}
