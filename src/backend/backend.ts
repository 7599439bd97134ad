import type { Hyperparameters } from "../features/hyperparameters.js";
import type { Potential } from "../model/potential.js";
import type { Structure } from "../structure/structure.js";

/** How far a long job has come; `done` and `total` count the unit named by the stage (atoms, structures, points). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

export interface JobOptions {
  /** Aborting rejects the job's promise with the signal's reason and leaves the backend usable. */
  readonly signal?: AbortSignal | undefined;
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

export interface Prediction {
  /** eV */
  readonly energy: number;
  /** eV, [atom], baseline included. */
  readonly localEnergies: Float64Array;
  /** eV/Å, [atom][xyz]; null when not asked for. */
  readonly forces: Float64Array | null;
  /** eV, [3][3], Eq. (22); null when not asked for. */
  readonly virial: Float64Array | null;
}

/** A potential that is resident on a backend. Who creates it destroys it. */
export interface Evaluator {
  predict(structures: readonly Structure[], options?: JobOptions & { readonly forces?: boolean }): Promise<Prediction[]>;
  /** Predictions in order, a bounded number in memory, for datasets of any length. */
  predictStream(structures: Iterable<Structure> | AsyncIterable<Structure>, options?: JobOptions & { readonly forces?: boolean }): AsyncGenerator<{ structure: Structure; prediction: Prediction }>;
  destroy(): void;
}

/** Executes the formulas in bulk. The CPU and the GPU backend agree within the tolerances of the tests. */
export interface Backend {
  readonly kind: "cpu" | "gpu";
  readonly threads: number;
  /** For people: "CPU, 2 threads, SIMD WebAssembly (float64)". */
  readonly description: string;
  computeDensityCoefficients(structures: readonly Structure[], hyperparameters: Hyperparameters, options?: JobOptions & { readonly species?: readonly number[] }): Promise<DensityCoefficients>;
  computeFeatures(structures: readonly Structure[], hyperparameters: Hyperparameters, options?: JobOptions & { readonly species?: readonly number[] }): Promise<Features>;
  createEvaluator(potential: Potential): Promise<Evaluator>;
  /** Ends the workers; the backend is not usable afterwards. Safe to call twice. */
  destroy(): void;
}
