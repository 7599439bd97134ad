import { describe, expect, it } from "vitest";
import { blockVariances, covarianceBlock, createCovariance } from "../../../src/basis/covariance.js";
import { createRandom } from "../../../src/selection/random.js";
import { referenceCovariance } from "../../reference/covariance.js";
import { largestDifference } from "../../reference/norms.js";

const layout = { species: 2, nMax: 3, lMax: 2 };
const centers = 7;
const random = createRandom(3);
const coefficients = Float64Array.from({ length: centers * 2 * 3 * 9 }, () => random.normal());
const weights = [1, 0.5, 0, 2, 1, 0.25, 3];
const elements = [1, 8, 8, 1, 1, 8, 1];

describe("covarianceBlock", () => {
  it("divides by the weight, also where each element of the centers has its own: their sum is that of all", () => {
    for (const mixed of [false, true]) {
      const [all, own] = [
        referenceCovariance(layout, coefficients, { mixed, weights }),
        referenceCovariance(layout, coefficients, { mixed, weights, centers: [1, 8], elements }),
      ];
      expect([all.weight, own.weight]).toEqual([7.75, 7.75]);
      const count = mixed ? 3 : 6;
      for (let block = 0; block < count; block++) {
        const [hydrogen, oxygen] = [covarianceBlock(own, block), covarianceBlock(own, count + block)];
        expect(largestDifference(hydrogen.map((value, k) => value + oxygen[k]!), covarianceBlock(all, block))).toBeLessThan(1e-14);
      }
    }
  });

  it("is zero without centers", () => {
    expect([...covarianceBlock(createCovariance(layout, false), 2)]).toEqual(new Array(9).fill(0));
  });
});

describe("blockVariances", () => {
  it("are the mean squares of the coefficients of each element and degree", () => {
    const variances = blockVariances(referenceCovariance(layout, coefficients));
    for (let a = 0; a < 2; a++) {
      for (let l = 0; l <= 2; l++) {
        const square = coefficients.reduce((sum, value, k) => {
          const lm = k % 9;
          return Math.floor(k / 27) % 2 === a && lm >= l * l && lm < (l + 1) ** 2 ? sum + value * value : sum;
        }, 0);
        expect(Math.abs(variances[a * 3 + l]! - square / centers)).toBeLessThan(1e-13);
      }
    }
  });
});
