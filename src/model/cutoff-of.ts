import { radiusOf } from "../pairs/pair-term.js";
import type { Potential } from "./potential.js";

/** Å; atoms farther from each other than this do not see each other in any term. */
export function cutoffOf({ terms, pairs = [] }: Potential): number {
  return Math.max(0, ...terms.map(({ hyperparameters }) => hyperparameters.cutoff.radius), ...pairs.map(radiusOf));
}
