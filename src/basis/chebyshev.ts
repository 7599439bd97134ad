/**
 * Chebyshev polynomials of the first kind, THEORY.md Eq. (26): φ_k(s) = T_k(2s/r_c − 1) on [0, r_c], k = 0 … nMax − 1, made orthonormal by
 * S^{−1/2}. T_k and its derivative k U_{k−1} come from their three-term recurrence.
 */

import { loewdin } from "./loewdin.js";
import { overlapMatrix } from "./orthonormalization.js";
import type { RadialFunctions } from "./radial-functions.js";

/** T_k(x) and T_k'(x), [k]. */
function chebyshev(x: number, values: Float64Array, slopes: Float64Array): void {
  values[0] = 1;
  slopes[0] = 0;
  // U_{k−1} and U_{k−2}.
  let [second, before] = [1, 0];
  for (let k = 1; k < values.length; k++) {
    values[k] = k === 1 ? x : 2 * x * values[k - 1]! - values[k - 2]!;
    slopes[k] = k * second;
    [second, before] = [2 * x * second - before, second];
  }
}

/** nMax functions of polynomials up to degree nMax − 1; the condition number of their overlap stays below 3e6 up to 32. */
export function createChebyshev(radius: number, nMax: number): RadialFunctions {
  const [values, slopes] = [new Float64Array(nMax), new Float64Array(nMax)];
  const primitive = (s: number): void => chebyshev((2 * s) / radius - 1, values, slopes);
  const overlap = overlapMatrix((s, out) => (primitive(s), out.set(values)), nMax, [0, radius], nMax + 2);
  const transform = loewdin(overlap).inverseRoot.map((row) => Float64Array.from(row, ([hi]) => hi));
  const evaluate = (s: number, out: Float64Array, outSlopes: Float64Array): void => {
    primitive(s);
    transform.forEach((row, n) => {
      out[n] = row.reduce((sum, factor, k) => sum + factor * values[k]!, 0);
      outSlopes[n] = (2 / radius) * row.reduce((sum, factor, k) => sum + factor * slopes[k]!, 0);
    });
  };
  return { nMax, perDegree: false, knots: Float64Array.of(0, radius), detail: radius / nMax, evaluate };
}
