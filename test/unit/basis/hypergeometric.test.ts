import { describe, expect, it } from "vitest";
import { createScaledKummer, halfIntegerGamma } from "../../../src/basis/hypergeometric.js";
import { tanhSinh } from "../../reference/radial-quadrature.js";

const arguments_ = [0, 1e-8, 0.3, 4, 30, 99.9, 100.1, 150, 1000, 28800];
const gamma = halfIntegerGamma(80);

function evaluate(twiceAlpha: number, twiceBeta: number, z: number): Float64Array {
  const out = new Float64Array(2);
  createScaledKummer(twiceAlpha / 2, twiceBeta / 2, gamma[twiceBeta]! / gamma[twiceAlpha]!)(z, out);
  return out;
}

/** e^{−z} ₁F₁(β + j; β; z) = Σ_i C(j, i) z^i / (β)_i: Kummer's transformation ends the series, all terms positive. */
function polynomial(j: number, beta: number, z: number): number {
  let [term, sum] = [1, 1];
  for (let i = 0; i < j; i++) {
    term *= ((j - i) * z) / ((i + 1) * (beta + i));
    sum += term;
  }
  return sum;
}

/** e^{−z} ₁F₁(α; β; z) for β > α + ½ by Euler's integral with t = (1 − u)², smooth at both ends for half-integers. */
function eulerIntegral(twiceAlpha: number, twiceBeta: number, z: number): number {
  let sum = 0;
  const highest = z > 100 ? 100 / z / (1 + Math.sqrt(1 - 100 / z)) : 1;
  tanhSinh(0, highest, (u, weight) => {
    const rest = u * (2 - u);
    if (rest > 0) sum += 2 * weight * Math.exp(-z * rest) * (1 - u) ** (twiceAlpha - 1) * rest ** ((twiceBeta - twiceAlpha) / 2 - 1);
  });
  return (sum * gamma[twiceBeta]!) / (gamma[twiceAlpha]! * gamma[twiceBeta - twiceAlpha]!);
}

describe("createScaledKummer", () => {
  it("equals the polynomial where α − β is a whole number, on both sides of z = 100", () => {
    for (const z of arguments_) {
      for (const l of [0, 1, 8, 20]) {
        for (let j = 0; j <= 15; j++) {
          expect(Math.abs(evaluate(2 * l + 3 + 2 * j, 2 * l + 3, z)[0]! / polynomial(j, l + 1.5, z) - 1)).toBeLessThan(1e-13);
          // The shifted function of (β + j + 1, β) has α − (β + 1) = j.
          expect(Math.abs(evaluate(2 * l + 5 + 2 * j, 2 * l + 3, z)[1]! / polynomial(j, l + 2.5, z) - 1)).toBeLessThan(1e-13);
        }
      }
    }
  });

  it("equals Euler's integral for l > k", () => {
    for (const z of arguments_) {
      for (const [k, l] of [[0, 3], [0, 4], [0, 20], [1, 20], [2, 9], [7, 20]] as const) {
        expect(Math.abs(evaluate(k + l + 3, 2 * l + 3, z)[0]! / eulerIntegral(k + l + 3, 2 * l + 3, z) - 1)).toBeLessThan(1e-12);
        expect(Math.abs(evaluate(k + l + 3, 2 * l + 3, z)[1]! / eulerIntegral(k + l + 3, 2 * l + 5, z) - 1)).toBeLessThan(1e-12);
      }
    }
  });
});

describe("halfIntegerGamma", () => {
  it("has the factorials and Γ(1/2) = √π", () => {
    expect([2, 4, 6, 8, 10, 12].map((j) => gamma[j])).toEqual([1, 1, 2, 6, 24, 120]);
    expect(gamma[1]! ** 2 - Math.PI).toBeCloseTo(0, 14);
    // Γ(7/2) = 15√π/8.
    expect(Math.abs(gamma[7]! / ((15 * Math.sqrt(Math.PI)) / 8) - 1)).toBeLessThan(1e-15);
  });
});
