// References: xoshiro128** in big integers, written from the definition in the paper; moments of the distributions.
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { createRandom } from "../../../src/selection/random.js";

const moments = (values: number[]): { mean: number; variance: number; skewness: number; kurtosis: number } => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const central = (power: number): number => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
  return { mean, variance: central(2), skewness: central(3) / central(2) ** 1.5, kurtosis: central(4) / central(2) ** 2 };
};

describe("seeded random numbers", () => {
  it("repeat with the seed and differ between seeds", () => {
    const draw = (seed: number): number[] => Array.from({ length: 50 }, createRandom(seed).uniform);
    expect(draw(7)).toEqual(draw(7));
    const firsts = [0, 1, 2, 3, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER].map((seed) => draw(seed)[0]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("are multiples of 2^−53 below 1, with the moments of a uniform distribution", () => {
    const values = Array.from({ length: 40000 }, createRandom(1).uniform);
    expect(values.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 53))).toBe(true);
    const { mean, variance, kurtosis } = moments(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.006);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.04);
    let neighbors = 0;
    for (let k = 1; k < values.length; k++) neighbors += (values[k] - 0.5) * (values[k - 1] - 0.5);
    expect(Math.abs(neighbors / values.length)).toBeLessThan(4 / 12 / Math.sqrt(values.length));
  });

  it("follow the recurrence of xoshiro128** from one output to the next", () => {
    // integer(2^32) hands out the raw 32-bit outputs; four of them in a row do not determine the state, so the state is taken from the
    // seeding as documented: splitmix32.
    const mask = 0xffffffffn;
    const rotate = (x: bigint, count: bigint): bigint => ((x << count) | (x >> (32n - count))) & mask;
    const mix = (value: bigint): bigint => {
      let z = value & mask;
      z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & mask;
      z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask;
      return z ^ (z >> 15n);
    };
    const seed = 12345n;
    const s = [1n, 2n, 3n, 4n].map((k) => mix(seed + k * 0x9e3779b9n));
    const random = createRandom(Number(seed));
    for (let draw = 0; draw < 200; draw++) {
      const expected = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
      const t = (s[1] << 9n) & mask;
      s[2] ^= s[0];
      s[3] ^= s[1];
      s[1] ^= s[2];
      s[0] ^= s[3];
      s[2] ^= t;
      s[3] = rotate(s[3], 11n);
      expect(random.integer(2 ** 32)).toBe(Number(expected));
    }
  });

  it("normal numbers have mean 0, variance 1, no skewness and kurtosis 3", () => {
    const { mean, variance, skewness, kurtosis } = moments(Array.from({ length: 40000 }, createRandom(3).normal));
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(Math.abs(skewness)).toBeLessThan(0.05);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.12);
  });

  it("integers fill 0 … n − 1 evenly", () => {
    const random = createRandom(4);
    const counts = new Array<number>(7).fill(0);
    for (let k = 0; k < 21000; k++) counts[random.integer(7)]++;
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(220);
    expect(random.integer(1)).toBe(0);
  });

  it("refuse seeds and ranges that are no integers", () => {
    for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) expect(() => createRandom(seed)).toThrow(InputError);
    for (const n of [0, -3, 1.5, NaN, 2 ** 33]) expect(() => createRandom(1).integer(n)).toThrow(InputError);
  });
});
