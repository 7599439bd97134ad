// Operations and bytes of the GPU's passes: loops that walk through the arrays and count, and sums by hand.
import { describe, expect, test } from "vitest";
import { energyForcePasses, featurePasses } from "../../../bench/gpu-operations.js";
import { projectedTime, SHARE } from "../../../bench/projection.js";
import type { Hyperparameters } from "../../../src/index.js";
import { hyperparameters } from "../backend/systems.js";

// n 2, l 1: four harmonics, eight coefficients, six features.
const size: Hyperparameters = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
const two = [{ pairs: 3, elements: 1, atoms: 4 }, { pairs: 5, elements: 1, atoms: 6 }];
// Eight candidates are neighbors, twelve are farther away.
const lists = { bins: 5, candidates: 20 };

/** Counts while it calculates: every sum and product is one operation. */
class Arithmetic {
  count = 0;
  add(a: number, b: number): number {
    this.count++;
    return a + b;
  }
  multiply(a: number, b: number): number {
    this.count++;
    return a * b;
  }
}

/** h_n of s and `times` times a, by h_k(x₁ … x_j) = x_j h_{k−1}(x₁ … x_j) + h_k(x₁ … x_{j−1}). */
function homogeneous(n: number, s: number, a: number, times: number): number {
  const rows = [s, ...new Array<number>(times).fill(a)].reduce<number[]>((before, x) => {
    const next: number[] = [];
    for (let k = 0; k <= n; k++) next.push((k > 0 ? x * next[k - 1]! : 0) + (before[k] ?? 0));
    return next;
  }, [1]);
  return rows[n]!;
}

/** What one sparse point adds, as shaders/kernel.wgsl does it: x t^k h_{ζ−k} and ζ x t^{k−1} h_{ζ−k}, added to two sums. */
function sparsePoint(zeta: number, order: 2 | 3, arithmetic: Arithmetic): readonly [number, number] {
  const [a, weight, product, along] = [0.9, -1.7, 0.03, 0.04];
  const t = arithmetic.add(along, product);
  const s = arithmetic.add(a, t);
  let [power, once, twice, thrice] = [1, 1, 1, 1];
  for (let k: number = order; k < zeta; k++) {
    power = arithmetic.multiply(power, a);
    once = arithmetic.add(arithmetic.multiply(s, once), power);
    twice = arithmetic.add(arithmetic.multiply(a, twice), once);
    if (order === 3) thrice = arithmetic.add(arithmetic.multiply(a, thrice), twice);
  }
  let factor = arithmetic.multiply(weight, t);
  if (order === 3) factor = arithmetic.multiply(factor, t);
  const energy = arithmetic.multiply(factor, arithmetic.multiply(t, order === 3 ? thrice : twice));
  const slope = arithmetic.multiply(factor, arithmetic.multiply(zeta, order === 3 ? twice : once));
  arithmetic.add(0, energy);
  arithmetic.add(0, slope);
  expect(energy).toBeCloseTo(weight * t ** order * homogeneous(zeta - order, s, a, order), 14);
  expect(slope).toBeCloseTo(zeta * weight * t ** (order - 1) * homogeneous(zeta - order, s, a, order - 1), 14);
  return [energy, slope];
}

describe("kernel pass", () => {
  test.each([[3, 3], [4, 3], [7, 3]] as const)("ζ %i: operations of a point beyond order %i", (zeta, order) => {
    const arithmetic = new Arithmetic();
    sparsePoint(zeta, order, arithmetic);
    const [one, three] = [1, 3].map((points) => energyForcePasses(size, [14], two, lists, { components: null, points, zeta }).get("kernel")!);
    expect((three!.operations - one!.operations) / 2).toBe(2 * arithmetic.count);
  });

  test("more components than there is a quadratic form for: order 2", () => {
    const arithmetic = new Arithmetic();
    sparsePoint(4, 2, arithmetic);
    const [one, three] = [1, 3].map((points) => energyForcePasses(size, [14], two, lists, { components: 1025, points, zeta: 4 }).get("kernel")!);
    expect((three!.operations - one!.operations) / 2).toBe(2 * arithmetic.count);
  });

  test("two rows, six features, ten points, ζ 4", () => {
    const kernel = energyForcePasses(size, [14], two, lists, { components: 4, points: 10, zeta: 4 }).get("kernel")!;
    // Reads δ·δ_m and writes its derivative; reads p̂ and writes ∂ε/∂p̂; row sums in, energy and flag out, center and element.
    expect(kernel.bytes).toBe(2 * 4 * (10 + 10 + 6 + 6 + 4 + 2 + 2));
    expect(kernel.resident).toBe(4 * (2 * 10 + 2 * 6));
  });
});

