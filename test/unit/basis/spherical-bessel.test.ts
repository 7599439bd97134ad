import { describe, expect, it } from "vitest";
import { sphericalBessel, sphericalBesselZeros } from "../../../src/basis/spherical-bessel.js";
import { largestDifference } from "../../reference/norms.js";

function bessel(lMax: number, x: number): Float64Array {
  const out = new Float64Array(lMax + 1).fill(NaN);
  sphericalBessel(lMax, x, out);
  return out;
}

describe("sphericalBessel", () => {
  it("has the closed forms of j_0 to j_2", () => {
    for (const x of [1, 1.5, 2.7, Math.PI, 4.4934, 9, 40, 110]) {
      const [sin, cos] = [Math.sin(x), Math.cos(x)];
      const closed = [sin / x, sin / x ** 2 - cos / x, (3 / x ** 3 - 1 / x) * sin - (3 / x ** 2) * cos];
      expect(largestDifference(bessel(22, x).subarray(0, 3), closed)).toBeLessThan(4e-16);
    }
  });

  it("agrees with Poisson's integral j_l(x) = (x/2)^l/(2 l!) ∫ cos(xt) (1 − t²)^l dt over [−1, 1], by the trapezoidal rule in t = tanh", () => {
    for (const x of [1e-9, 0.3, 0.999, 1.001, 3, 7.5]) {
      const values = bessel(12, x);
      let factor = 0.5;
      for (let l = 0; l <= 12; l++) {
        if (l > 0) factor *= x / (2 * l);
        let sum = 0;
        for (let k = -600; k <= 600; k++) {
          const u = k / 30;
          sum += (Math.cos(x * Math.tanh(u)) / Math.cosh(u) ** (2 * l + 2)) / 30;
        }
        expect(Math.abs(values[l]! - factor * sum)).toBeLessThan(1e-13 * factor * 2 + 1e-300);
      }
    }
  });

  it("has the sum rule Σ (2l+1) j_l² = 1 and the parity (−1)^l", () => {
    for (const x of [0, 0.5, 1, 6, 19.5, 30]) {
      const values = bessel(60, x);
      expect(Math.abs(values.reduce((sum, value, l) => sum + (2 * l + 1) * value * value, 0) - 1)).toBeLessThan(1e-14);
      expect(largestDifference(bessel(60, -x), values.map((value, l) => (l % 2 === 0 ? value : -value)))).toBeLessThan(1e-16);
    }
  });
});

describe("sphericalBesselZeros", () => {
  it("finds the zeros that are tabulated (Abramowitz and Stegun, table 10.6)", () => {
    const zeros = sphericalBesselZeros(3, 3);
    expect(largestDifference(zeros[0]!, [Math.PI, 2 * Math.PI, 3 * Math.PI])).toBeLessThan(1e-14);
    expect(largestDifference(zeros[1]!, [4.493409, 7.725252, 10.904122])).toBeLessThan(6e-7);
    expect(largestDifference(zeros[2]!, [5.763459, 9.095011, 12.322941])).toBeLessThan(6e-7);
    expect(largestDifference(zeros[3]!, [6.987932, 10.417119, 13.698023])).toBeLessThan(6e-7);
  });

  it("finds all of them: as many sign changes, and none below the first", () => {
    const zeros = sphericalBesselZeros(20, 24)[20]!;
    let [changes, before] = [0, bessel(20, 5)[20]!];
    for (let x = 5; x < zeros[23]! + 0.5; x += 0.01) {
      const value = bessel(20, x)[20]!;
      if (value * before < 0) changes++;
      before = value;
    }
    expect(changes).toBe(24);
    zeros.forEach((zero) => expect(Math.abs(bessel(20, zero)[20]!)).toBeLessThan(4e-16));
  });
});
