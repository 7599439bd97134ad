import { describe, expect, it } from "vitest";
import { evaluateCutoff } from "../../../src/basis/cutoff.js";
import { evaluateScaling } from "../../../src/basis/radial-scaling.js";
import type { Cutoff } from "../../../src/basis/hyperparameters.js";

const step = 1e-4;

function central(value: (r: number) => number, r: number): number {
  return (8 * (value(r + step) - value(r - step)) - (value(r + 2 * step) - value(r - 2 * step))) / (12 * step);
}

describe("evaluateCutoff", () => {
  const smooth: Cutoff[] = [{ radius: 5, width: 0.5, function: "cosine" }, { radius: 5, width: 0.5, function: "polynomial" }];

  it("falls from 1 to 0 with value ½ half way, whatever the function", () => {
    for (const cutoff of smooth) {
      expect([0, 3, 4.5].map((r) => evaluateCutoff(cutoff, r))).toEqual(Array.from({ length: 3 }, () => ({ value: 1, slope: 0 })));
      expect(Math.abs(evaluateCutoff(cutoff, 4.75).value - 0.5)).toBeLessThan(1e-14);
      expect([5, 5.1, 100].map((r) => evaluateCutoff(cutoff, r))).toEqual(Array.from({ length: 3 }, () => ({ value: 0, slope: 0 })));
    }
  });

  it("has the values of the formulas at a quarter of the width", () => {
    const [cosine, polynomial] = smooth.map((cutoff) => evaluateCutoff(cutoff, 4.625).value);
    expect(Math.abs(cosine! - (2 + Math.SQRT2) / 4)).toBeLessThan(1e-14);
    expect(Math.abs(polynomial! - (1 - 10 / 64 + 15 / 256 - 6 / 1024))).toBeLessThan(1e-14);
  });

  it("has slopes equal to central differences, and none at its ends", () => {
    for (const cutoff of smooth) {
      for (const r of [4.51, 4.6, 4.75, 4.9, 4.99]) {
        expect(Math.abs(evaluateCutoff(cutoff, r).slope - central((x) => evaluateCutoff(cutoff, x).value, r))).toBeLessThan(1e-9);
      }
      expect(Math.abs(evaluateCutoff(cutoff, 4.5 + 1e-9).slope)).toBeLessThan(1e-6);
      expect(Math.abs(evaluateCutoff(cutoff, 5 - 1e-9).slope)).toBeLessThan(1e-6);
    }
  });

  it("is a step up to and including the radius without width", () => {
    const cutoff: Cutoff = { radius: 5, width: 0, function: "step" };
    expect([0, 4.999, 5, 5.0001].map((r) => evaluateCutoff(cutoff, r).value)).toEqual([1, 1, 1, 0]);
  });
});

describe("evaluateScaling", () => {
  it("is c/(c + (r/r₀)^k)", () => {
    expect(evaluateScaling(null, 3)).toEqual({ value: 1, slope: 0 });
    expect(evaluateScaling({ rate: 1, scale: 2, exponent: 7 }, 2).value).toBe(0.5);
    expect(Math.abs(evaluateScaling({ rate: 3, scale: 2, exponent: 2 }, 6).value - 3 / 12)).toBeLessThan(1e-15);
    expect(evaluateScaling({ rate: 3, scale: 2, exponent: 0 }, 6)).toEqual({ value: 0.75, slope: 0 });
    expect(evaluateScaling({ rate: 3, scale: 2, exponent: 4 }, 0)).toEqual({ value: 1, slope: 0 });
  });

  it("has slopes equal to central differences, across r = 0 too", () => {
    for (const exponent of [1, 2, 2.5, 3, 4, 7]) {
      const scaling = { rate: 1.3, scale: 2.1, exponent };
      for (const r of [-0.2, 0, 0.4, 1, 2.1, 4]) {
        if (r === 0 && exponent === 2.5) continue;
        expect(Math.abs(evaluateScaling(scaling, r).slope - central((x) => evaluateScaling(scaling, x).value, r))).toBeLessThan(1e-9);
      }
    }
  });
});
