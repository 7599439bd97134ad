// Operations and bytes of the GPU's passes in a fit: loops that count as the shaders calculate, and sums by hand.
import { expect, test } from "vitest";
import { fitPasses } from "../../../bench/gpu-fit-operations.js";
import { featurePasses } from "../../../bench/gpu-operations.js";
import { hyperparameters } from "../backend/systems.js";

// n 2, l 1: four harmonics, eight coefficients, six features. Two centers, eight pairs, in structures of one atom and of one.
const size = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
const two = [{ pairs: 3, elements: 1, atoms: 4 }, { pairs: 5, elements: 1, atoms: 6 }];
const lists = { bins: 5, candidates: 20 };
const passes = fitPasses(size, [14], two, lists, { components: 4, points: 10, zeta: 3, structures: [1, 1] });

test("features are made three times", () => {
  for (const [name, { operations, bytes, resident }] of featurePasses(size, [14], two, lists)) {
    expect(passes.get(name), name).toEqual({ operations: 3 * operations, bytes: 3 * bytes, resident });
  }
});

test("derivatives of the features", () => {
  // Σ_m c (∂Y, Y) and I, I' of two n and two l; vectors; center, element, first pair and coefficients of the rows.
  expect(passes.get("pair-contraction")!.bytes).toBe(8 * (16 + 4 * 16 + 4 * 8) + 2 * (12 + 32));
  // 13 per I_nl; twelve per step of a Y_lm in m, ten in the derivatives, 14 for the tangent plane; eight per coefficient.
  const harmonics = 4 * 1 + 6 * 2 + 4 + 2 * 4 + 2 * 3;
  expect(passes.get("pair-contraction")!.operations).toBe(8 * (13 * 4 + harmonics + 14 * 4 + 8 * 8));
  // Of each feature both factors move: a product of numbers, one with a vector, another, and their sum; a weight; p̂·∂p; ∂p − p̂ (p̂·∂p) over |p|.
  expect(passes.get("spectrum-gradient")!.operations).toBe(8 * 6 * (2 * (1 + 3 + 3 + 3) + 3 + 3 + 6 + 9));
  expect(passes.get("spectrum-gradient")!.bytes).toBe(8 * (16 + 4 * 16 + 4 * 8 + 3 * 24) + 2 * (12 + 24 + 4));
});

test("products: features of two stages and 24 derivatives", () => {
  expect(passes.get("matrix-product: projection")).toEqual({ operations: 28 * 4 * 2 * 6, bytes: 28 * (24 + 16), resident: 6 * 16 });
  expect(passes.get("matrix-product: sparse points")).toEqual({ operations: 26 * 11 * 2 * 4, bytes: 26 * (16 + 44), resident: 4 * 44 });
  expect(passes.get("subtract-mean")).toEqual({ operations: 2 * 4, bytes: 2 * 2 * 16, resident: 16 });
});

test("rows, ζ 3", () => {
  let [virial, forces] = [0, 0];
  for (const { pairs } of two) {
    for (let point = 0; point < 10; point++) {
      const slope = 1 + 1 + 2; // t, s, ζ s s
      virial += slope + 6 * 2;
      forces += slope + 3 * 2;
      for (let pair = 0; pair < pairs; pair++) {
        virial += 3 + 6 * 2;
        forces += 3 + 3 + 3 * 2;
      }
    }
  }
  expect(passes.get("virial-rows")).toEqual({ operations: virial, bytes: 26 * 44 + 8 * 16 + 2 * 6 * 80, resident: 40 });
  expect(passes.get("force-rows")).toEqual({ operations: forces, bytes: 26 * 44 + 8 * 8 + 2 * 3 * 80, resident: 40 });
});
