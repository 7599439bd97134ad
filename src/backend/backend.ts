import type { DensityCovariance } from "../basis/covariance.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import type { Potential } from "../model/potential.js";
import type { Structure } from "../structure/structure.js";

/** How far a long job has come; `done` and `total` count the unit named by the stage (atoms, structures, points). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Seconds until the whole job is done, where that can be told from what is done. */
  readonly secondsLeft?: number;
}

export interface JobOptions {
  /** Aborting rejects the job's promise with the signal's reason and leaves the backend usable. */
  readonly signal?: AbortSignal | undefined;
  /** Hears from time to time how much is done. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Features of environments. */
export interface Features {
  /** [center][feature], centers in the order of the structures and their atoms. */
  readonly values: Float64Array;
  readonly size: number;
  /** First center of each structure, [structure + 1]. */
  readonly offsets: Int32Array;
  /** Atomic number of each center. */
  readonly centers: Uint8Array;
  /** Elements that the features resolve, ascending. */
  readonly species: readonly number[];
}

/** Density coefficients, Eq. (5). */
export interface DensityCoefficients {
  /** [center][species][n][lm]. */
  readonly values: Float64Array;
  readonly size: number;
  readonly offsets: Int32Array;
  readonly centers: Uint8Array;
  readonly species: readonly number[];
}

/** Which environments a covariance sums, and into how many matrices. */
export interface CovarianceOptions extends JobOptions {
  /** Elements that the coefficients resolve, atomic numbers; by default those of the structures. */
  readonly species?: readonly number[] | undefined;
  /** One matrix over (element, n) for each l instead of one over n for each (element, l). */
  readonly mixed?: boolean | undefined;
  /** Only environments of these center elements, atomic numbers; all by default. */
  readonly centers?: readonly number[] | undefined;
  /** Matrices of their own for the centers of each element. */
  readonly centerDependent?: boolean | undefined;
  /** w of the environments of each structure, [structure]; 1 by default, 0 leaves a structure out. */
  readonly weights?: ArrayLike<number> | undefined;
}

export interface Prediction {
  /** eV */
  readonly energy: number;
  /** eV, [atom], baseline included. */
  readonly localEnergies: Float64Array;
  /** eV/Å, [atom][xyz]; null when not asked for. */
  readonly forces: Float64Array | null;
  /** eV, [3][3], Eq. (22); null when not asked for. */
  readonly virial: Float64Array | null;
  /** With `uncertainty` asked for. */
  readonly uncertainty?: Uncertainty;
}

/** Expected errors (one σ) of a prediction by the spread of a committee, Eqs. (77) and (78), calibrated if the potential is. */
export interface Uncertainty {
  /** Of the energy of the structure, eV. */
  readonly energy: number;
  /** Of the energy of each atom, eV, [atom]. They do not add up to that of the structure: errors of neighbors go together. */
  readonly localEnergies: Float64Array;
  /** Of the force components, eV/Å, [atom][xyz]; null when forces are not asked for. */
  readonly forces: Float64Array | null;
}

export interface PredictOptions extends JobOptions {
  /** Forces and virial, by default; energies alone are several times cheaper. */
  readonly forces?: boolean;
  /** Expected errors as well, of a potential with a committee. */
  readonly uncertainty?: boolean;
}

/** A potential that is resident on a backend. Who creates it destroys it. */
export interface Evaluator {
  /**
   * Predictions in the order of the structures.
   * @throws InputError on an element that the potential does not know, and when `uncertainty` is asked for of a potential without a committee.
   */
  predict(structures: readonly Structure[], options?: PredictOptions): Promise<Prediction[]>;
  /** Predictions in order, a bounded number in memory, for datasets of any length. */
  predictStream(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    options?: PredictOptions,
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }>;
  /** Releases the potential. */
  destroy(): void;
}

/** How features become z, Eq. (14), for centers of one element. */
export interface CenterProjection {
  /** Atomic number of the centers. */
  readonly species: number;
  /** V, [feature][component]; null keeps all features. */
  readonly projection: Float64Array | null;
  /** Components of z. */
  readonly size: number;
}

/** A fit's sparse points and the factor that whitens its rows, Eq. (18). */
export interface FitCenter extends CenterProjection {
  /** [point][component] */
  readonly sparsePoints: Float64Array;
  /** G, lower triangle, [point][point]: K_MM + jitter = G Gᵀ. */
  readonly factor: Float64Array;
}

/** One term of a potential that is being fitted: its features, its kernel and its sparse points. */
export interface FitTerm {
  readonly hyperparameters: Hyperparameters;
  readonly zeta: number;
  readonly centers: readonly FitCenter[];
}

/**
 * 1/σ of the rows of a structure: one for all, or one for each force component, [atom][xyz], and for each virial component, xx, yy, zz, yz, xz, xy.
 * A component of weight 0 adds nothing; its label must be a number all the same.
 */
export interface FitWeights {
  readonly energy: number;
  readonly forces: number | Float64Array;
  readonly virial: number | Float64Array;
}

/** Labels of one structure with the baseline removed, and the weights 1/√Λ of their rows, Eq. (17). */
export interface FitLabels {
  readonly energy: number | null;
  /** [atom][xyz] */
  readonly forces: Float64Array | null;
  /** [3][3] */
  readonly virial: Float64Array | null;
  readonly weights: FitWeights;
}

/** One structure of a fit. */
export interface FitStructure extends FitLabels {
  readonly structure: Structure;
}

/** Sums over all rows of a fit; columns are the sparse points, term after term and element after element. */
export interface NormalEquations {
  /** ΦᵀΦ, [column][column]. */
  readonly gram: Float64Array;
  /** Φᵀ Λ^{−1/2} y, [column]. */
  readonly right: Float64Array;
  readonly rows: number;
}

/** The rows themselves, for a fit small enough to hold them. */
export interface FitRowMatrix {
  /** Φ, [row][column]. */
  readonly values: Float64Array;
  /** Λ^{−1/2} y, [row]. */
  readonly targets: Float64Array;
}

/** The GPU that a backend computes on, in the words of its driver; what the driver does not tell is empty. */
export interface AdapterReport {
  /** For people: what there is of the rest. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computed by the processor (SwiftShader, lavapipe): far slower than the CPU backend. */
  readonly software: boolean;
  /** Bytes: the device's largest buffer and binding, and the largest buffer that is used. */
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number; readonly usedBufferSize: number };
}

