// References: the known-answer vectors that the authors of Philox publish with Random123, and the normal distribution's moments and tail.
import { describe, expect, it } from "vitest";
import { createGaussianNoise } from "../../../src/dynamics/gaussian-noise.js";
import { philox } from "../../../src/dynamics/philox.js";
import { InputError } from "../../../src/errors.js";

describe("Philox 4×32-10", () => {
  it.each([
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ])("of counter %j and key %j is the published block", (counter, [key0, key1], expected) => {
    const block = Uint32Array.from(counter);
    philox(block, key0, key1);
    expect([...block]).toEqual(expected);
  });
});

describe("Gaussian noise", () => {
  it("has the moments and the tails of the normal distribution, and no correlation between neighbors and steps", () => {
    const size = 200_001;
    const [x, next] = [new Float64Array(size), new Float64Array(size)];
    const noise = createGaussianNoise(7);
    noise("thermostat", 0, x);
    noise("thermostat", 1, next);
    const mean = (f: (value: number, k: number) => number): number => x.reduce((sum, value, k) => sum + f(value, k), 0) / size;
    // Five standard errors each.
    const error = 5 / Math.sqrt(size);
    expect(Math.abs(mean((v) => v))).toBeLessThan(error);
    expect(Math.abs(mean((v) => v * v) - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(mean((v) => v ** 3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(mean((v) => v ** 4) - 3)).toBeLessThan(error * Math.sqrt(96));
    expect(Math.abs(mean((v) => (Math.abs(v) > 2 ? 1 : 0)) - 0.0455003)).toBeLessThan(error * 0.21);
    expect(Math.abs(mean((v, k) => v * (x[k + 1] ?? 0)))).toBeLessThan(error);
    expect(Math.abs(mean((v, k) => v * next[k]))).toBeLessThan(error);
  });

  it("belongs to seed, purpose, step and index, whatever was asked before", () => {
    const draw = (seed: number, purpose: "thermostat" | "barostat", step: number, size: number): number[] => {
      const out = new Float64Array(size);
      createGaussianNoise(seed)(purpose, step, out);
      return [...out];
    };
    const all = draw(2 ** 40 + 1, "thermostat", 2 ** 33 + 5, 7);
    expect(draw(2 ** 40 + 1, "thermostat", 2 ** 33 + 5, 3)).toEqual(all.slice(0, 3));
    for (const other of [draw(1, "thermostat", 2 ** 33 + 5, 7), draw(2 ** 40 + 1, "barostat", 2 ** 33 + 5, 7), draw(2 ** 40 + 1, "thermostat", 5, 7)]) {
      expect(other.filter((value, k) => value === all[k])).toEqual([]);
    }
  });

  it.each([-1, 0.5, 2 ** 53, NaN])("refuses the seed %f", (seed) => expect(() => createGaussianNoise(seed)).toThrow(InputError));
});
