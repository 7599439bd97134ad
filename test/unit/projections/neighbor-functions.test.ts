// Functions of the neighbors in every radial basis: what the basis holds is found exactly, whatever is orthonormal on [0, r_c] and what is not.
import { expect, test } from "vitest";
import { basisKinds } from "../../../src/basis/validate-hyperparameters.js";
import { createRadialBasis } from "../../../src/basis/radial-integrals.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createRadialFit, deltaHyperparameters, fitFunction } from "../../../src/projections/neighbor-functions.js";

const kinds = basisKinds.filter((kind) => kind !== "dvr");
const cutoff = { radius: 4, width: 1, function: "cosine" } as const;

test.each(kinds)("a combination of the functions of a basis: %s", (kind) => {
  const nMax = 5;
  const hyper: Hyperparameters = kind === "table"
    ? deltaHyperparameters(Array.from({ length: nMax }, (_, k) => (r: number) => r ** k), { cutoff, lMax: 3, kind: "power-spectrum" })
    : {
      cutoff, density: { kind: "delta", width: 0.5, centerWeight: 0, scaling: null },
      basis: { kind, nMax, lMax: 3, accuracy: 1e-8 }, features: { kind: "power-spectrum", normalize: false },
    };
  const functions = createRadialBasis(hyper);
  const factors = [0.5, -1, 2, 0.3, -0.7];
  const radial = (r: number, l: number): number => functions(r, l).reduce((sum, value, n) => sum + factors[n]! * value, 0);
  const { weights, error } = fitFunction(createRadialFit(hyper), [6, 8], 3, { elements: { 8: -2 }, radial }, [0, 2, 3]);
  expect(error).toBeLessThan(1e-9);
  for (const l of [0, 2, 3]) {
    factors.forEach((factor, n) => {
      expect(Math.abs(weights[l]![n]!)).toBe(0);
      expect(weights[l]![nMax + n]).toBeCloseTo(-2 * factor, 8);
    });
  }
  expect(weights[1]).toEqual(new Float64Array(2 * nMax));
});
