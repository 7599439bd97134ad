// Reduction of a lattice: the same lattice, and no short combination of its vectors is shorter than they are.
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/selection/random.js";
import { completeLattice, reciprocalVectors, reduceLattice } from "../../../src/structure/lattice.js";
import { cellVolume } from "../../../src/structure/structure.js";
import { largestDifference } from "../../reference/norms.js";

const length = (v: readonly number[]): number => Math.hypot(...v);
const row = (m: Float64Array, k: number): number[] => [...m.subarray(3 * k, 3 * k + 3)];

/** Coefficients of the rows of `of` in the rows of `basis`, [3][3]. */
function coefficients(of: Float64Array, basis: Float64Array): number[] {
  const reciprocal = reciprocalVectors(basis);
  return [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => row(of, i).reduce((sum, x, k) => sum + x * row(reciprocal, j)[k]!, 0)));
}

const full = [true, true, true];
const axes = [full, [true, true, false], [false, true, true], [false, true, false], [false, false, false]];

describe.each(axes)("periodic %s %s %s", (...pbc) => {
  test("sheared lattices become short and stay the same", () => {
    const random = createRandom(4);
    for (let trial = 0; trial < 40; trial++) {
      const cell = Float64Array.from({ length: 9 }, (_, k) => (k % 4 === 0 ? 4 : 0) + 60 * (random.uniform() - 0.5));
      for (let k = 0; k < 9; k++) if (!pbc[Math.floor(k / 3)]) cell[k] = NaN;
      const reduced = completeLattice(reduceLattice(cell, pbc), pbc);
      const before = completeLattice(cell, pbc);
      // Integers, and of determinant ±1: the volumes agree.
      const numbers = coefficients(reduced, before);
      expect(largestDifference(numbers, numbers.map(Math.round))).toBeLessThan(1e-8);
      expect(Math.abs(cellVolume(reduced) / cellVolume(before))).toBeCloseTo(1, 8);
      for (let axis = 0; axis < 3; axis++) {
        if (!pbc[axis]) continue;
        for (let n = 0; n < 27; n++) {
          const turns = [(n % 3) - 1, (Math.floor(n / 3) % 3) - 1, Math.floor(n / 9) - 1].map((t, k) => (k === axis ? 1 : pbc[k] ? t : 0));
          const sum = [0, 1, 2].map((x) => turns.reduce((total, t, k) => total + t * row(reduced, k)[x]!, 0));
          expect(length(sum)).toBeGreaterThan((1 - 1e-8) * length(row(reduced, axis)));
        }
      }
    }
  });
});

test("a cube sheared along all axes is a cube again", () => {
  const sheared = Float64Array.of(5, 0, 0, 65, 5, 0, -40, 85, 5);
  const reduced = reduceLattice(sheared, full);
  expect([0, 1, 2].map((axis) => length(row(reduced, axis)))).toEqual([5, 5, 5]);
});
