import { describe, expect, it } from "vitest";
import { scaledModifiedBessel } from "../../../src/basis/bessel.js";
import { legendrePolynomials } from "../../reference/associated-legendre.js";
import { relativeDifference } from "../../reference/norms.js";
import { tanhSinh } from "../../reference/radial-quadrature.js";

const lMax = 25;

/** e^{−x} i_l(x) by the ascending series x^l Σ (x²/2)^k / (k! (2l + 2k + 1)!!), whose terms are all positive. */
function series(l: number, x: number): number {
  let term = Math.exp(-x);
  for (let k = 1; k <= l; k++) term *= x / (2 * k + 1);
  let sum = 0;
  for (let k = 1; term > 1e-18 * sum && k < 2000; k++) {
    sum += term;
    term *= (0.5 * x * x) / (k * (2 * l + 2 * k + 1));
  }
  return sum;
}

describe("scaledModifiedBessel", () => {
  it("equals the ascending series, element by element", () => {
    for (const x of [1e-6, 0.01, 0.5, 1, 3, 10, 24.9, 100, 300, 600, 624.9, 625.1]) {
      const out = new Float64Array(lMax + 1);
      scaledModifiedBessel(lMax, x, out);
      for (let l = 0; l <= lMax; l++) expect(Math.abs(out[l]! / series(l, x) - 1)).toBeLessThan(1e-13);
    }
  });

  it("equals ½∫ P_l(t) e^{x(t−1)} dt for large arguments", () => {
    for (const x of [1000, 28800, 1e6]) {
      const out = new Float64Array(lMax + 1);
      scaledModifiedBessel(lMax, x, out);
      const sums = new Float64Array(lMax + 1);
      tanhSinh(-40 / x, 0, (below, weight) => {
        legendrePolynomials(lMax, 1 + below).forEach((value, l) => (sums[l]! += 0.5 * weight * Math.exp(x * below) * value));
      });
      expect(relativeDifference(out, sums)).toBeLessThan(1e-12);
    }
  });

  it("is 1, 0, 0, … at x = 0, and finite for the smallest arguments", () => {
    const out = new Float64Array(lMax + 1).fill(NaN);
    scaledModifiedBessel(lMax, 0, out);
    expect([...out]).toEqual([1, ...Array.from({ length: lMax }, () => 0)]);
    scaledModifiedBessel(lMax, Number.MIN_VALUE, out);
    expect(out.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it("gives the lower degrees whatever the highest", () => {
    for (const x of [0.3, 7, 90]) {
      const all = new Float64Array(lMax + 1);
      scaledModifiedBessel(lMax, x, all);
      for (let highest = 0; highest < lMax; highest++) {
        const out = new Float64Array(highest + 1);
        scaledModifiedBessel(highest, x, out);
        expect(relativeDifference(out, all.subarray(0, highest + 1))).toBeLessThan(1e-13);
      }
    }
  });
});
