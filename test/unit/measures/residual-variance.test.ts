import { beforeAll, describe, expect, it } from "vitest";
import { createContraction, decomposeCovariance, keptChannels } from "../../../src/basis/contraction.js";
import { blockVariances, type DensityCovariance } from "../../../src/basis/covariance.js";
import { InputError } from "../../../src/errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { primitiveResidualVariance, residualVariance, residualVarianceCurve } from "../../../src/measures/residual-variance.js";
import { createRandom } from "../../../src/selection/random.js";
import { referenceCovariance } from "../../reference/covariance.js";
import { largestDifference } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const [centers, species, nMax, lMax] = [9, 2, 4, 1];
const random = createRandom(12);
const coefficients = Float64Array.from({ length: centers * species * nMax * 4 }, (_, k) => random.normal() / (1 + (Math.floor(k / 4) % nMax)) ** 2);

function covarianceOf(mixed: boolean, functions = nMax): DensityCovariance {
  return referenceCovariance({ species, nMax: functions, lMax }, coefficients.filter((_, k) => Math.floor(k / 4) % nMax < functions), { mixed });
}

/** Eq. (38) with the coefficients themselves: contracted ones over all, within l or over both. */
function fromCoefficients(matrix: readonly number[], channels: number, mixed: boolean, degrees: readonly number[]): number {
  let [kept, all] = [0, 0];
  const at = (i: number, a: number, n: number, lm: number): number => coefficients[((i * species + a) * nMax + n) * 4 + lm]!;
  for (const l of degrees) {
    for (let i = 0; i < centers; i++) {
      for (let lm = l * l; lm < (l + 1) ** 2; lm++) {
        for (let a = 0; a < species; a++) for (let n = 0; n < nMax; n++) all += at(i, a, n, lm) ** 2;
        for (let q = 0; q < channels; q++) {
          const parts = Array.from({ length: species }, (_, a) => {
            let sum = 0;
            for (let n = 0; n < nMax; n++) sum += matrix[((a * (lMax + 1) + l) * channels + q) * nMax + n]! * at(i, a, n, lm);
            return sum;
          });
          kept += mixed ? parts.reduce((sum, value) => sum + value, 0) ** 2 : parts.reduce((sum, value) => sum + value * value, 0);
        }
      }
    }
  }
  return 1 - kept / all;
}

describe.each([false, true])("residualVariance, mixed %s", (mixed) => {
  it("is what the contracted coefficients leave of the sum of squares", () => {
    const covariance = covarianceOf(mixed);
    const directions = decomposeCovariance(algebra, covariance);
    const curve = residualVarianceCurve(directions);
    for (const channels of [1, 2, 3]) {
      const contraction = createContraction(directions, [1, 8], keptChannels(directions, { channels }));
      const found = residualVariance(covariance, contraction);
      expect(Math.abs(found.total - fromCoefficients(contraction.matrix, channels, mixed, [0, 1]))).toBeLessThan(1e-13);
      for (const l of [0, 1]) expect(Math.abs(found.perDegree[l]! - fromCoefficients(contraction.matrix, channels, mixed, [l]))).toBeLessThan(1e-13);
      expect(Math.abs(curve[channels]!.total - found.total)).toBeLessThan(1e-13);
      expect(largestDifference(curve[channels]!.perDegree, found.perDegree)).toBeLessThan(1e-13);
    }
    expect(curve[0]!.total).toBe(1);
    expect(curve[curve.length - 1]!.total).toBeLessThan(1e-12);
  });

  it("falls below the threshold that chose the channels, in every block, and with no channel fewer", () => {
    const covariance = covarianceOf(mixed);
    const directions = decomposeCovariance(algebra, covariance);
    const threshold = 0.01;
    const counts = keptChannels(directions, { threshold });
    expect(residualVariance(covariance, createContraction(directions, [1, 8], counts)).total).toBeLessThan(threshold);
    directions.blocks.forEach(({ variances, total }, block) => {
      const left = (count: number): number => 1 - variances.subarray(0, count).reduce((sum, value) => sum + value, 0) / total;
      expect(left(counts[block]!)).toBeLessThanOrEqual(threshold);
      expect(left(counts[block]! - 1)).toBeGreaterThan(threshold);
    });
  });
});

describe("residualVariance for the centers of each element", () => {
  const elements = Array.from({ length: centers }, (_, i) => (i % 3 === 0 ? 1 : 8));
  const choice = { centers: [1, 8], elements };

  it.each([false, true])("is the share over all centers, of which each element leaves its own part; mixed %s", (mixed) => {
    const covariance = referenceCovariance({ species, nMax, lMax }, coefficients, { mixed, ...choice });
    const directions = decomposeCovariance(algebra, covariance);
    const contraction = createContraction(directions, [1, 8], keptChannels(directions, { channels: 2 }));
    const { total } = residualVariance(covariance, contraction);
    let left = 0;
    for (const z of [1, 8]) {
      const own = referenceCovariance({ species, nMax, lMax }, coefficients, { mixed, weights: elements.map((element) => (element === z ? 1 : 0)) });
      const parts = decomposeCovariance(algebra, own);
      const share = residualVariance(own, createContraction(parts, [1, 8], keptChannels(parts, { channels: 2 }))).total;
      left += share * own.weight * blockVariances(own).reduce((sum, value) => sum + value, 0);
    }
    expect(Math.abs(total - left / coefficients.reduce((sum, value) => sum + value * value, 0))).toBeLessThan(1e-12);
    expect(total).toBeLessThan(residualVarianceCurve(decomposeCovariance(algebra, covarianceOf(mixed)))[2]!.total);
    expect(() => residualVariance(covarianceOf(mixed), contraction)).toThrow(/all centers, got.*centers 1 8/);
  });
});

describe("residualVariance", () => {
  it("of mixed channels is never above that of the same number of channels per element in all", () => {
    const [separate, mixed] = [false, true].map((kind) => residualVarianceCurve(decomposeCovariance(algebra, covarianceOf(kind))));
    for (let q = 1; q < separate!.length; q++) expect(mixed![2 * q]!.total).toBeLessThanOrEqual(separate![q]!.total + 1e-12);
  });

  it("refuses a contraction of another basis", () => {
    const directions = decomposeCovariance(algebra, covarianceOf(false));
    const contraction = createContraction(directions, [1, 8], keptChannels(directions, { channels: 2 }));
    expect(() => residualVariance(covarianceOf(true), contraction)).toThrow(InputError);
    expect(() => residualVariance(covarianceOf(false, 3), contraction)).toThrow(/2 elements, 3 functions, lMax 1, separate/);
  });
});

describe("primitiveResidualVariance", () => {
  it("is the share of the functions that a smaller basis lacks", () => {
    const { total, perDegree } = primitiveResidualVariance(covarianceOf(false, 3), covarianceOf(false));
    const square = (accepts: (n: number, lm: number) => boolean): number =>
      coefficients.reduce((sum, value, k) => (accepts(Math.floor(k / 4) % nMax, k % 4) ? sum + value * value : sum), 0);
    expect(Math.abs(total - square((n) => n === 3) / square(() => true))).toBeLessThan(1e-14);
    expect(Math.abs(perDegree[1]! - square((n, lm) => n === 3 && lm > 0) / square((_, lm) => lm > 0))).toBeLessThan(1e-14);
    expect(primitiveResidualVariance(covarianceOf(false), covarianceOf(false)).total).toBe(0);
    expect(() => primitiveResidualVariance(covarianceOf(true), covarianceOf(false))).toThrow(InputError);
  });
});
