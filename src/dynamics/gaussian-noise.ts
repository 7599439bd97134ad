/**
 * Standard normal numbers of a simulation by seed, purpose, step and index: x = √(−2 ln u) cos 2πv, y = √(−2 ln u) sin 2πv of uniform u, v
 * (Box and Muller, doi:10.1214/aoms/1177706645), from + − × ÷ √ alone, so that every engine gives the same bits.
 */
import { cosinePi, logarithm, sinePi } from "../basis/elementary.js";
import { InputError } from "../errors.js";
import { philox } from "./philox.js";

/** What a number is for: each purpose has a sequence of its own at every step. */
export const noisePurposes = { velocities: 1, thermostat: 2, barostat: 3 } as const;

/** Fills `out` with the first normal numbers of a purpose at a step (whole, 0 to 2^53 − 1). */
export type GaussianNoise = (purpose: keyof typeof noisePurposes, step: number, out: Float64Array) => void;

/** @throws InputError when the seed is no whole number from 0 to 2^53 − 1. */
export function createGaussianNoise(seed: number): GaussianNoise {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) throw new InputError("seed is not usable", { key: "seed", expected: "an integer from 0 to 2^53 − 1", got: String(seed) });
  const [keyLow, keyHigh] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const block = new Uint32Array(4);
  return (purpose, step, out) => {
    for (let k = 0; k < out.length; k += 2) {
      block[0] = k / 2;
      block[1] = noisePurposes[purpose];
      block[2] = step >>> 0;
      block[3] = Math.floor(step / 2 ** 32);
      philox(block, keyLow, keyHigh);
      // u from (0, 1], v from [0, 1), both multiples of 2^−53.
      const radius = Math.sqrt(-2 * logarithm((block[0] * 2 ** 21 + (block[1] >>> 11) + 1) * 2 ** -53));
      const turn = 2 * ((block[2] * 2 ** 21 + (block[3] >>> 11)) * 2 ** -53);
      const [angle, side] = turn > 1 ? [2 - turn, -1] : [turn, 1];
      out[k] = radius * cosinePi(angle);
      // Writes behind the end of a typed array are ignored: an odd count leaves out its last sine.
      out[k + 1] = radius * side * sinePi(angle);
    }
  };
}
