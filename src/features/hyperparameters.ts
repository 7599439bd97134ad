import type { Parity } from "../angular/clebsch-gordan.js";
import type { DensityHyperparameters } from "../basis/hyperparameters.js";
import type { Iteration } from "./multispectrum.js";

/** What is made of the coefficients of a center. */
export interface FeatureChoice {
  readonly kind: (typeof featureKinds)[number];
  /** Divide the vector of each environment by its 2-norm. */
  readonly normalize: boolean;
  /** Bispectrum and multispectrum: with the invariants that change sign in a mirror; false by default. */
  readonly pseudoscalars?: boolean | undefined;
  /** λ-SOAP: degree of the features, 0 by default. */
  readonly lambda?: number | undefined;
  /** λ-SOAP: σ of the features, 1 by default. */
  readonly parity?: Parity | undefined;
  /** Multispectrum: largest ν, 3 by default. */
  readonly order?: number | undefined;
  /** Multispectrum: share of the variance of every (ν, λ, σ) that its components may leave out, 1e-4 by default. */
  readonly threshold?: number | undefined;
  /** Multispectrum: components of every (ν, λ, σ) at the most, 60 by default. */
  readonly maxComponents?: number | undefined;
  /** Multispectrum: products of every (ν, λ, σ) at the most, those of largest variance, 500 by default. */
  readonly maxProducts?: number | undefined;
  /** Multispectrum: products and matrices, made from data. */
  readonly iteration?: Iteration | null | undefined;
}

/** All kinds of features. */
export const featureKinds = ["power-spectrum", "radial-spectrum", "bispectrum", "multispectrum", "lambda-soap"] as const;

/** Everything that defines the features of an environment. */
export interface Hyperparameters extends DensityHyperparameters {
  readonly features: FeatureChoice;
}
