import { describe, expect, it } from "vitest";
import { gaussLegendre } from "../../../src/basis/gauss-legendre.js";

describe("gaussLegendre", () => {
  it("integrates polynomials of degree 2n − 1 exactly, for every n to 40", () => {
    const [from, to] = [0.3, 1.9];
    for (let count = 1; count <= 40; count++) {
      const { points, weights } = gaussLegendre(count, from, to);
      expect(points.every((point, k) => point > (k === 0 ? from : points[k - 1]!) && point < to)).toBe(true);
      for (let power = 0; power < 2 * count; power++) {
        const sum = points.reduce((total, point, k) => total + weights[k]! * point ** power, 0);
        const exact = (to ** (power + 1) - from ** (power + 1)) / (power + 1);
        expect(Math.abs(sum / exact - 1)).toBeLessThan(1e-13);
      }
    }
  });

  it("has the two points ±1/√3 and the three 0, ±√(3/5)", () => {
    expect(Math.abs(gaussLegendre(2, -1, 1).points[1]! - 1 / Math.sqrt(3))).toBeLessThan(1e-15);
    expect(gaussLegendre(3, -1, 1).points[1]!).toBe(0);
    expect(Math.abs(gaussLegendre(3, -1, 1).weights[1]! - 8 / 9)).toBeLessThan(1e-15);
    expect(Math.abs(gaussLegendre(3, -1, 1).points[2]! - Math.sqrt(0.6))).toBeLessThan(1e-15);
  });
});
