/**
 * Scaled modified spherical Bessel functions of the first kind κ_l(x) = e^{−x} i_l(x), x ≥ 0: bounded by 1, so nothing overflows.
 *   κ_0 = (1 − e^{−2x})/2x,   i_{l−1} − i_{l+1} = ((2l+1)/x) i_l   (NIST DLMF 10.51.4).
 * Upward the recurrence loses digits by about exp(l²/x); it is used where x ≥ l². Elsewhere the ratios
 *   ρ_l = i_{l+1}/i_l = x / (2l + 3 + x ρ_{l+1})
 * run downward from a degree where their start has been forgotten: an error in ρ_L reaches ρ_l shrunk by about exp(−(L² − l²)/x).
 */
import { exponential, exponentialMinusOne } from "./elementary.js";

/** Fills out[l] = e^{−x} i_l(x) for l = 0 … lMax. */
export function scaledModifiedBessel(lMax: number, x: number, out: Float64Array): void {
  out[0] = x > 0 ? -exponentialMinusOne(-2 * x) / (2 * x) : 1;
  if (lMax === 0) return;
  if (x >= lMax * lMax) {
    // κ_{−1} = e^{−x} cosh(x)/x.
    let before = (1 + exponential(-2 * x)) / (2 * x);
    for (let l = 0; l < lMax; l++) {
      const value = out[l]!;
      out[l + 1] = before - ((2 * l + 1) / x) * value;
      before = value;
    }
    return;
  }
  let ratio = 0;
  for (let l = 12 + Math.ceil(Math.sqrt(lMax * lMax + 45 * x)); l >= 0; l--) {
    ratio = x / (2 * l + 3 + x * ratio);
    if (l < lMax) out[l + 1] = ratio;
  }
  for (let l = 1; l <= lMax; l++) out[l] = out[l]! * out[l - 1]!;
}
