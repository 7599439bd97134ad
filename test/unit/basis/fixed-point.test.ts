import { describe, expect, it } from "vitest";
import { createFixedPoint } from "../../../src/basis/fixed-point.js";
import { loewdin } from "../../../src/basis/loewdin.js";

const { add, subtract, multiply, divide, squareRoot, fromNumber, toNumber, one } = createFixedPoint(400);

describe("createFixedPoint", () => {
  it("keeps every float64 that its digits reach", () => {
    for (const value of [0, 1, -1, Math.PI, -1e-30, 123456.789, 2 ** 200 + 2 ** 150, 3 * 2 ** -400]) expect(toNumber(fromNumber(value))).toBe(value);
    expect(toNumber(fromNumber(2 ** -402))).toBe(0);
  });

  it("divides and takes roots to its last digits", () => {
    const third = divide(one, fromNumber(3));
    expect(toNumber(subtract(multiply(third, fromNumber(3)), one))).toBeGreaterThan(-(2 ** -397));
    const root = squareRoot(fromNumber(2));
    expect(Math.abs(toNumber(subtract(multiply(root, root), fromNumber(2))))).toBeLessThan(2 ** -398);
    expect(toNumber(add(one, fromNumber(-1)))).toBe(0);
  });

  it("gives Löwdin the roots of Hilbert's matrix of order 20, whose condition number is 2.4522e28 (mpmath 1.3, 80 digits)", () => {
    const n = 20;
    const hilbert = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => divide(one, fromNumber(i + j + 1))));
    const { inverseRoot, condition } = loewdin(hilbert, createFixedPoint(400));
    expect(condition / 2.45e28).toBeGreaterThan(0.99);
    expect(condition / 2.45e28).toBeLessThan(1.01);
    // X S X = 1.
    const product = (a: readonly (readonly bigint[])[], b: readonly (readonly bigint[])[]): bigint[][] =>
      a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => add(sum, multiply(value, b[k]![j]!)), 0n)));
    const identity = product(product(inverseRoot, hilbert), inverseRoot);
    identity.forEach((row, i) => row.forEach((value, j) => expect(Math.abs(toNumber(value) - (i === j ? 1 : 0))).toBeLessThan(1e-60)));
  });
});
