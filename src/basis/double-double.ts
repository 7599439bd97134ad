/**
 * Numbers as unevaluated sums hi + lo of two float64, about 32 digits (Dekker, doi:10.1007/BF01397083). Only for small matrices that are
 * prepared once: the overlaps of Gaussian-type orbitals lose as many digits as their condition number has, 14 at nMax = 20.
 */

import type { Arithmetic } from "./arithmetic.js";

export type DoubleDouble = readonly [hi: number, lo: number];

export const zero: DoubleDouble = [0, 0];
export const one: DoubleDouble = [1, 0];
/** π to 32 digits. */
export const pi: DoubleDouble = [Math.PI, 1.2246467991473532e-16];

function quickSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

function exactProduct(a: number, b: number): DoubleDouble {
  const product = a * b;
  // Veltkamp's splitting: JavaScript has no fused multiply-add.
  const [aShift, bShift] = [134217729 * a, 134217729 * b];
  const [aHigh, bHigh] = [aShift - (aShift - a), bShift - (bShift - b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

export function fromNumber(value: number): DoubleDouble {
  return [value, 0];
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = a[0] + b[0];
  const part = sum - a[0];
  const rest = a[0] - (sum - part) + (b[0] - part);
  const low = a[1] + b[1];
  const lowPart = low - a[1];
  const lowRest = a[1] - (low - lowPart) + (b[1] - lowPart);
  const first = quickSum(sum, rest + low);
  return quickSum(first[0], first[1] + lowRest);
}

export function negate(a: DoubleDouble): DoubleDouble {
  return [-a[0], -a[1]];
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, negate(b));
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const [high, low] = exactProduct(a[0], b[0]);
  return quickSum(high, low + (a[0] * b[1] + a[1] * b[0]));
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a[0] / b[0];
  const rest = subtract(a, multiply(b, fromNumber(first)));
  const second = rest[0] / b[0];
  const last = subtract(rest, multiply(b, fromNumber(second)));
  return add(quickSum(first, second), fromNumber(last[0] / b[0]));
}

/** √a for a > 0: one Newton step from the float64 root doubles its digits. */
export function squareRoot(a: DoubleDouble): DoubleDouble {
  const root = Math.sqrt(a[0]);
  const rest = subtract(a, exactProduct(root, root));
  return quickSum(root, rest[0] / (2 * root));
}

/** a^n for an integer n ≥ 0. */
export function power(a: DoubleDouble, n: number): DoubleDouble {
  let value = one;
  for (let k = 0; k < n; k++) value = multiply(value, a);
  return value;
}

/** ln 2 to 32 digits. */
const logTwo: DoubleDouble = [0.6931471805599453, 2.3190468138462996e-17];
/** 2^9: what is left of the argument is below 7e-4, where 9 Taylor terms give 32 digits. */
const halvings = 9;

/** e^x; 0 below x = −650, where the digits of lo leave the range of float64. */
export function exponential(x: DoubleDouble): DoubleDouble {
  if (x[0] < -650) return zero;
  const twos = Math.round(x[0] / Math.LN2);
  const rest = subtract(x, multiply(logTwo, fromNumber(twos)));
  const small: DoubleDouble = [rest[0] / 2 ** halvings, rest[1] / 2 ** halvings];
  let value = one;
  for (let k = 9; k >= 1; k--) value = add(one, divide(multiply(small, value), fromNumber(k)));
  for (let k = 0; k < halvings; k++) value = multiply(value, value);
  return [value[0] * 2 ** twos, value[1] * 2 ** twos];
}

/** Double-double as a number system for matrices; sums of 32 products keep 1e-31. */
export const doubleDouble: Arithmetic<DoubleDouble> = {
  zero, one, add, subtract, multiply, divide, squareRoot, fromNumber, toNumber: ([hi, lo]) => hi + lo, precision: 1e-34,
};
