/**
 * Bispectrum components of SNAP by their own formula (doi:10.1016/j.jcp.2014.12.018): a neighbor is a rotation with Cayley–Klein parameters
 * a = cos θ₀ − i (z/r) sin θ₀, b = (y − i x)/r · sin θ₀, its matrices are Wigner's sums of powers of a and b, the density's are sums over neighbors, and
 * B_{j₁j₂j} is the sum over all their orders. Clebsch–Gordan coefficients come from Racah's sum with factorials.
 */
import type { Neighbor } from "./symmetry-functions.js";

type Complex = readonly [number, number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const conjugate = ([a, b]: Complex): Complex => [a, -b];
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

function power(value: Complex, exponent: number): Complex {
  let result: Complex = [1, 0];
  for (let k = 0; k < exponent; k++) result = times(result, value);
  return result;
}

/** How (a x + b y)^{j+M'} (−b* x + a* y)^{j−M'} divides into x^{j+M} y^{j−M}: the matrix of the rotation, [M' + j][M + j]. */
export function rotationMatrix(twoJ: number, a: Complex, b: Complex): Complex[][] {
  const minusB = times([-1, 0], conjugate(b));
  return Array.from({ length: twoJ + 1 }, (_, row) =>
    Array.from({ length: twoJ + 1 }, (__, column): Complex => {
      // p of the first and column − p of the second bracket give x.
      let [real, imaginary] = [0, 0];
      for (let p = Math.max(0, column - (twoJ - row)); p <= Math.min(row, column); p++) {
        const q = column - p;
        const count = (factorial(row) / (factorial(p) * factorial(row - p))) * (factorial(twoJ - row) / (factorial(q) * factorial(twoJ - row - q)));
        const term = times(times(power(a, p), power(b, row - p)), times(power(minusB, q), power(conjugate(a), twoJ - row - q)));
        real += count * term[0];
        imaginary += count * term[1];
      }
      const norm = Math.sqrt((factorial(column) * factorial(twoJ - column)) / (factorial(row) * factorial(twoJ - row)));
      return [norm * real, norm * imaginary];
    }),
  );
}

/** ⟨j₁ M₁ j₂ M₂|j M⟩ by Racah's formula, all arguments twice their value. */
export function racahCoupling(j1: number, m1: number, j2: number, m2: number, j: number, m: number): number {
  if (m1 + m2 !== m || j > j1 + j2 || j < Math.abs(j1 - j2) || (j1 + j2 + j) % 2 !== 0 || Math.abs(m) > j) return 0;
  const f = (twice: number): number => factorial(twice / 2);
  let sum = 0;
  for (let k = 0; k <= (j1 + j2 - j) / 2; k++) {
    const parts = [2 * k, j1 + j2 - j - 2 * k, j1 - m1 - 2 * k, j2 + m2 - 2 * k, j - j2 + m1 + 2 * k, j - j1 - m2 + 2 * k];
    if (parts.every((part) => part >= 0)) sum += (k % 2 === 0 ? 1 : -1) / parts.reduce((product, part) => product * f(part), 1);
  }
  const triangle = (f(j1 + j2 - j) * f(j1 - j2 + j) * f(j2 - j1 + j)) / f(j1 + j2 + j + 2);
  return sum * Math.sqrt((j + 1) * triangle * f(j + m) * f(j - m) * f(j1 + m1) * f(j1 - m1) * f(j2 + m2) * f(j2 - m2));
}

export interface SnapDensity {
  readonly theta: (r: number) => number;
  /** w f_c of a neighbor. */
  readonly weight: (neighbor: Neighbor) => number;
  /** Weight of the center, a rotation by 0. */
  readonly self: number;
}

/** u^j, [M' + j][M + j]. */
export function densityMatrix(twoJ: number, neighbors: readonly Neighbor[], { theta, weight, self }: SnapDensity): Complex[][] {
  const sums = Array.from({ length: twoJ + 1 }, (_, row) => Array.from({ length: twoJ + 1 }, (__, column): [number, number] => [row === column ? self : 0, 0]));
  for (const neighbor of neighbors) {
    const { vector: [x, y, z], r } = neighbor;
    const [c, s, w] = [Math.cos(theta(r)), Math.sin(theta(r)), weight(neighbor)];
    rotationMatrix(twoJ, [c, (-z / r) * s], [(y / r) * s, (-x / r) * s]).forEach((values, row) => values.forEach(([real, imaginary], column) => {
      sums[row]![column]![0] += w * real;
      sums[row]![column]![1] += w * imaginary;
    }));
  }
  return sums;
}

/** B_{j₁j₂j}, real and imaginary part. */
export function snapBispectrum([j1, j2, j]: readonly [number, number, number], neighbors: readonly Neighbor[], density: SnapDensity): Complex {
  const [one, two, three] = [j1, j2, j].map((twoJ) => densityMatrix(twoJ, neighbors, density)) as [Complex[][], Complex[][], Complex[][]];
  let [real, imaginary] = [0, 0];
  for (let a = 0; a <= j1; a++) for (let b = 0; b <= j2; b++) for (let c = 0; c <= j; c++) {
    const rows = racahCoupling(j1, 2 * a - j1, j2, 2 * b - j2, j, 2 * c - j);
    if (rows === 0) continue;
    for (let d = 0; d <= j1; d++) for (let e = 0; e <= j2; e++) for (let f = 0; f <= j; f++) {
      const columns = racahCoupling(j1, 2 * d - j1, j2, 2 * e - j2, j, 2 * f - j);
      if (columns === 0) continue;
      const term = times(conjugate(three[c]![f]!), times(one[a]![d]!, two[b]![e]!));
      real += rows * columns * term[0];
      imaginary += rows * columns * term[1];
    }
  }
  return [real, imaginary];
}
