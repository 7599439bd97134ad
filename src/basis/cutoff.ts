/**
 * Cutoff functions, THEORY.md Eq. (3), with x = (r − r_c + w)/w:
 *   cosine ½[1 + cos(πx)] (continuous slope), polynomial 1 − 10x³ + 15x⁴ − 6x⁵ (continuous curvature), step 1.
 */

import { cosinePi, sinePi } from "./elementary.js";
import type { Cutoff } from "./hyperparameters.js";

/** A function of the distance with its derivative. */
export interface ValueAndSlope {
  readonly value: number;
  /** Derivative, 1/Å. */
  readonly slope: number;
}

const inside: ValueAndSlope = { value: 1, slope: 0 };
const outside: ValueAndSlope = { value: 0, slope: 0 };

/** f_c(r) and df_c/dr in 1/Å, r in Å. The step is 1 at the radius itself, the smooth functions are 0 there. */
export function evaluateCutoff({ radius, width, function: kind }: Cutoff, r: number): ValueAndSlope {
  if (r > radius) return outside;
  const x = (r - radius + width) / width;
  if (kind === "step" || x <= 0) return inside;
  if (r === radius || x >= 1) return outside;
  if (kind === "cosine") {
    return { value: 0.5 * (1 + cosinePi(x)), slope: (-0.5 * Math.PI * sinePi(x)) / width };
  }
  return { value: 1 - x * x * x * (10 + x * (6 * x - 15)), slope: (-30 * x * x * (1 - x) * (1 - x)) / width };
}
