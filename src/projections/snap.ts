/**
 * Bispectrum components of SNAP (Thompson et al., J. Comput. Phys. 285, 316 (2015), doi:10.1016/j.jcp.2014.12.018; Bartók et al.,
 * doi:10.1103/PhysRevLett.104.136403), THEORY.md Eqs. (66) to (68). A neighbor becomes a rotation by ω = 2θ₀ about r̂, and its matrices
 *
 *   U^j_{MM'}(ω, r̂) = Σ_l (−i)^l √(4π(2l+1))/(2j+1) χ^j_l(ω) Σ_m ⟨j M' l m|j M⟩ Y_lm(r̂)
 *
 * (Varshalovich, Moskalev and Khersonskii, Quantum Theory of Angular Momentum, 1988, Sec. 4.5) are density coefficients with the radial functions χ^j_l.
 * B_{j₁j₂j} = Σ conj(u^j_{MM'}) ⟨j₁M₁ j₂M₂|jM⟩ ⟨j₁M₁' j₂M₂'|jM'⟩ u^{j₁}_{M₁M₁'} u^{j₂}_{M₂M₂'} is therefore a linear map of the bispectrum of Eq. (50), exactly.
 */
import { complexCoupling } from "../angular/clebsch-gordan.js";
import { InputError } from "../errors.js";
import type { Degrees, TripleSum } from "./bispectrum-weights.js";

export interface SnapMapping {
  /** r_c in Å. */
  readonly radius: number;
  /** θ₀ = rfac0 π r/r_c; 0.99363 by default, as in LAMMPS, whose rmin0 is 0 here: θ₀(0) = 0 is what makes the center a neighbor at r = 0. */
  readonly rfac0?: number;
  /** w of the neighbors of each element, by atomic number. */
  readonly elements: Readonly<Record<number, number>>;
}

function polarAngle({ radius, rfac0 = 0.99363 }: SnapMapping): (r: number) => number {
  return (r) => (rfac0 * Math.PI * r) / radius;
}

/** Gegenbauer polynomial C^a_n(x) by its recurrence. */
function gegenbauer(n: number, a: number, x: number): number {
  let [before, value] = [0, 1];
  for (let k = 0; k < n; k++) [before, value] = [value, (2 * (k + a) * x * value - (k + 2 * a - 1) * before) / (k + 1)];
  return value;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/** χ^j_l(ω) with ω/2 given, the generalized character of rotations; `twoJ` = 2j, l ≤ 2j. */
export function generalizedCharacter(twoJ: number, l: number, half: number): number {
  const factor = 2 ** l * factorial(l) * Math.sqrt(((twoJ + 1) * factorial(twoJ - l)) / factorial(twoJ + l + 1));
  return factor * Math.sin(half) ** l * gegenbauer(twoJ - l, l + 1, Math.cos(half));
}

/** Functions that span all χ^j_l with 2j ≤ twoJMax: cos kθ₀, k ≤ twoJMax, and sin kθ₀, 1 ≤ k ≤ twoJMax; the radial basis of `deltaHyperparameters`. */
export function snapRadialFunctions(twoJMax: number, mapping: SnapMapping): ((r: number) => number)[] {
  const angle = polarAngle(mapping);
  const orders = Array.from({ length: twoJMax + 1 }, (_, k) => k);
  return [...orders.map((k) => (r: number) => Math.cos(k * angle(r))), ...orders.slice(1).map((k) => (r: number) => Math.sin(k * angle(r)))];
}

interface ComplexTable {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Factor of χ^j_l Y_lm, real harmonics, in U^j_{MM'}: [M + j][M' + j][m + l]. */
function matrixHarmonics(twoJ: number, l: number): ComplexTable {
  const size = twoJ + 1;
  const width = 2 * l + 1;
  const table = { real: new Float64Array(size * size * width), imaginary: new Float64Array(size * size * width) };
  const length = Math.sqrt(4 * Math.PI * width) / size;
  // (−i)^l
  const [pr, pi] = [[1, 0], [0, -1], [-1, 0], [0, 1]][l % 4] as [number, number];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const m = row - column;
      if (Math.abs(m) > l) continue;
      const value = length * complexCoupling(twoJ / 2, column - twoJ / 2, l, m, twoJ / 2);
      const add = (order: number, real: number, imaginary: number): void => {
        const at = (row * size + column) * width + order + l;
        table.real[at]! += value * (pr * real - pi * imaginary);
        table.imaginary[at]! += value * (pr * imaginary + pi * real);
      };
      // Complex harmonics with the Condon–Shortley sign out of real ones.
      const root = Math.SQRT1_2;
      if (m === 0) add(0, 1, 0);
      else if (m > 0) {
        const sign = m % 2 === 0 ? 1 : -1;
        add(m, sign * root, 0);
        add(-m, 0, sign * root);
      } else {
        add(-m, root, 0);
        add(m, 0, -root);
      }
    }
  }
  return table;
}

