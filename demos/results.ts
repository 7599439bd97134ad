// What a job's result is made of, whichever page shows it.
import type { Structure } from "lather";

export type SetName = "train" | "test";

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

/** A structure with what is predicted for its atoms. */
export interface PredictedStructure {
  readonly structure: Structure;
  /** eV, of the structure; null where the model is of a property. */
  readonly energy: number | null;
  /** eV, [atom], baseline included. */
  readonly localEnergies: Float64Array | null;
  /** The same without the baseline, which would hide all differences between atoms of different elements. */
  readonly relativeEnergies: Float64Array | null;
  /** eV/Å, [atom][xyz]; null where they were not computed. */
  readonly forces: Float64Array | null;
  /** |ΔF| in eV/Å [atom], null without reference forces. */
  readonly forceErrors: Float64Array | null;
  /** The numbers of a property, or [atom][number], in its own unit; null where the model is of energies. */
  readonly property: { readonly name: string; readonly perAtom: boolean; readonly values: Float64Array } | null;
}

/** Who answers for single structures after the job. */
export interface StructureSource {
  /** @param index position in the result's list of structures. */
  structure(index: number): Promise<PredictedStructure>;
}
