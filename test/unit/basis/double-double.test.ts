import { describe, expect, it } from "vitest";
import * as arithmetic from "../../../src/basis/double-double.js";
import type { DoubleDouble } from "../../../src/basis/double-double.js";

const { add, divide, exponential, fromNumber, multiply, pi, power, squareRoot, subtract } = arithmetic;

/** Exact value of a float64 as a multiple of 2^−200, |x| ≥ 2^−140. */
function exact(x: number): bigint {
  let [value, shift] = [x, 0];
  while (!Number.isInteger(value)) {
    value *= 2;
    shift++;
  }
  return (BigInt(value) << 200n) >> BigInt(shift);
}

const toBig = ([hi, lo]: DoubleDouble): bigint => exact(hi) + exact(lo);
const unit = 1n << 200n;

/** |a − b|/|b| of two multiples of 2^−200. */
function relative(a: bigint, b: bigint): number {
  const difference = a > b ? a - b : b - a;
  return Number((difference << 200n) / (b < 0n ? -b : b)) / 2 ** 200;
}

/** Numbers with 100 bits, made of two float64 halves. */
const numbers: DoubleDouble[] = [[1 / 3, 1 / 3 / 2 ** 56], [-Math.E, 1.3 * 2 ** -55], [12345.678, -7 * 2 ** -45], [0.001234, 2 ** -66], pi];

describe("double-double arithmetic", () => {
  it("adds, subtracts, multiplies and divides to 30 digits, against integers", () => {
    for (const a of numbers) {
      for (const b of numbers) {
        const [x, y] = [toBig(a), toBig(b)];
        expect(relative(toBig(add(a, b)), x + y)).toBeLessThan(1e-30);
        if (x !== y) expect(relative(toBig(subtract(a, b)), x - y)).toBeLessThan(1e-30);
        expect(relative(toBig(multiply(a, b)), (x * y) / unit)).toBeLessThan(1e-30);
        expect(relative(toBig(divide(a, b)), (x * unit) / y)).toBeLessThan(1e-30);
      }
    }
  });

  it("takes square roots and powers", () => {
    for (const a of numbers.filter(([hi]) => hi > 0)) {
      const x = toBig(a);
      const root = toBig(squareRoot(a));
      expect(relative((root * root) / unit, x)).toBeLessThan(1e-30);
      expect(relative(toBig(power(a, 5)), x ** 5n / unit ** 4n)).toBeLessThan(1e-30);
    }
  });

  it("has the exponential series, summed in integers", () => {
    for (const x of [1, -0.5, 0.001, -3.25, -20.125, 10]) {
      let [term, sum] = [unit << 100n, 0n];
      for (let k = 1n; term !== 0n; k++) {
        sum += term;
        term = (term * exact(x)) / unit / k;
        if (term < 0n && term > -2n) break;
      }
      expect(relative(toBig(exponential(fromNumber(x))), sum >> 100n)).toBeLessThan(1e-28);
    }
    expect(exponential(fromNumber(-1000))).toEqual([0, 0]);
  });
});
