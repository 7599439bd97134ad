import { InputError } from "../errors.js";

/** Kernels multiply ζ times, and beyond this all but equal environments are strangers to each other. */
export const largestExponent = 64;

/** @throws InputError unless ζ of Eq. (15) is a whole number from 1 to 64. */
export function checkExponent(zeta: number): void {
  if (Number.isInteger(zeta) && zeta >= 1 && zeta <= largestExponent) return;
  throw new InputError("exponent of the kernel", { key: "zeta", expected: `a whole number from 1 to ${largestExponent}`, got: String(zeta) });
}
