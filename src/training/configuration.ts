import type { Hyperparameters } from "../features/hyperparameters.js";

/** Expected errors of the training data, Eq. (17): per structure of N atoms energy·√N (eV), forces (eV/Å), virial·√N (eV). */
export interface Noise {
  readonly energy: number;
  readonly forces: number;
  readonly virial: number;
}

/** What a fit needs to know; every field has a default (see `defaultFitConfiguration`). */
export interface FitConfiguration extends Hyperparameters {
  readonly kernel: { readonly zeta: number };
  /** Principal components of the features, Eq. (14): as many as leave a relative residual variance below `threshold`; null keeps all features. */
  readonly compression: { readonly threshold: number; readonly maxComponents: number | null } | null;
  readonly sparse: {
    /** Points in all, shared out between the elements by their number of environments, or one number per element symbol. */
    readonly count: number | Readonly<Record<string, number>>;
    readonly method: "fps" | "cur" | "leverage" | "random";
    readonly seed: number;
  };
  readonly noise: Noise & { readonly byConfigType: Readonly<Record<string, Partial<Noise>>> };
  readonly baseline: {
    /** "auto": isolated-atom frames when every element has one, least squares otherwise. */
    readonly kind: "auto" | "isolated" | "least-squares" | "given";
    /** eV per element symbol, for "given". */
    readonly energies: Readonly<Record<string, number>>;
  };
  /** Names of the labels in the file; null finds them; false leaves them out of the fit. */
  readonly keys: {
    readonly energy: string | null;
    readonly forces: string | null | false;
    readonly virial: string | null | false;
  };
  readonly solver: { readonly method: "normal" | "qr"; readonly jitter: number };
}
