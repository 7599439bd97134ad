// Kernel ridge regression and its leave-one-out errors against refits by elimination.
import { beforeAll, expect, test } from "vitest";
import { extensiveKernel, fitKernelRidge } from "../../../src/kernel/kernel-ridge.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { eliminate } from "../../reference/elimination.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

const n = 24;
const random = createRandom(12);
const points = Array.from({ length: n }, () => Array.from({ length: 9 }, () => Math.abs(random.normal()))).map((p) => p.map((value) => value / Math.hypot(...p)));
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const kernel = Float64Array.from({ length: n * n }, (_, index) => dot(points[Math.floor(index / n)]!, points[index % n]!) ** 2);
const noisy = points.map((p) => 3 * p[0]! - p[1]! * p[2]! + 0.02 * random.normal());

/** (K + s² D) α = y by elimination. */
function solved(k: Float64Array, y: readonly number[], diagonal: readonly number[]): number[] {
  const count = y.length;
  const matrix = y.map((_, i) => Array.from({ length: count }, (_unused, j) => k[i * count + j]! + (i === j ? diagonal[i]! : 0)));
  return eliminate(matrix, [...y]);
}

test.each([null, Array.from({ length: n }, (_, i) => 1 + (i % 5))])("leaving one out is a refit without it, atoms %j", (atoms) => {
  const k = atoms ? extensiveKernel(kernel, atoms, atoms) : kernel;
  const y = noisy.map((value, i) => value * (atoms?.[i] ?? 1));
  const fit = fitKernelRidge(algebra, k, Float64Array.from(y), atoms, 0.01);
  const diagonal = y.map((_, i) => 0.01 * (atoms?.[i] ?? 1));
  solved(k, y, diagonal).forEach((value, i) => expect(fit.weights[i]).toBeCloseTo(value, 8));
  for (const left of [0, 5, 23]) {
    const kept = [...y.keys()].filter((i) => i !== left);
    const part = Float64Array.from(kept.flatMap((i) => kept.map((j) => k[i * n + j]!)));
    const weights = solved(part, kept.map((i) => y[i]!), kept.map((i) => diagonal[i]!));
    const predicted = kept.reduce((sum, i, q) => sum + k[left * n + i]! * weights[q]!, 0);
    expect(fit.leaveOneOut[left]).toBeCloseTo(y[left]! - predicted, 9);
  }
});

test("the regularization is the best of many, and mends the noise", () => {
  const loss = (s2: number | null): number => fitKernelRidge(algebra, kernel, Float64Array.from(noisy), null, s2).leaveOneOut.reduce((sum, e) => sum + e * e, 0);
  const chosen = fitKernelRidge(algebra, kernel, Float64Array.from(noisy), null);
  for (const s2 of [1e-8, 1e-6, 1e-4, 1e-2, 1, 100]) expect(loss(null) <= loss(s2) * 1.02).toBe(true);
  expect(chosen.regularization).toBeGreaterThan(0);
  expect(() => fitKernelRidge(algebra, kernel, new Float64Array(n), [1, 2])).toThrow("number of targets");
});
