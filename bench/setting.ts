// How a case is run.
import type { Budget } from "./timing.js";
import { STANDARD } from "./timing.js";

/** One call on a software adapter takes seconds. */
const SLOW: Budget = { warmUp: 0, seconds: 2, repetitions: 3 };

export interface Setting {
  readonly kind: "cpu" | "gpu";
  readonly threads: number;
  readonly budget: Budget;
  /** Of the adapter, when the GPU backend runs. */
  readonly software: boolean;
  readonly timestamps: boolean;
}

export function cpuSetting(threads: number, budget: Budget = STANDARD): Setting {
  return { kind: "cpu", threads, budget, software: false, timestamps: false };
}

export function gpuSetting(threads: number, { software, timestamps }: Pick<Setting, "software" | "timestamps">, budget?: Budget): Setting {
  return { kind: "gpu", threads, budget: budget ?? (software ? SLOW : STANDARD), software, timestamps };
}

/** Repetitions in which passes are timed. */
export function passRepetitions({ software, budget }: Setting): number {
  return software ? 1 : budget.repetitions;
}
