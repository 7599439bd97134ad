/** Checks of trajectories, and averages over their times of origin, which correlation functions have in common. */
import { checkRange } from "../dynamics/option-checks.js";
import { InputError } from "../errors.js";
import type { Structure } from "../structure/structure.js";
import { blockAverage, type BlockAverage } from "./block-averages.js";

/** @throws InputError unless all frames have the same atoms, and there are `least` of them. */
export function checkTrajectory(frames: readonly Structure[], least = 1): void {
  if (frames.length < least) throw new InputError("the trajectory is too short", { key: "frames", expected: `${least} or more`, got: String(frames.length) });
  const { species } = frames[0];
  const other = frames.findIndex((frame) => frame.species.length !== species.length || frame.species.some((z, atom) => z !== species[atom]));
  if (other >= 0) throw new InputError("the frames of a trajectory have the same atoms", { ...frames[other].origin, structure: other, expected: `the ${species.length} atoms of the first frame, in their order`, got: `${frames[other].species.length} others` });
}

/** 0-based atoms of one element, or all. @throws InputError where there is none. */
export function atomsOf({ species }: Structure, element?: number): number[] {
  const atoms = Array.from(species.keys()).filter((atom) => element === undefined || species[atom] === element);
  if (atoms.length === 0) throw new InputError("there is no such atom in the trajectory", { key: "species", expected: `one of ${[...new Set(species)].join(", ")}`, got: String(element) });
  return atoms;
}

export interface CorrelationOptions {
  /** fs from one frame to the next. */
  readonly interval: number;
  /** Frames of the longest lag; half of the trajectory by default. */
  readonly maximalLag?: number;
  /** Atomic number of the atoms that count; all by default. */
  readonly species?: number;
  /** Blocks of origins for the errors, 5 by default. */
  readonly blocks?: number;
}

export interface CorrelationFunction {
  /** fs, [lag], from 0. */
  readonly times: Float64Array;
  /** [lag] */
  readonly values: Float64Array;
  /** Standard errors by blocks of origins, [lag]; null where there are not two blocks. */
  readonly errors: Float64Array | null;
}

/** Averages `correlate(origin, lag)` over all origins from which the longest lag still lies in the trajectory, so that every lag has as many. */
export function averageOverOrigins(frames: number, { interval, maximalLag = Math.floor(frames / 2), blocks }: CorrelationOptions, correlate: (origin: number, lag: number) => number): CorrelationFunction {
  checkRange("interval", interval, interval > 0, "a time in fs above 0");
  checkRange("maximalLag", maximalLag, Number.isSafeInteger(maximalLag) && maximalLag >= 0 && maximalLag < frames, `a whole number from 0 to ${frames - 1}`);
  const samples = Array.from({ length: frames - maximalLag }, (_, origin) => Float64Array.from({ length: maximalLag + 1 }, (_unused, lag) => correlate(origin, lag)));
  const { mean, errors }: BlockAverage = blockAverage(samples, blocks);
  return { times: mean.map((_, lag) => lag * interval), values: mean, errors };
}
