// What the page and its worker say to each other.
import type { BackendKind, DataWarning, ErrorReport, FitResult, Progress, Structure } from "lather";

export type SetName = "train" | "test";

/** Where structures come from: a file of the user, or one that lies beside the page. */
export type Source = { readonly kind: "file"; readonly file: File } | { readonly kind: "address"; readonly address: string; readonly name: string };

export interface TrainingRequest {
  readonly train: Source;
  /** Null: a fifth of the training file is held out. */
  readonly test: Source | null;
  /** JSON for `parseFitConfiguration`. */
  readonly configuration: unknown;
  readonly processor: BackendKind;
}

/** One point of a parity plot. */
export interface ParityPoint {
  readonly reference: number;
  readonly predicted: number;
  readonly set: SetName;
  readonly configType: string;
}

export interface Parity {
  readonly points: readonly ParityPoint[];
  /** Values there are in each set; the points are fewer when that would be too many to draw. */
  readonly total: Readonly<Record<SetName, number>>;
}

/** One line of the list from which a structure is chosen. */
export interface StructureSummary {
  readonly set: SetName;
  /** 0-based frame in its file. */
  readonly frame: number;
  readonly configType: string;
  readonly atoms: number;
  /** Largest |ΔF| of an atom in eV/Å; null without reference forces. */
  readonly worstForceError: number | null;
}

export interface TrainingResult {
  readonly backend: string;
  /** How the test set came about, as a sentence. */
  readonly split: string;
  /** Which labels were found where, one sentence per file. */
  readonly labels: readonly string[];
  /** What is doubtful about data, baseline and noise. */
  readonly warnings: readonly DataWarning[];
  readonly diagnostics: FitResult["diagnostics"];
  /** Seconds per stage of the fit. */
  readonly seconds: FitResult["seconds"];
  readonly errors: { readonly train: ErrorReport; readonly test: ErrorReport | null };
  /** Energies per atom minus the baseline, eV/atom. */
  readonly energies: Parity;
  /** Force components, eV/Å; no points without reference forces. */
  readonly forces: Parity;
  readonly structures: readonly StructureSummary[];
  readonly model: Blob;
  readonly predictions: Blob;
}

/** A structure with |ΔF| in eV/Å [atom], null without reference forces. */
export interface StructureErrors {
  readonly structure: Structure;
  readonly forceErrors: Float64Array | null;
}

export interface Listener {
  progress(progress: Progress): void;
  /** The backend is there: "CPU, 2 threads". */
  backend(words: string): void;
}

/** What the worker offers. */
export interface TrainingJob {
  train(request: TrainingRequest, listener: Listener): Promise<TrainingResult>;
  cancel(): void;
  /** @param index position in `TrainingResult.structures`. */
  structure(index: number): StructureErrors;
}
