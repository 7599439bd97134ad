/**
 * Kummer's confluent hypergeometric function with the exponential folded in, F(α, β; z) = e^{−z} ₁F₁(α; β; z), for α, β > 0 and z ≥ 0:
 *   z ≤ 100: Σ_i e^{−z} (α)_i/(β)_i z^i/i!, all terms positive, no cancellation;
 *   z > 100: Γ(β)/Γ(α) z^{α−β} Σ_s (1−α)_s (β−α)_s / (s! z^s), cut at its smallest term (DLMF 13.7.1; what is left out is of order e^{−z}).
 */
import { exponential, power } from "./elementary.js";

const seriesLimit = 100;
/** Enough for z ≤ 100: beyond i = 300 every term is below 1e-17 of the sum for α − β ≤ 16. */
const seriesTerms = 400;

/** Γ(j/2) for j = 1 … count − 1, at index j; j ≤ 340 stays below the largest float64. */
export function halfIntegerGamma(count: number): Float64Array {
  const gamma = new Float64Array(count);
  for (let j = 1; j < count; j++) gamma[j] = j === 1 ? Math.sqrt(Math.PI) : j === 2 ? 1 : (j / 2 - 1) * gamma[j - 2]!;
  return gamma;
}

export interface ScaledKummer {
  /** Writes out[0] = F(α, β; z) and out[1] = F(α, β + 1; z), the latter for dF/dz = ((α − β)/β) F(α, β + 1; z). */
  (z: number, out: Float64Array): void;
}

function asymptoticSum(alpha: number, beta: number, z: number): number {
  let [term, sum] = [1, 1];
  for (let s = 0; s < seriesLimit; s++) {
    const next = (term * (s + 1 - alpha) * (s + beta - alpha)) / ((s + 1) * z);
    // Past the zeros of both factors the terms shrink until s ≈ z.
    if (s > alpha && Math.abs(next) > Math.abs(term)) break;
    term = next;
    sum += term;
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
  }
  return sum;
}

/**
 * Evaluator for one pair (α, β).
 * @param gammaRatio Γ(β)/Γ(α)
 */
export function createScaledKummer(alpha: number, beta: number, gammaRatio: number): ScaledKummer {
  const growth = new Float64Array(seriesTerms);
  const share = new Float64Array(seriesTerms);
  for (let i = 0; i < seriesTerms; i++) {
    growth[i] = (alpha + i) / ((beta + i) * (i + 1));
    share[i] = beta / (beta + i);
  }
  return (z, out) => {
    if (z > seriesLimit) {
      const leading = gammaRatio * power(z, alpha - beta);
      out[0] = leading * asymptoticSum(alpha, beta, z);
      out[1] = ((leading * beta) / z) * asymptoticSum(alpha, beta + 1, z);
      return;
    }
    let term = exponential(-z);
    let [sum, shifted] = [term, term];
    for (let i = 1; i < seriesTerms; i++) {
      term *= z * growth[i - 1]!;
      sum += term;
      shifted += term * share[i]!;
      if (term < 1e-17 * sum && i > z) break;
    }
    out[0] = sum;
    out[1] = shifted;
  };
}
