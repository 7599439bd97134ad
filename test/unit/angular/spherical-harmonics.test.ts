import { describe, expect, it } from "vitest";
import { harmonicRecurrence, sphericalHarmonics, sphericalHarmonicsGradient } from "../../../src/angular/spherical-harmonics.js";
import { explicitHarmonics, legendrePolynomials } from "../../reference/associated-legendre.js";
import { largestDifference } from "../../reference/norms.js";

const lMax = 20;
const size = (lMax + 1) ** 2;

/** Directions: the poles, the axes, almost a pole, and a deterministic spread over the sphere. */
const angles: [number, number][] = [
  [0, 0],
  [Math.PI, 0],
  [Math.PI / 2, 0],
  [Math.PI / 2, Math.PI / 2],
  [1e-9, 0.3],
  ...Array.from({ length: 12 }, (_, k): [number, number] => [Math.acos(1 - (2 * k + 1) / 12), 2.399963 * k]),
];

function direction([theta, phi]: [number, number]): [number, number, number] {
  return [Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)];
}

function harmonics(x: number, y: number, z: number): Float64Array {
  const out = new Float64Array(size);
  sphericalHarmonics(lMax, x, y, z, out);
  return out;
}

describe("sphericalHarmonics", () => {
  it("equals the explicit Legendre formulas up to l = 20, at the poles too", () => {
    for (const angle of angles) {
      expect(largestDifference(harmonics(...direction(angle)), explicitHarmonics(lMax, ...angle))).toBeLessThan(1e-13);
    }
  });

  it("has Y_1 proportional to (y, z, x), without the Condon–Shortley sign", () => {
    const [x, y, z] = [0.48, 0.6, 0.64];
    const norm = Math.sqrt(3 / (4 * Math.PI));
    expect(largestDifference(harmonics(x, y, z).subarray(1, 4), Float64Array.of(norm * y, norm * z, norm * x))).toBeLessThan(1e-15);
  });

  it("obeys the addition theorem", () => {
    for (const one of angles) {
      for (const other of angles) {
        const [u, v] = [direction(one), direction(other)];
        const [a, b] = [harmonics(...u), harmonics(...v)];
        const legendre = legendrePolynomials(lMax, u[0] * v[0] + u[1] * v[1] + u[2] * v[2]);
        const sums = legendre.map((_, l) => {
          let sum = 0;
          for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += a[lm]! * b[lm]!;
          return (4 * Math.PI * sum) / (2 * l + 1);
        });
        expect(largestDifference(sums, legendre)).toBeLessThan(1e-12);
      }
    }
  });

  it("is orthonormal on the sphere", () => {
    // A product of degree ≤ 12 in z and |m| ≤ 12 is integrated exactly by 8 Gauss points from the explicit zeros of P_8 and 16 equal angles.
    const l = 6;
    const zeros = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
    const weights = [0.362683783378362, 0.31370664587788727, 0.22238103445337448, 0.10122853629037626];
    const gram = new Float64Array((l + 1) ** 4);
    const out = new Float64Array((l + 1) ** 2);
    for (let k = 0; k < 8; k++) {
      const z = (k < 4 ? 1 : -1) * zeros[k % 4]!;
      for (let step = 0; step < 16; step++) {
        const [phi, rho] = [(2 * Math.PI * step) / 16, Math.sqrt(1 - z * z)];
        sphericalHarmonics(l, rho * Math.cos(phi), rho * Math.sin(phi), z, out);
        out.forEach((a, i) => out.forEach((b, j) => (gram[i * out.length + j]! += (weights[k % 4]! * 2 * Math.PI * a * b) / 16)));
      }
    }
    const identity = gram.map((_, index) => (index % (out.length + 1) === 0 ? 1 : 0));
    expect(largestDifference(gram, identity)).toBeLessThan(1e-14);
  });

  it("keeps the intermediate values small enough for float32", () => {
    const { a, b, sectoral } = harmonicRecurrence(lMax);
    let largest = 0;
    for (let m = 0; m <= lMax; m++) {
      let [before, last] = [0, sectoral[m]!];
      for (let l = m + 1; l <= lMax; l++) {
        const lm = (l * (l + 1)) / 2 + m;
        [before, last] = [last, a[lm]! * (last + b[lm]! * before)];
        largest = Math.max(largest, last);
      }
    }
    expect(largest).toBeLessThan(1e4);
  });

  it("works for lMax = 0", () => {
    const out = new Float64Array(1);
    sphericalHarmonics(0, 0, 0, 1, out);
    expect(Math.abs(out[0]! - 1 / Math.sqrt(4 * Math.PI))).toBeLessThan(1e-16);
  });
});

describe("sphericalHarmonicsGradient", () => {
  const r = 1.7;

  it("gives the values of sphericalHarmonics", () => {
    for (const angle of angles) {
      const values = new Float64Array(size);
      sphericalHarmonicsGradient(lMax, ...direction(angle), r, values, new Float64Array(3 * size));
      expect(largestDifference(values, harmonics(...direction(angle)))).toBe(0);
    }
  });

  it("equals central differences with respect to the Cartesian vector, at the poles too", () => {
    const step = 1e-4;
    for (const angle of angles) {
      const unit = direction(angle);
      const [values, gradient] = [new Float64Array(size), new Float64Array(3 * size)];
      sphericalHarmonicsGradient(lMax, ...unit, r, values, gradient);
      for (let axis = 0; axis < 3; axis++) {
        const at = (shift: number): Float64Array => {
          const vector = unit.map((component, k) => r * component + (k === axis ? shift * step : 0)) as [number, number, number];
          const length = Math.hypot(...vector);
          return harmonics(vector[0] / length, vector[1] / length, vector[2] / length);
        };
        const [far, near, minus, minusFar] = [at(2), at(1), at(-1), at(-2)];
        const difference = values.map((_, lm) => (8 * (near[lm]! - minus[lm]!) - (far[lm]! - minusFar[lm]!)) / (12 * step));
        expect(largestDifference(gradient.subarray(axis * size, (axis + 1) * size), difference)).toBeLessThan(1e-8);
      }
    }
  });

  it("has no radial component", () => {
    for (const angle of angles) {
      const [x, y, z] = direction(angle);
      const gradient = new Float64Array(3 * size);
      sphericalHarmonicsGradient(lMax, x, y, z, r, new Float64Array(size), gradient);
      const radial = gradient.subarray(0, size).map((dx, lm) => x * dx + y * gradient[size + lm]! + z * gradient[2 * size + lm]!);
      expect(largestDifference(radial, new Float64Array(size))).toBeLessThan(1e-13);
    }
  });
});
