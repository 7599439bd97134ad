/** Radial scaling u(r) = c / (c + (r/r₀)^k), THEORY.md Eq. (4); Willatt, Musil and Ceriotti, doi:10.1039/C8CP05921G. */

import { power } from "./elementary.js";
import type { RadialScaling } from "./hyperparameters.js";
import type { ValueAndSlope } from "./cutoff.js";

const identity: ValueAndSlope = { value: 1, slope: 0 };

/**
 * u(r) and du/dr in 1/Å; 1 and 0 without scaling. Integer exponents continue analytically to r < 0, where the radial tables have their first
 * node; others continue as even functions, so that exponents below 4 that are no integers make the table finer.
 */
export function evaluateScaling(scaling: RadialScaling | null, r: number): ValueAndSlope {
  if (scaling === null || (r === 0 && scaling.exponent > 1)) return identity;
  const { rate, scale, exponent } = scaling;
  if (exponent === 0) return { value: rate / (rate + 1), slope: 0 };
  const x = Number.isInteger(exponent) ? r / scale : Math.abs(r) / scale;
  const value = rate / (rate + power(x, exponent));
  const sign = x < 0 || r >= 0 ? 1 : -1;
  return { value, slope: (-sign * value * value * exponent * power(x, exponent - 1)) / (rate * scale) };
}
