/**
 * Mean squared displacement ⟨|r_i(t₀ + t) − r_i(t₀)|²⟩ over atoms and origins, and the diffusion coefficient D = lim MSD/6t of Einstein
 * (Allen and Tildesley, Computer Simulation of Liquids, Oxford 1987, ch. 2).
 */
import { InputError } from "../errors.js";
import type { Structure } from "../structure/structure.js";
import { atomsOf, averageOverOrigins, checkTrajectory, type CorrelationFunction, type CorrelationOptions } from "./trajectory.js";

/**
 * Values in Å². Positions must not be wrapped into the cell; those that `lather md` writes are not.
 * @throws InputError on options out of range, fewer than two frames, or frames of different atoms.
 */
export function meanSquaredDisplacement(frames: readonly Structure[], options: CorrelationOptions): CorrelationFunction {
  checkTrajectory(frames, 2);
  const atoms = atomsOf(frames[0], options.species);
  return averageOverOrigins(frames.length, options, (origin, lag) => {
    const [from, to] = [frames[origin].positions, frames[origin + lag].positions];
    let sum = 0;
    for (const atom of atoms) for (let k = 3 * atom; k < 3 * atom + 3; k++) sum += (to[k] - from[k]) ** 2;
    return sum / atoms.length;
  });
}

/** 1 Å²/fs in cm²/s. */
const SQUARE_CENTIMETERS_PER_SECOND = 0.1;

/**
 * D in cm²/s from the slope of a straight line through the values from `from` to `to` fs, by least squares.
 * @throws InputError where fewer than two of the times lie there.
 */
export function diffusionCoefficient({ times, values }: CorrelationFunction, from: number, to: number): number {
  const chosen = Array.from(times.keys()).filter((k) => times[k] >= from && times[k] <= to);
  if (chosen.length < 2) throw new InputError("a slope needs two times", { key: "from", expected: `a range within 0 to ${times[times.length - 1]} fs with two times or more`, got: `${from} to ${to}` });
  const mean = (of: Float64Array): number => chosen.reduce((sum, k) => sum + of[k], 0) / chosen.length;
  const [time, value] = [mean(times), mean(values)];
  const slope = chosen.reduce((sum, k) => sum + (times[k] - time) * (values[k] - value), 0) / chosen.reduce((sum, k) => sum + (times[k] - time) ** 2, 0);
  return (slope / 6) * SQUARE_CENTIMETERS_PER_SECOND;
}
