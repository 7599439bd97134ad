import type { Hyperparameters } from "../features/hyperparameters.js";
import type { TermSettings } from "./term-settings.js";

/** Expected errors of the training data, Eq. (17): per structure of N atoms energy·√N (eV), forces (eV/Å), virial·√N (eV). */
export interface Noise {
  readonly energy: number;
  readonly forces: number;
  readonly virial: number;
}

/** A repulsive core, Eqs. (71) and (72): unchanged up to `inner`, zero from `outer` on, Å; null: 0.4 and 0.8 of the sum of the covalent radii of each pair. */
export type CoreSettings = { readonly inner: number | null; readonly outer: number | null } & (
  | { readonly kind: "zbl" }
  | {
      readonly kind: "screened-coulomb";
      /** c and d of Φ(x) = Σ c exp(−d x). */
      readonly coefficients: readonly number[];
      readonly exponents: readonly number[];
      /** a in Å; null: the universal length of each pair. */
      readonly length: number | null;
    }
);

/** How the subsets of a committee are drawn. */
export interface CommitteeSettings {
  /** Fits beside the one to all structures; 2 to 64. */
  readonly members: number;
  /** Share of the structures in each subset, rounded to a multiple of 1/members; null draws as many as there are, with replacement (bootstrap). */
  readonly fraction: number | null;
  readonly seed: number;
}

/** Which pseudo-elements stand for the elements, Eq. (94). */
export interface PseudoElements {
  /** Their number, from 1 to that of the elements; null where the matrix says it. */
  readonly channels: number | null;
  /** u of element properties, Eq. (96), given as a matrix, or learned from the energies, Eq. (97), beginning with that of the properties. */
  readonly kind: "properties" | "matrix" | "learned";
  /** Rows of u by element symbol, as long as there are channels, for "matrix" alone. */
  readonly matrix: Readonly<Record<string, readonly number[]>> | null;
}

/** What a fit needs to know; every field has a default (see `defaultFitConfiguration`). */
export interface FitConfiguration extends Hyperparameters {
  /**
   * Contraction of the radial basis to the functions that carry most of the training data's variance, Eq. (32); null keeps the basis as it is.
   * A file may also say it in its basis: { kind: "optimal", primitive: { kind, nMax, … }, … }.
   */
  readonly optimalBasis: {
    /** Functions per element and l, or per l when mixed; null leaves it to the threshold. */
    readonly channels: number | null;
    /** Share of the variance of each (element, l) that may be left out. */
    readonly threshold: number | null;
    readonly mixed: boolean;
    /** Functions of their own for the centers of each element, Eq. (42). */
    readonly centerDependent: boolean;
    /** From 1 (variance alone) down to 0 (the energies alone) for l = 0, Eq. (35). */
    readonly gamma: number;
  } | null;
  /** A few densities for all elements, Eq. (94), so that the number of features does not grow with theirs; null keeps one density per element. */
  readonly pseudoElements: PseudoElements | null;
  readonly kernel: {
    readonly zeta: number;
    /** δ of the prior k = δ² (z · z')^ζ in eV: how much of the energy of an atom the term is expected to carry. */
    readonly delta: number;
  };
  /** Principal components of the features, Eq. (14): as many as leave a relative residual variance below `threshold`; null keeps all features. */
  readonly compression: { readonly threshold: number; readonly maxComponents: number | null } | null;
  readonly sparse: {
    /** "all" takes every environment (full Gaussian-process regression); "auto" or null: a quarter of the environments, at least 50 where there are so many, at most 1000. Points in all, shared out between the elements by their number of environments, or one number per element symbol. */
    readonly count: number | Readonly<Record<string, number>> | "auto" | "all" | null;
    /** "unit-vectors" takes the unit vectors of z for points, however many these are: with ζ = 1 linear (ridge) regression on the features, Eq. (57). */
    readonly method: "fps" | "cur" | "leverage" | "random" | "unit-vectors";
    readonly seed: number;
  };
  readonly noise: Noise & {
    readonly byConfigType: Readonly<Record<string, Partial<Noise>>>;
    /** σ and weights that the data give (energy_sigma, force_atom_sigma, config_weight, …) go before those of the configuration. */
    readonly fromData: boolean;
  };
  readonly baseline: {
    /** "auto": isolated atoms (no neighbor within the cutoff, or so called by their config_type) when every element has one, least squares otherwise. */
    readonly kind: "auto" | "isolated" | "least-squares" | "given";
    /** eV per element symbol, for "given". */
    readonly energies: Readonly<Record<string, number>>;
  };
  /** Names of the labels in the file; null finds them; false leaves them out of the fit. */
  readonly keys: {
    readonly energy: string | null;
    readonly forces: string | null | false;
    readonly virial: string | null | false;
    /** Units ("kcal/mol", "Ha/bohr", "GPa") that go before those in the names; null: those in the names, else eV and Å. */
    readonly energyUnit: string | null;
    readonly forcesUnit: string | null;
    readonly virialUnit: string | null;
  };
  /**
   * Terms of the potential, Eq. (53), each with everything that it does not share with the others; null: one term, as the configuration itself says.
   * What an entry of a file leaves out is as in the configuration. Repulsive cores may stand among them: they are taken off the labels before the fit.
   */
  readonly terms: readonly (TermSettings | CoreSettings)[] | null;
  readonly solver: {
    /** "normal" equations, or the slower and stabler "qr", Eq. (18). */
    readonly method: "normal" | "qr";
    /** Added to the diagonal of K_MM, relative to its mean. */
    readonly jitter: number;
  };
  /** Uncertainties by fits to random subsets of the structures, with the same sparse points, Eqs. (75) to (80); null does without. */
  readonly committee: CommitteeSettings | null;
}

/** Every field that a configuration file leaves out has the value given here. */
export const defaultFitConfiguration: FitConfiguration = {
  cutoff: { radius: 5, width: 0.5, function: "cosine" },
  density: { kind: "gaussian", width: 0.5, centerWeight: 1, scaling: { rate: 1, scale: 2.5, exponent: 4 } },
  basis: { kind: "gto", nMax: 8, lMax: 6, accuracy: 1e-8 },
  features: { kind: "power-spectrum", normalize: true },
  optimalBasis: null,
  pseudoElements: null,
  kernel: { zeta: 4, delta: 1 },
  compression: { threshold: 1e-6, maxComponents: null },
  sparse: { count: "auto", method: "leverage", seed: 1 },
  noise: { energy: 0.01, forces: 0.05, virial: 0.1, byConfigType: {}, fromData: true },
  baseline: { kind: "auto", energies: {} },
  keys: { energy: null, forces: null, virial: null, energyUnit: null, forcesUnit: null, virialUnit: null },
  terms: null,
  solver: { method: "normal", jitter: 1e-7 },
  committee: null,
};
