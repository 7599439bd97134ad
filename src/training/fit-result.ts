import type { DataWarning } from "../errors.js";
import type { Potential } from "../model/potential.js";
import type { BaselineKind } from "./baseline.js";
import type { CoreReport } from "./core-settings.js";
import type { NoiseCounts } from "./fit-structure.js";

/** What a fit did, for reports. */
export interface FitDiagnostics {
  /** Where the baseline is from, and eV per atom by element symbol. */
  readonly baseline: { readonly kind: BaselineKind; readonly energies: Readonly<Record<string, number>> };
  /** What the repulsive cores took from the labels before the fit; null without cores. */
  readonly core: CoreReport | null;
  /** Sparse points by element symbol; fewer than asked for where environments repeat. */
  readonly sparse: Readonly<Record<string, number>>;
  /** Features per environment before compression. */
  readonly features: number;
  /** Components of z by element symbol. */
  readonly components: Readonly<Record<string, number>>;
  /** What was added to the diagonal of K_MM, relative to its mean. */
  readonly jitter: number;
  /** Σ|x| in eV: large sums cancel, and cost digits in single precision. */
  readonly weightSum: number;
  readonly environments: number;
  /** Energies, force components and virial components fitted. */
  readonly rows: number;
  /** How many of them took which σ. */
  readonly noise: NoiseCounts;
}

export interface FitResult {
  readonly potential: Potential;
  readonly diagnostics: FitDiagnostics;
  /** What is doubtful about the training data and the baseline; empty where nothing is. */
  readonly warnings: readonly DataWarning[];
  /** Wall time per stage in seconds. */
  readonly seconds: Readonly<Record<string, number>>;
}
