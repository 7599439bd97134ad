// What the page and its worker say to each other.
import type { BackendKind, DataWarning, ErrorReport, Progress } from "lather";
import type { Parity, PredictedStructure, StructureSummary } from "../results.js";
import type { SummaryLine } from "../summary-list.js";

/** What a model's file says of itself. */
export interface ModelDescription {
  readonly name: string;
  readonly lines: readonly SummaryLine[];
}

export interface PredictionRequest {
  readonly model: File;
  readonly structures: File;
  readonly processor: BackendKind;
}

/** Of a model of a property: its values against those of the file, where the file has them. */
export interface PropertyResult {
  readonly name: string;
  readonly parity: Parity;
  readonly rmse: string | null;
  readonly words: string | null;
}

export interface PredictionResult {
  readonly backend: string;
  readonly seconds: number;
  readonly atoms: number;
  readonly elements: readonly string[];
  /** Where labels were found, and what was not used; none where the file has no labels. */
  readonly labels: readonly string[];
  readonly warnings: readonly DataWarning[];
  /** Against the labels; null where there are none. */
  readonly errors: ErrorReport | null;
  readonly energies: Parity;
  readonly forces: Parity;
  /** Components of the virial, eV/atom; no points without reference virials. */
  readonly virials: Parity;
  /** Null for a potential. */
  readonly property: PropertyResult | null;
  readonly structures: readonly StructureSummary[];
  /** Names of what was written. */
  readonly written: readonly string[];
  readonly predictions: Blob;
}

export interface Listener {
  progress(progress: Progress): void;
  /** The backend is there: "CPU, 2 threads". */
  backend(words: string): void;
}

/** What the worker offers. */
export interface PredictionJob {
  describe(model: File): Promise<ModelDescription>;
  predict(request: PredictionRequest, listener: Listener): Promise<PredictionResult>;
  cancel(): void;
  /** @param index position in `PredictionResult.structures`. */
  structure(index: number): PredictedStructure;
}