/** The real part of B's trilinear form for three degrees, [m₁][m₂][m₃]; the imaginary part cancels between all of them. */
function couplingTensor(twoJ: Degrees, degrees: Degrees): Float64Array {
  const [s1, s2, s3] = twoJ.map((value) => value + 1) as [number, number, number];
  const [d1, d2, d3] = degrees.map((l) => 2 * l + 1) as [number, number, number];
  const [one, two, three] = twoJ.map((value, slot) => matrixHarmonics(value, degrees[slot]!)) as [ComplexTable, ComplexTable, ComplexTable];
  const couplings = Array.from({ length: s1 * s2 }, (_, k) => {
    const [a, b] = [Math.floor(k / s2), k % s2];
    return complexCoupling(twoJ[0] / 2, a - twoJ[0] / 2, twoJ[1] / 2, b - twoJ[1] / 2, twoJ[2] / 2);
  });
  // M = M₁ + M₂ as a row of the third matrix.
  const shift = (twoJ[2] - twoJ[0] - twoJ[1]) / 2;
  const out = new Float64Array(d1 * d2 * d3);
  for (let rows = 0; rows < s1 * s2; rows++) {
    if (couplings[rows] === 0) continue;
    const [a, b] = [Math.floor(rows / s2), rows % s2];
    for (let columns = 0; columns < s1 * s2; columns++) {
      const factor = couplings[rows]! * couplings[columns]!;
      if (factor === 0) continue;
      const [c, d] = [Math.floor(columns / s2), columns % s2];
      const [p, q, s] = [(a * s1 + c) * d1, (b * s2 + d) * d2, ((a + b + shift) * s3 + c + d + shift) * d3];
      for (let m1 = 0; m1 < d1; m1++) {
        const [xr, xi] = [factor * one.real[p + m1]!, factor * one.imaginary[p + m1]!];
        if (xr === 0 && xi === 0) continue;
        for (let m2 = 0; m2 < d2; m2++) {
          const [yr, yi] = [two.real[q + m2]!, two.imaginary[q + m2]!];
          const [zr, zi] = [xr * yr - xi * yi, xr * yi + xi * yr];
          // Re(x y conj u)
          for (let m3 = 0; m3 < d3; m3++) out[(m1 * d2 + m2) * d3 + m3]! += zr * three.real[s + m3]! + zi * three.imaginary[s + m3]!;
        }
      }
    }
  }
  return out;
}

/**
 * B_{j₁j₂j} with 2j₁, 2j₂, 2j given, as a sum for `bispectrumWeights`; exact for lMax ≥ the largest 2j and a radial basis that holds `snapRadialFunctions`.
 * SNAP counts the center as a rotation by 0 with weight 1: density.centerWeight 1 where the center's element has w = 1, 1/w otherwise. Its f_c is the
 * cosine with a width of the whole radius. LAMMPS's bzeroflag 1 takes the value of an empty environment off.
 * @throws InputError where the three do not make a triangle with a whole sum.
 */
export function snapComponent(twoJ: Degrees, mapping: SnapMapping): TripleSum {
  const [a, b, c] = twoJ;
  const whole = twoJ.every((value) => Number.isInteger(value) && value >= 0);
  if (!(whole && (a + b + c) % 2 === 0 && c <= a + b && c >= Math.abs(a - b))) {
    throw new InputError("no such component", { key: "twoJ", expected: "three whole numbers that make a triangle with an even sum", got: twoJ.join(", ") });
  }
  const angle = polarAngle(mapping);
  const functionOf = (value: number): TripleSum["functions"][number] => ({
    elements: mapping.elements, radial: (r, l) => generalizedCharacter(value, l, angle(r)),
  });
  const degreesOf = (value: number): number[] => Array.from({ length: value + 1 }, (_, l) => l);
  return {
    functions: [functionOf(a), functionOf(b), functionOf(c)],
    degrees: [degreesOf(a), degreesOf(b), degreesOf(c)],
    tensor: (degrees) => couplingTensor(twoJ, degrees),
  };
}