/** What becomes of a job whose device is lost: it goes on on a new device, on the CPU, or fails with a GpuError. */
export type DeviceLoss = "resume" | "cpu" | "fail";

/** Executes the formulas in bulk. The CPU and the GPU backend agree within the tolerances of the tests. */
export interface Backend {
  readonly kind: "cpu" | "gpu";
  readonly threads: number;
  /** For people: "CPU, 2 threads, SIMD WebAssembly (float64, fused multiply-add)". */
  readonly description: string;
  /** Null on the CPU. */
  readonly adapter: AdapterReport | null;
  /** c of every center, Eq. (5). @throws InputError on hyperparameters out of range, or an element that `species` lacks. */
  computeDensityCoefficients(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options?: JobOptions & { readonly species?: readonly number[] },
  ): Promise<DensityCoefficients>;
  /**
   * Covariance of the density coefficients of the primitive basis, Eqs. (30), (31) and (42); a contraction is left out of account.
   * The coefficients are never held all at once.
   * @throws InputError on hyperparameters or weights out of range, or an element that `species` lacks.
   */
  computeCovariance(structures: readonly Structure[], hyperparameters: Hyperparameters, options?: CovarianceOptions): Promise<DensityCovariance>;
  /** p of every center, Eqs. (11) to (13) and (49) to (52). @throws InputError on hyperparameters out of range, or an element that `species` lacks. */
  computeFeatures(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options?: JobOptions & { readonly species?: readonly number[] },
  ): Promise<Features>;
  /**
   * The adjoint of `computeFeatures`: ∂(Σ_i g_i · p_i)/∂r of every structure for one or several g. The derivatives of the features are never formed.
   * @param gradients g of each structure, [output][center][feature]
   * @returns of each structure, [output][atom][xyz], per Å
   * @throws InputError as `computeFeatures`.
   */
  computeFeatureAdjoints(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    gradients: readonly Float64Array[],
    options?: JobOptions,
  ): Promise<Float64Array[]>;
  /** z of every center, in the order of the structures and their atoms, by atomic number of the center: [center][component]. */
  computeComponents(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    centers: readonly CenterProjection[],
    options?: JobOptions,
  ): Promise<Map<number, Float64Array>>;
  /** Sums the normal equations of Eq. (18) over the structures; the rows are never held all at once. */
  accumulateNormalEquations(
    structures: readonly FitStructure[],
    species: readonly number[],
    terms: readonly FitTerm[],
    options?: JobOptions,
  ): Promise<NormalEquations>;
  /** The same for each group of structures, one group after the other. */
  accumulateGroups(
    groups: readonly (readonly FitStructure[])[],
    species: readonly number[],
    terms: readonly FitTerm[],
    options?: JobOptions,
  ): AsyncGenerator<NormalEquations>;
  /** The whitened rows of Eq. (18) themselves. */
  computeFitRows(
    structures: readonly FitStructure[],
    species: readonly number[],
    terms: readonly FitTerm[],
    options?: JobOptions,
  ): Promise<FitRowMatrix>;
  /**
   * Farthest-point sampling, Eq. (19): indices of rows of `points`, [point][size], one by one in the order of selection and beginning with `first`.
   * Ends early when every remaining point coincides with one taken.
   * @throws InputError when `count` exceeds the number of points.
   */
  farthestPoints(
    points: Float64Array,
    size: number,
    count: number,
    zeta: number,
    first: number,
    options?: Pick<JobOptions, "signal">,
  ): AsyncGenerator<number>;
  /** Makes a potential resident. @throws InputError on hyperparameters out of range. */
  createEvaluator(potential: Potential): Promise<Evaluator>;
  /** Ends the workers; the backend is not usable afterwards. Safe to call twice. */
  destroy(): void;
}