test("products: every row meets every column", () => {
  const passes = energyForcePasses(size, [14], two, lists, { components: 4, points: 10, zeta: 4 });
  for (const [use, inner, columns, adds] of [
    ["projection", 6, 4, false], ["curvature", 4, 4, false], ["sparse points", 4, 10, false], ["sparse points, transposed", 10, 4, true],
    ["projection, transposed", 4, 6, true],
  ] as const) {
    let operations = 0;
    const [reads, writes, matrix] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (let row = 0; row < two.length; row++) {
      for (let column = 0; column < columns; column++) {
        if (adds) reads.add(`out ${row} ${column}`);
        for (let k = 0; k < inner; k++) {
          reads.add(`left ${row} ${k}`);
          matrix.add(`${k} ${column}`);
          operations += 2;
        }
        if (adds) operations++;
        writes.add(`${row} ${column}`);
      }
    }
    expect(passes.get(`matrix-product: ${use}`), use).toEqual({ operations, bytes: 4 * (reads.size + writes.size), resident: 4 * matrix.size });
  }
});

test("what is left out when there is nothing to do", () => {
  const names = (components: number | null, zeta: number): string[] =>
    [...energyForcePasses(size, [14], two, lists, { components, points: 10, zeta }).keys()].filter((name) => name.startsWith("matrix-product"));
  expect(names(null, 1)).toEqual([]);
  expect(names(null, 2)).toEqual(["matrix-product: curvature"]);
  expect(names(4, 1)).toEqual(["matrix-product: projection"]);
  expect(names(null, 3)).toEqual(["matrix-product: curvature", "matrix-product: sparse points", "matrix-product: sparse points, transposed"]);
});

describe("by hand, two rows with eight pairs", () => {
  const passes = energyForcePasses(size, [14], two, lists, { components: 4, points: 10, zeta: 4 });
  const bytes = (name: string): number => passes.get(name)!.bytes;

  test("from pairs to features", () => {
    // Vectors and distances of the pairs; center, element and first pair of each row; eight coefficients each.
    expect(bytes("density-coefficients")).toBe(8 * 16 + 2 * (12 + 32));
    expect(bytes("power-spectrum")).toBe(2 * (32 + 24 + 16));
    expect(featurePasses(size, [14], two, lists)).toEqual(
      new Map([...passes].slice(0, 12).filter(([name]) => name !== "reverse-pairs")),
    );
  });

  test("about the mean", () => {
    expect(passes.get("centered-features")).toEqual({ operations: 2 * 4 * 7, bytes: 2 * (32 + 32), resident: 64 });
    expect(passes.get("curvature")).toEqual({ operations: 2 * 4 * 2, bytes: 2 * (32 + 32), resident: 0 });
  });

  test("from the gradient to forces", () => {
    // Coefficients in, adjoint out, p̂ and the gradient in, the gradient out, 1/|p| of the row.
    expect(bytes("power-spectrum-adjoint")).toBe(2 * (32 + 32 + 24 + 24 + 24 + 16));
    expect(bytes("pair-forces")).toBe(8 * (16 + 12) + 2 * (12 + 32));
    expect(passes.get("force-gather")).toEqual({ operations: 8 * 6, bytes: 8 * (12 + 4) + 2 * (4 + 12), resident: 0 });
    expect(passes.get("virial")).toEqual({ operations: 8 * 18, bytes: 8 * (16 + 12) + 8 + 36, resident: 0 });
  });

  test("more elements than an environment has: the whole row is written", () => {
    const several = featurePasses(size, [1, 6, 14], two, lists);
    // Six blocks of densities: three of six features, three of eight.
    expect(several.get("power-spectrum")!.bytes).toBe(2 * (4 * 24 + 4 * 42 + 16));
    expect(several.get("power-spectrum")!.operations).toBe(passes.get("power-spectrum")!.operations);
  });
});

test("a projection takes the longer of arithmetic and memory", () => {
  const gpu = { name: "one", flops: 1e12, bytes: 1e11 };
  expect(projectedTime({ operations: 3e9, bytes: 3e7 }, gpu) * SHARE).toBeCloseTo(3, 12);
  expect(projectedTime({ operations: 3e9, bytes: 6e8 }, gpu) * SHARE).toBeCloseTo(6, 12);
  expect(projectedTime({ operations: null, bytes: null }, gpu)).toBeNaN();
});
