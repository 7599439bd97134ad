// The counted operations against loops that do the formulas in the plainest way and count as they go.
import { describe, expect, test } from "vitest";
import {
  energyForceOperations, expansionOperations, farthestPointOperations, featureCount, fitRowOperations, kernelAdjointOperations, kernelOperations,
  normalEquationOperations, pairForceOperations, spectrumAdjointOperations, spectrumGradientOperations, spectrumOperations,
} from "../../../bench/operations.js";

/** Operations of Eq. (12) with its √2 and 1/√(2l+1) in one factor, and of Eq. (13), by walking through the blocks. */
function countSpectrum(nMax: number, lMax: number, elements: number, normalize: boolean): { features: number; operations: number } {
  let [features, operations] = [0, 0];
  for (let a = 0; a < elements; a++) {
    for (let b = a; b < elements; b++) {
      for (let l = 0; l <= lMax; l++) {
        for (let n = 0; n < nMax; n++) {
          for (let k = a === b ? n : 0; k < nMax; k++) {
            features++;
            for (let m = -l; m <= l; m++) operations += 2;
            operations++;
          }
        }
      }
    }
  }
  return { features, operations: operations + (normalize ? 3 * features : 0) };
}

/** Operations of ∂ε/∂c from ∂ε/∂p: a factor each, then a product of matrices for both elements of every block. */
function countSpectrumAdjoint(nMax: number, lMax: number, elements: number): number {
  let operations = countSpectrum(nMax, lMax, elements, false).features;
  for (let a = 0; a < elements; a++) {
    for (let b = 0; b < elements; b++) {
      for (let lm = 0; lm < (lMax + 1) ** 2; lm++) for (let n = 0; n < nMax; n++) for (let k = 0; k < nMax; k++) operations += 2;
    }
  }
  return operations;
}

describe("spectrum", () => {
  for (const [nMax, lMax, elements] of [[1, 0, 1], [2, 1, 1], [3, 2, 2], [8, 6, 4]] as const) {
    test(`n ${nMax}, l ${lMax}, ${elements} elements`, () => {
      const environment = { pairs: 5, elements, atoms: 6 };
      for (const normalize of [false, true]) {
        const counted = countSpectrum(nMax, lMax, elements, normalize);
        expect(featureCount({ nMax, lMax }, environment)).toBe(counted.features);
        expect(spectrumOperations({ nMax, lMax }, environment, normalize)).toBe(counted.operations);
      }
      expect(spectrumAdjointOperations({ nMax, lMax }, environment, false)).toBe(countSpectrumAdjoint(nMax, lMax, elements));
    });
  }
});

// nMax 2, lMax 1: L = 2 degrees, D = 4 harmonics, one element: F = 2 · 3 = 6 features.
const size = { nMax: 2, lMax: 1 };
const environment = { pairs: 3, elements: 1, atoms: 3 };

describe("by hand, nMax 2, lMax 1, three neighbors of one element (two atoms and an image)", () => {
  test("expansion: per pair 4 radial integrals of 7, harmonics 4·1 + 6·2 + 4, sums 2·2·4", () => {
    expect(expansionOperations(size, environment)).toBe(3 * (28 + 20 + 16));
    expect(expansionOperations(size, { ...environment, pairs: 0 })).toBe(0);
  });

  test("kernel with 10 points, zeta 3: 2·6 per product, then s², weight, s, sum", () => {
    expect(kernelOperations(size, environment, { components: null, points: 10, zeta: 3 })).toBe(10 * 12 + 10 * 4);
    expect(kernelOperations(size, environment, { components: 5, points: 10, zeta: 3 })).toBe(2 * 6 * 5 + 10 * 10 + 10 * 4);
    expect(kernelAdjointOperations(size, environment, { components: null, points: 10, zeta: 3 })).toBe(10 + 2 * 10 * 6);
    expect(kernelAdjointOperations(size, environment, { components: 5, points: 10, zeta: 3 })).toBe(10 + 2 * 10 * 5 + 2 * 5 * 6);
  });

  test("pair forces: per pair radial 4·13, harmonics 20 + 2·4 + 6, sums over n 4·2·4, over lm 8·4, tangent plane 17", () => {
    expect(pairForceOperations(size, environment)).toBe(3 * (52 + 34 + 32 + 32 + 17));
  });

  test("energy and forces are the sum of their stages", () => {
    const kernel = { components: null, points: 10, zeta: 3 };
    expect(energyForceOperations(size, environment, true, kernel)).toBe(192 + (3 * 2 * 4 + 6 + 18) + 160 + 130 + (30 + 6 + 2 * 4 * 4) + 501);
  });

  test("rows of a fit: three atoms, three axes each", () => {
    // Per pair: 52 + 34 + 17·4 + 9·2·4 for ∂c/∂r; per axis 2·4·4 products, 2 sums and 6 factors, twice 6 additions.
    const gradients = 3 * (52 + 34 + 68 + 72 + 3 * (32 + 2 + 6 + 12));
    const rows = 9 * (5 * 6 + 2 * 6 * 10 + 3 * 10);
    expect(spectrumGradientOperations(size, environment)).toBe(52);
    expect(fitRowOperations(size, environment, true, { components: null, points: 10, zeta: 3 })).toBe(192 + 48 + 160 + 10 + gradients + rows);
    expect(normalEquationOperations(10)).toBe(100 + 110 + 20);
  });

  test("farthest points: 4 environments, 3 components, 2 points, zeta 2", () => {
    // Per distance: 3 products and sums, one multiplication for the square, a doubling, a sum and a difference.
    expect(farthestPointOperations(4, 3, 2, 2)).toBe(4 * 2 * (6 + 1 + 3));
  });
});
