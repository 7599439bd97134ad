// What the page and its worker say to each other.
import type { BackendKind, DensityGrid, OptimalBasis, Progress, Structure } from "lather";
import type { Source } from "../read-structures.js";

/** A file of the user, one that lies beside the page, or the molecules of the gallery. */
export type BasisSource = Source | { readonly kind: "molecules"; readonly address: string; readonly name: string };

export interface BasisRequest {
  readonly source: BasisSource;
  /** Structures at most, taken evenly from all of the source. */
  readonly structures: number;
  /** JSON for `parseHyperparameters`, without the table of a basis "table". */
  readonly hyperparameters: { readonly basis: object };
  /** With a basis "table": JSON of { step, functions }. */
  readonly table: File | null;
  readonly mixed: boolean;
  readonly processor: BackendKind;
}

/** Every direction of the covariances, and the functions R on a grid: sliders ask for nothing more. */
export interface BasisResult {
  readonly backend: string;
  readonly seconds: number;
  readonly data: { readonly name: string; readonly used: number; readonly total: number; readonly environments: number };
  /** Elements: symbols, in the order of the blocks. */
  readonly elements: readonly string[];
  readonly radius: number;
  readonly directions: OptimalBasis["directions"];
  /** Å, [point]. */
  readonly distances: Float64Array;
  /** R_n in Å^{−3/2}, [l][n][point]. */
  readonly primitive: Float64Array;
  /** R_aql in Å^{−3/2}, [species][l][q][point]; zero where a block has fewer than `channels` directions. */
  readonly functions: Float64Array;
  readonly channels: number;
  /** The structures used: their place in the data, counted from 0, and their atoms, [structure]. */
  readonly frames: Int32Array;
  readonly atoms: Int32Array;
}

/** An atom of a structure used, and the element whose density is looked at; all of them indices into the result's lists. */
export interface DensityRequest {
  readonly structure: number;
  readonly atom: number;
  readonly element: number;
}

/** The density of one element round one atom, and what the first q functions make of it. */
export interface EnvironmentDensity {
  /** The center at the origin first, then the neighbors. */
  readonly environment: Structure;
  readonly grid: DensityGrid;
  /** ρ, [x][y][z]. */
  readonly density: Float32Array;
  /** ρ_q for q = 1 … channels, [q − 1][x][y][z]. */
  readonly rebuilt: Float32Array;
  /** ‖ρ − ρ_q‖/‖ρ‖, [q − 1]; not a number where the element has no neighbor. */
  readonly residuals: Float64Array;
}

export interface Listener {
  progress(progress: Progress): void;
  /** The backend is there: "CPU, 2 threads". */
  backend(words: string): void;
}

/** What the worker offers. */
export interface BasisJob {
  compute(request: BasisRequest, listener: Listener): Promise<BasisResult>;
  cancel(): void;
  /** The basis of the finished computation with the first `kept` functions of every degree, as `lather basis --out` writes it. */
  configuration(kept: number): string;
  /** Of the finished computation. */
  density(request: DensityRequest): EnvironmentDensity;
}
