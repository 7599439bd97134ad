import { beforeAll, describe, expect, it } from "vitest";
import { accumulateCovariance, blockVariances, covarianceBlock, createCovariance, type DensityCovariance } from "../../../src/basis/covariance.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { largestDifference } from "../../reference/norms.js";

const layout = { species: 2, nMax: 3, lMax: 2 };
const centers = 7;
const random = createRandom(3);
const coefficients = Float64Array.from({ length: centers * 2 * 3 * 9 }, () => random.normal());
const weights = [1, 0.5, 0, 2, 1, 0.25, 3];

function coefficient(i: number, channel: number, lm: number): number {
  return coefficients[(i * 6 + channel) * 9 + lm]!;
}

/** Eq. (30) or (31) as it is written. */
function plainCovariance(channels: readonly number[], l: number, weightOf: (i: number) => number): number[] {
  let total = 0;
  for (let i = 0; i < centers; i++) total += weightOf(i);
  return channels.flatMap((one) =>
    channels.map((other) => {
      let sum = 0;
      for (let i = 0; i < centers; i++) {
        for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += weightOf(i) * coefficient(i, one, lm) * coefficient(i, other, lm);
      }
      return sum / total;
    }),
  );
}

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

function covarianceOf(mixed: boolean, ...blocks: [Float64Array, readonly number[] | null][]): DensityCovariance {
  const covariance = createCovariance(layout, mixed);
  for (const [block, blockWeights] of blocks) accumulateCovariance(algebra, covariance, block, blockWeights);
  return covariance;
}

describe("accumulateCovariance", () => {
  it("is the sum over centers and orders, per (a, l) and for all (a, n)", () => {
    const [separate, mixed] = [covarianceOf(false, [coefficients, null]), covarianceOf(true, [coefficients, null])];
    for (let l = 0; l <= 2; l++) {
      expect(largestDifference(covarianceBlock(separate, l), plainCovariance([0, 1, 2], l, () => 1))).toBeLessThan(1e-14);
      expect(largestDifference(covarianceBlock(separate, 3 + l), plainCovariance([3, 4, 5], l, () => 1))).toBeLessThan(1e-14);
      expect(largestDifference(covarianceBlock(mixed, l), plainCovariance([0, 1, 2, 3, 4, 5], l, () => 1))).toBeLessThan(1e-14);
    }
  });

  it("weights centers, and takes them in blocks of any length", () => {
    const size = 2 * 3 * 9;
    const part = (from: number, to: number): [Float64Array, number[]] => [coefficients.slice(from * size, to * size), weights.slice(from, to)];
    const covariance = covarianceOf(true, part(0, 2), part(2, 2), part(2, 7));
    expect(covariance.weight).toBe(7.75);
    for (let l = 0; l <= 2; l++) {
      const plain = plainCovariance([0, 1, 2, 3, 4, 5], l, (i) => weights[i]!);
      expect(largestDifference(covarianceBlock(covariance, l), plain)).toBeLessThan(1e-14);
      expect(Math.abs(blockVariances(covariance)[l]! - [0, 7, 14, 21, 28, 35].reduce((sum, index) => sum + plain[index]!, 0))).toBeLessThan(1e-14);
    }
  });

  it("is zero without centers", () => {
    expect([...covarianceBlock(covarianceOf(false, [new Float64Array(0), null]), 2)]).toEqual(new Array(9).fill(0));
  });

  it("refuses what does not fit", () => {
    expect(() => covarianceOf(false, [coefficients.slice(1), null])).toThrow(/a multiple of 2 × 3 × 9, got 377/);
    expect(() => covarianceOf(false, [coefficients, [1]])).toThrow(/expected 7, one per center, got 1/);
    expect(() => covarianceOf(false, [coefficients, [1, 1, 1, NaN, 1, 1, 1]])).toThrow(InputError);
    expect(() => covarianceOf(false, [coefficients, [1, 1, 1, -1, 1, 1, 1]])).toThrow(/-1 for center 3/);
    expect(() => covarianceOf(false, [coefficients.map((value, index) => (index === 5 ? NaN : value)), null])).toThrow(NumericalError);
  });
});
