/** Fixed-point numbers: integers over 2^bits. Unlike double-double they have as many digits as a matrix asks for. */

import type { Arithmetic } from "./arithmetic.js";

/** ⌊√a⌋ by Newton's method from above. */
function integerRoot(a: bigint): bigint {
  if (a < 2n) return a;
  let root = 1n << BigInt((a.toString(16).length * 4 + 1) >> 1);
  for (;;) {
    const next = (root + a / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The arithmetic with `bits` binary digits behind the point; bits ≤ 1000, numbers below 2^1000. */
export function createFixedPoint(bits: number): Arithmetic<bigint> {
  const shift = BigInt(bits);
  return {
    zero: 0n,
    one: 1n << shift,
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => (a * b) >> shift,
    divide: (a, b) => (a << shift) / b,
    squareRoot: (a) => integerRoot(a << shift),
    fromNumber(value) {
      if (value === 0) return 0n;
      // float64 has 53 binary digits: over this power of two it is an integer.
      const exponent = Math.ceil(Math.log2(Math.abs(value))) + 1;
      const integer = BigInt((value / 2 ** exponent) * 2 ** 56);
      const power = bits + exponent - 56;
      return power >= 0 ? integer << BigInt(power) : integer >> BigInt(-power);
    },
    toNumber(a) {
      const magnitude = a < 0n ? -a : a;
      const excess = Math.max(0, magnitude.toString(16).length * 4 - 64);
      return Number(a >> BigInt(excess)) * 2 ** (excess - bits);
    },
    precision: 2 ** (8 - bits),
  };
}
