/**
 * Seeded pseudo-random numbers, the same bits on every platform: xoshiro128** with its 128 bits of state filled by splitmix32
 * (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021), doi:10.1145/3460772).
 */
import { InputError } from "../errors.js";

export interface Random {
  /** Uniform on [0, 1), a multiple of 2^−53. */
  uniform(): number;
  /** Normal with mean 0 and variance 1. */
  normal(): number;
  /** Uniform on 0 … n − 1. */
  integer(n: number): number;
}

/**
 * @param seed an integer from 0 to 2^53 − 1.
 * @throws InputError on any other seed.
 */
export function createRandom(seed: number): Random {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) throw new InputError("seed is not usable", { key: "seed", expected: "an integer from 0 to 2^53 − 1", got: String(seed) });
  const state = seededState(seed);
  let spare: number | null = null;

  function bits32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotateLeft(state[3], 11);
    return scrambled;
  }

  function uniform(): number {
    const high = bits32() >>> 5;
    const low = bits32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  return {
    uniform,
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      // Marsaglia's polar method: of the elementary functions only a logarithm, which `logarithm` makes the same everywhere.
      for (;;) {
        const x = 2 * uniform() - 1;
        const y = 2 * uniform() - 1;
        const s = x * x + y * y;
        if (s >= 1 || s === 0) continue;
        const scale = Math.sqrt((-2 * logarithm(s)) / s);
        spare = y * scale;
        return x * scale;
      }
    },
    integer(n) {
      if (!(Number.isSafeInteger(n) && n > 0 && n <= 2 ** 32)) throw new InputError("range is not usable", { key: "n", expected: "an integer from 1 to 2^32", got: String(n) });
      // Rejection of the incomplete last round keeps every value equally likely.
      const limit = 2 ** 32 - (2 ** 32 % n);
      for (;;) {
        const value = bits32();
        if (value < limit) return value % n;
      }
    },
  };
}

/** ECMAScript leaves the last bits of Math.log to the engine; this series uses + − × ÷ only. Relative error below 1e-15, 0 < x < 1. */
function logarithm(x: number): number {
  let exponent = 0;
  while (x < Math.SQRT1_2) {
    x *= 2;
    exponent--;
  }
  const t = (x - 1) / (x + 1);
  const square = t * t;
  // 2 artanh t with |t| ≤ 0.172: the 12th term is below 2^−60.
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum + exponent * Math.LN2;
}

function seededState(seed: number): Uint32Array {
  const state = new Uint32Array(4);
  let low = seed % 2 ** 32 | 0;
  const high = Math.floor(seed / 2 ** 32);
  for (let k = 0; k < 4; k++) {
    low = (low + 0x9e3779b9) | 0;
    let z = low ^ Math.imul(high, 0x85ebca6b + 2 * k);
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    state[k] = z ^ (z >>> 15);
  }
  // The all-zero state is a fixed point of xoshiro.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

function rotateLeft(x: number, count: number): number {
  return (x << count) | (x >>> (32 - count));
}
