import type { Cutoff, Density, RadialBasis } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";

/** Hyperparameters of these tests with some of them replaced. */
export function hyperparametersWith(
  change: { cutoff?: Partial<Cutoff>; density?: Partial<Density>; basis?: Partial<RadialBasis> } = {},
): Hyperparameters {
  return {
    cutoff: { radius: 5, width: 0.5, function: "cosine", ...change.cutoff },
    density: { kind: "gaussian", width: 0.4, centerWeight: 1, scaling: null, ...change.density },
    basis: { kind: "gto", nMax: 6, lMax: 4, accuracy: 1e-8, ...change.basis },
    features: { kind: "power-spectrum", normalize: false },
  };
}
