import type { Cutoff } from "../basis/hyperparameters.js";
import type { FitConfiguration } from "./configuration.js";

/** What one term of a potential is made by: its environment, features, kernel and sparse points. */
export type TermSettings = Pick<FitConfiguration, (typeof termKeys)[number]>;

/** The parts of a configuration that every term may have of its own. */
export const termKeys = ["cutoff", "density", "basis", "features", "optimalBasis", "kernel", "compression", "sparse"] as const;

/** The settings of every term: those of `terms`, or the configuration's own as the only one. */
export function termSettings(configuration: FitConfiguration): readonly TermSettings[] {
  return configuration.terms ?? [configuration];
}

/** The cutoff of the term that sees farthest: within it an atom has neighbors or is alone. */
export function widestCutoff(configuration: FitConfiguration): Cutoff {
  return termSettings(configuration).reduce((widest, { cutoff }) => (cutoff.radius > widest.radius ? cutoff : widest), termSettings(configuration)[0]!.cutoff);
}
