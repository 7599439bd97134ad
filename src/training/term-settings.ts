import type { Cutoff } from "../basis/hyperparameters.js";
import type { CoreSettings, FitConfiguration } from "./configuration.js";

/** What one term of a potential is made by: its environment, features, kernel and sparse points. */
export type TermSettings = Pick<FitConfiguration, (typeof termKeys)[number]>;

/** The parts of a configuration that every term may have of its own. */
export const termKeys = ["cutoff", "density", "basis", "features", "optimalBasis", "pseudoElements", "kernel", "compression", "sparse"] as const;

/** Whether an entry of `terms` is a core, given and not fitted. No other term has a kind. */
export function isCore(term: object): term is CoreSettings {
  return Object.hasOwn(term, "kind");
}

/** The settings of every term that is fitted: those of `terms`, or the configuration's own as the only one. */
export function termSettings(configuration: FitConfiguration): readonly TermSettings[] {
  return configuration.terms?.filter((term): term is TermSettings => !isCore(term)) ?? [configuration];
}

/** The cutoff of the term that sees farthest: within it an atom has neighbors or is alone. */
export function widestCutoff(configuration: FitConfiguration): Cutoff {
  return termSettings(configuration).reduce((widest, { cutoff }) => (cutoff.radius > widest.radius ? cutoff : widest), termSettings(configuration)[0]!.cutoff);
}
