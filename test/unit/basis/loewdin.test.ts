import { describe, expect, it } from "vitest";
import { add, fromNumber, multiply, zero, type DoubleDouble } from "../../../src/basis/double-double.js";
import { gtoOverlap } from "../../../src/basis/gto.js";
import { loewdin } from "../../../src/basis/loewdin.js";

type Matrix = readonly (readonly DoubleDouble[])[];

function product(a: Matrix, b: Matrix): DoubleDouble[][] {
  return a.map((row) => b.map((_, j) => row.reduce((sum, value, k) => add(sum, multiply(value, b[k]![j]!)), zero)));
}

/** Largest |X S X − 1|. */
function residual(overlap: Matrix, root: Matrix): number {
  const difference = product(product(root, overlap), root).flatMap((row, i) => row.map(([hi], j) => Math.abs(hi - (i === j ? 1 : 0))));
  return difference.reduce((largest, value) => (value <= largest ? largest : value), 0);
}

describe("loewdin", () => {
  it("gives the symmetric inverse root of overlaps up to 24 orbitals", () => {
    for (const n of [1, 2, 6, 12, 24]) {
      const overlap = gtoOverlap(n);
      const { inverseRoot } = loewdin(overlap);
      expect(residual(overlap, inverseRoot)).toBeLessThan(n <= 12 ? 1e-22 : 1e-12);
      inverseRoot.forEach((row, i) => row.forEach((value, j) => expect(value).toEqual(inverseRoot[j]![i])));
    }
  });

  it("is exact for a matrix whose root is known", () => {
    // S = [[2, 1], [1, 2]]: eigenvalues 3 and 1 along (1, 1) and (1, −1).
    const { inverseRoot, condition } = loewdin([[fromNumber(2), fromNumber(1)], [fromNumber(1), fromNumber(2)]]);
    expect(Math.abs(inverseRoot[0]![0]![0] - (1 / Math.sqrt(3) + 1) / 2)).toBeLessThan(1e-15);
    expect(Math.abs(inverseRoot[0]![1]![0] - (1 / Math.sqrt(3) - 1) / 2)).toBeLessThan(1e-15);
    expect(Math.abs(condition - 3)).toBeLessThan(1e-14);
  });

  it("knows the condition numbers of the Gaussian-type orbitals (mpmath 1.3, 60 digits, eigsy of the overlap)", () => {
    for (const [n, expected] of [[2, 24.419], [8, 31449], [20, 8.8272e13], [24, 1.396e17], [32, 3.5618e23]] as const) {
      expect(Math.abs(loewdin(gtoOverlap(n)).condition / expected - 1)).toBeLessThan(5e-4);
    }
  });

  it("calls a singular or indefinite matrix infinitely ill-conditioned", () => {
    const matrix = (offDiagonal: number): Matrix => [[fromNumber(1), fromNumber(offDiagonal)], [fromNumber(offDiagonal), fromNumber(1)]];
    expect(loewdin(matrix(1)).condition).toBe(Infinity);
    expect(loewdin(matrix(2)).condition).toBe(Infinity);
  });
});
