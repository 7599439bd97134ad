/**
 * Real spherical harmonics from angles and explicit sums, another route than src/angular:
 *   P_lm(cos θ) = sin^m θ · d^m P_l/dz^m,   P_l(z) = 2^{−l} Σ_k (−1)^k C(l, k) C(2l−2k, l) z^{l−2k}.
 * The sum cancels, so its coefficients and z itself are exact integers (BigInt; z is a multiple of 2^−52) and one rounding comes at the end.
 */

function binomial(n: bigint, k: bigint): bigint {
  let value = 1n;
  for (let i = 1n; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}

const fractionBits = 60n;

/** d^m P_l/dz^m at z = numerator/2^60, exact but for the final division. */
function legendreDerivative(l: number, m: number, numerator: bigint): number {
  // Everything over the common denominator 2^l · 2^(60 (l − m)).
  let sum = 0n;
  for (let k = 0; 2 * k <= l - m; k++) {
    const power = l - 2 * k;
    let coefficient = binomial(BigInt(l), BigInt(k)) * binomial(BigInt(2 * l - 2 * k), BigInt(l));
    for (let i = 0; i < m; i++) coefficient *= BigInt(power - i);
    const term = coefficient * numerator ** BigInt(power - m) * 2n ** (fractionBits * BigInt(2 * k));
    sum += k % 2 === 0 ? term : -term;
  }
  const denominatorBits = BigInt(l) + fractionBits * BigInt(l - m);
  const guard = 1100n;
  // Keep 100 bits before the conversion to float64; the values are far from its range limits.
  return Number((sum << guard) >> (denominatorBits + guard - 100n)) / 2 ** 100;
}

function factorialRatio(l: number, m: number): number {
  let value = 1;
  for (let k = l - m + 1; k <= l + m; k++) value /= k;
  return value;
}

/** Y_lm(θ, φ), order l² + l + m, real and orthonormal without the Condon–Shortley sign; θ from the z axis. */
export function explicitHarmonics(lMax: number, theta: number, phi: number): Float64Array {
  const out = new Float64Array((lMax + 1) ** 2);
  const z = BigInt(Math.round(Math.cos(theta) * 2 ** 52)) << (fractionBits - 52n);
  for (let l = 0; l <= lMax; l++) {
    for (let m = 0; m <= l; m++) {
      const polynomial = Math.sin(theta) ** m * legendreDerivative(l, m, z);
      const value = Math.sqrt(((2 * l + 1) / (4 * Math.PI)) * factorialRatio(l, m)) * polynomial;
      if (m === 0) {
        out[l * l + l] = value;
      } else {
        out[l * l + l + m] = Math.SQRT2 * value * Math.cos(m * phi);
        out[l * l + l - m] = Math.SQRT2 * value * Math.sin(m * phi);
      }
    }
  }
  return out;
}

/** P_0 … P_lMax by Bonnet's recurrence. */
export function legendrePolynomials(lMax: number, z: number): Float64Array {
  const out = new Float64Array(lMax + 1);
  for (let l = 0; l <= lMax; l++) {
    out[l] = l === 0 ? 1 : l === 1 ? z : ((2 * l - 1) * z * out[l - 1]! - (l - 1) * out[l - 2]!) / l;
  }
  return out;
}
