// What the page and its worker say to each other.
import type { BackendKind, DataWarning, ErrorReport, FitResult, Progress, TuningBudget } from "lather";
import type { Source } from "../read-structures.js";
import type { Parity, PredictedStructure, StructureSummary } from "../results.js";
import type { SummaryLine } from "../summary-list.js";

/** Settings that the data are to choose. */
export interface SearchRequest {
  readonly budget: TuningBudget;
  /** Paths of settings that stay as the configuration gives them. */
  readonly fixed: readonly string[];
}

export interface TrainingRequest {
  readonly train: Source;
  /** Null: a fifth of the training file is held out. */
  readonly test: Source | null;
  /** JSON for `parseFitConfiguration`. */
  readonly configuration: unknown;
  /** Null: the configuration is used as it is. */
  readonly search: SearchRequest | null;
  readonly processor: BackendKind;
}

/** What is told of the labels of one file: lines of what was taken, missing, not used. */
export interface LabelWords {
  readonly file: string;
  readonly lines: readonly string[];
}

/** How settings were found. */
export interface SearchReport {
  /** Trials, time and errors, as a sentence. */
  readonly words: string;
  /** Why each setting is what it is. */
  readonly reasons: readonly string[];
}

export interface TrainingResult {
  readonly backend: string;
  /** How the test set came about, as a sentence. */
  readonly split: string;
  readonly labels: readonly LabelWords[];
  /** What is doubtful about data, baseline and noise. */
  readonly warnings: readonly DataWarning[];
  readonly diagnostics: FitResult["diagnostics"];
  /** The settings of the fit, a line each, and the terms that it made. */
  readonly settings: readonly SummaryLine[];
  readonly terms: readonly SummaryLine[];
  /** Seconds per stage of the fit. */
  readonly seconds: FitResult["seconds"];
  readonly errors: { readonly train: ErrorReport; readonly test: ErrorReport | null };
  /** Energies per atom minus the baseline, eV/atom; no points without reference energies. */
  readonly energies: Parity;
  /** Force components, eV/Å; no points without reference forces. */
  readonly forces: Parity;
  /** Components of the virial, eV/atom; no points without reference virials. */
  readonly virials: Parity;
  readonly structures: readonly StructureSummary[];
  /** Null where the settings were given. */
  readonly search: SearchReport | null;
  /** The settings as a file for `lather fit --config`. */
  readonly configuration: string;
  readonly model: Blob;
  readonly predictions: Blob;
}

export interface Listener {
  progress(progress: Progress): void;
  /** The best of the search so far, in words. */
  best(words: string): void;
  /** The backend is there: "CPU, 2 threads". */
  backend(words: string): void;
}

/** What the worker offers. */
export interface TrainingJob {
  train(request: TrainingRequest, listener: Listener): Promise<TrainingResult>;
  cancel(): void;
  /** @param index position in `TrainingResult.structures`. */
  structure(index: number): PredictedStructure;
}
