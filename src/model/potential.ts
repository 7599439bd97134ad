import type { Hyperparameters } from "../features/hyperparameters.js";
import type { PairTerm } from "../pairs/pair-term.js";

/** What the sparse GP knows about centers of one element. */
export interface CenterModel {
  /** Atomic number of the centers. */
  readonly species: number;
  /** V of Eq. (14), [feature][component]; null when features are used as they are. */
  readonly projection: Float64Array | null;
  /** Components q of z: columns of the projection, or the number of features. */
  readonly size: number;
  /** Sparse points z_m, [point][component]. */
  readonly sparsePoints: Float64Array;
  /** x_m in eV, [point]. */
  readonly weights: Float64Array;
  /** x_m of the members of a committee in eV, [member][point]; where the potential has one. */
  readonly members?: Float64Array | undefined;
}

/** α of Eq. (78), by which the spread of a committee is multiplied to give errors, and on what it was measured. */
export interface Calibration {
  /** "out-of-bag": on training structures, each by the members that left it out; "test": on other structures. */
  readonly from: "out-of-bag" | "test";
  /** α of energies of structures, and the number of labels behind it; null without a label. */
  readonly energy: CalibratedScale | null;
  /** The same of force components. */
  readonly forces: CalibratedScale | null;
}

export interface CalibratedScale {
  readonly scale: number;
  readonly labels: number;
}

/** Fits to random subsets of the structures with the sparse points of the potential, whose spread tells its errors, Eqs. (75) to (80). */
export interface Committee {
  /** 2 or more. */
  readonly members: number;
  /** Null: the spread as it is. */
  readonly calibration: Calibration | null;
}

/** One sum over sparse points, with features and a kernel of its own. */
export interface Term {
  readonly hyperparameters: Hyperparameters;
  readonly zeta: number;
  /** One entry per center element, ascending. */
  readonly centers: readonly CenterModel[];
}

/** A fitted sparse Gaussian-process potential, Eqs. (16), (53) and (70): everything that predictions need. */
export interface Potential {
  /** Elements that the features resolve, ascending atomic numbers. */
  readonly species: readonly number[];
  /** Energy per atom that the fit started from, eV, by atomic number. */
  readonly baseline: ReadonlyMap<number, number>;
  /** The energy is the sum over them and over the pair terms; one or more of both together. */
  readonly terms: readonly Term[];
  /** Given, not fitted. */
  readonly pairs?: readonly PairTerm[];
  /** Free text about data and settings, kept in the model file. */
  readonly provenance: Readonly<Record<string, string | number>>;
  /** What the members' weights, which every center then has, are for. */
  readonly committee?: Committee | undefined;
}
