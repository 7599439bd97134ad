// Clebsch–Gordan coefficients of real spherical harmonics, THEORY.md Eq. (49). Complex coefficients by Racah's sum over products of three binomials,
// which is taken in whole numbers and therefore exact (Varshalovich et al., Quantum Theory of Angular Momentum, 1988, Eq. 8.2.1); then the components
// change from complex harmonics to the real ones of Eq. (9).

/** σ of a tensor of degree λ, which an inversion changes by σ(−1)^λ. */
export type Parity = 1 | -1;

/** Nonzero coefficients ⟨l₁ m₁ l₂ m₂|λ μ⟩, each row with the components counted from 0: m₁ + l₁, m₂ + l₂, μ + λ. */
export interface Coupling {
  /** [coefficient][m₁ + l₁, m₂ + l₂, μ + λ], ascending in the last, then the first, then the second. */
  readonly indices: Int32Array;
  /** [coefficient] */
  readonly values: Float64Array;
}

function binomial(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let value = 1n;
  for (let i = 1; i <= k; i++) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}

/** Σ ln k of k = 2 … n. */
function logFactorial(n: number): number {
  let sum = 0;
  for (let k = 2; k <= n; k++) sum += Math.log(k);
  return sum;
}

/** ⟨l₁ m₁ l₂ m₂|λ m₁+m₂⟩ with the Condon–Shortley phase. */
export function complexCoupling(l1: number, m1: number, l2: number, m2: number, lambda: number): number {
  const mu = m1 + m2;
  if (Math.abs(mu) > lambda || lambda > l1 + l2 || lambda < Math.abs(l1 - l2)) return 0;
  const [both, first, second] = [l1 + l2 - lambda, lambda + l1 - l2, lambda - l1 + l2];
  let sum = 0n;
  for (let k = 0; k <= both; k++) {
    const term = binomial(both, k) * binomial(first, l1 - m1 - k) * binomial(second, l2 + m2 - k);
    sum += k % 2 === 0 ? term : -term;
  }
  if (sum === 0n) return 0;
  const factorials = [lambda + mu, lambda - mu, l1 - m1, l1 + m1, l2 - m2, l2 + m2].reduce((total, n) => total + logFactorial(n), 0);
  const root = factorials - logFactorial(both) - logFactorial(first) - logFactorial(second) - logFactorial(l1 + l2 + lambda + 1);
  return Number(sum) * Math.sqrt(2 * lambda + 1) * Math.exp(root / 2);
}

/** Real harmonic m as a sum of complex ones: pairs of an order and the real and imaginary part of its factor. */
function complexParts(m: number): readonly (readonly [order: number, real: number, imaginary: number])[] {
  const root = Math.SQRT1_2;
  const sign = m % 2 === 0 ? 1 : -1;
  if (m === 0) return [[0, 1, 0]];
  if (m > 0) return [[m, sign * root, 0], [-m, root, 0]];
  return [[-m, 0, -sign * root], [m, 0, root]];
}

/** ⟨l₁ m₁ l₂ m₂|λ m₁+m₂⟩, [m₁ + l₁][m₂ + l₂]. */
function complexTable(l1: number, l2: number, lambda: number): Float64Array {
  const width = 2 * l2 + 1;
  return Float64Array.from({ length: (2 * l1 + 1) * width }, (_, k) => complexCoupling(l1, Math.floor(k / width) - l1, l2, (k % width) - l2, lambda));
}

/** One coefficient of real harmonics. It is real where l₁ + l₂ + λ is even and imaginary where it is odd; the factor i is left out. */
function realCoupling(table: Float64Array, l1: number, m1: number, l2: number, m2: number, lambda: number, mu: number): number {
  let [real, imaginary] = [0, 0];
  for (const [a, ar, ai] of complexParts(m1)) {
    for (const [b, br, bi] of complexParts(m2)) {
      const [pr, pi] = [ar * br - ai * bi, ar * bi + ai * br];
      for (const [c, cr, ci] of complexParts(mu)) {
        if (c !== a + b) continue;
        const value = table[(a + l1) * (2 * l2 + 1) + b + l2]!;
        real += value * (pr * cr + pi * ci);
        imaginary += value * (pi * cr - pr * ci);
      }
    }
  }
  return (l1 + l2 + lambda) % 2 === 0 ? real : imaginary;
}

const made = new Map<string, Coupling>();

/**
 * The coupling of degrees l₁ and l₂ to λ for real harmonics: Σ_{m₁m₂} C x_{l₁m₁} y_{l₂m₂} turns like a harmonic of degree λ, and the rows of all λ
 * together are an orthogonal matrix. The first coefficient that is not zero is positive, so that λ = 0 is Σ_m x_m y_m/√(2l+1).
 */
export function coupling(l1: number, l2: number, lambda: number): Coupling {
  const key = `${l1} ${l2} ${lambda}`;
  const known = made.get(key);
  if (known) return known;
  const indices: number[] = [];
  const values: number[] = [];
  const table = complexTable(l1, l2, lambda);
  for (let mu = -lambda; mu <= lambda; mu++) {
    for (let m1 = -l1; m1 <= l1; m1++) {
      for (let m2 = -l2; m2 <= l2; m2++) {
        const value = realCoupling(table, l1, m1, l2, m2, lambda, mu);
        if (Math.abs(value) < 1e-14) continue;
        indices.push(m1 + l1, m2 + l2, mu + lambda);
        values.push(value);
      }
    }
  }
  const sign = values[0]! < 0 ? -1 : 1;
  const found = { indices: Int32Array.from(indices), values: Float64Array.from(values, (value) => sign * value) };
  made.set(key, found);
  return found;
}
