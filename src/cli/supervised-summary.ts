// What the optimization of a basis by gradient gained, Eq. (45): losses before and after, as root mean squares in units of the noise.
import type { SupervisedBasis } from "../index.js";
import { formatSignificant, formatTable } from "./table.js";

interface Errors {
  readonly training: number;
  readonly validation: number;
  readonly held_out: number;
}

/** The part of the --json output that is about the optimization. */
export interface OptimizationSummary {
  /** Root mean square errors in units of the noise. */
  readonly before: Errors;
  readonly after: Errors;
  /** Step that was taken, and steps made. */
  readonly step: number;
  readonly steps: number;
  readonly stopped: SupervisedBasis["stopped"];
  readonly structures: { readonly fit: number; readonly held_out: number };
  /** Moved ones included. */
  readonly environments: number;
}

export function summarizeOptimization({ history, step, stopped, sample: { structures, environments } }: SupervisedBasis): OptimizationSummary {
  const errorsAt = (index: number): Errors => {
    const { training, validation, heldOut } = history[index]!;
    return { training: Math.sqrt(training), validation: Math.sqrt(validation), held_out: Math.sqrt(heldOut) };
  };
  return {
    before: errorsAt(0), after: errorsAt(step), step, steps: history.length - 1, stopped,
    structures: { fit: structures.fit, held_out: structures.heldOut }, environments,
  };
}

const reasons = {
  gradient: "nothing is left to win", iterations: "their number was used up", "line search": "no way down within rounding",
  "held-out": "the held-out errors did not fall any more",
} as const;

/** The same for people. */
export function formatOptimization(basis: SupervisedBasis): string {
  const { before, after, step, steps, stopped, structures, environments } = summarizeOptimization(basis);
  const row = (name: string, key: keyof Errors): string[] => [name, formatSignificant(before[key]), formatSignificant(after[key])];
  const table = formatTable([
    ["errors over noise", "optimal basis", "optimized"],
    row("labels fitted", "training"), row("left out in turn (optimized)", "validation"), row("held out", "held_out"),
  ]);
  return `${table}\nStep ${step} of ${steps}; ${reasons[stopped]}. Fits to ${structures.fit} structures, ${structures.held_out} held out, ` +
    `${environments} environments\n`;
}
