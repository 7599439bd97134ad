/**
 * Relaxation: positions, and where asked for the cell, at which the energy, or at a pressure the enthalpy E + pV, has a local minimum.
 * Units: Å, eV, GPa.
 */
import type { Backend, Progress } from "../backend/backend.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { InputError } from "../errors.js";
import type { Potential } from "../model/potential.js";
import type { Structure } from "../structure/structure.js";
import { withEnergyModel, type EnergyModel } from "./energy-model.js";
import { createFire, createLbfgs } from "./minimizers.js";
import { checkFixedAtoms, checkRange } from "./option-checks.js";
import { createCoordinates, type CellRelaxation, type RelaxationPoint } from "./relaxation-coordinates.js";

export interface RelaxationProgress extends Progress {
  /** eV */
  readonly energy: number;
  /** eV/Å */
  readonly maximalForce: number;
  /** GPa; null for a fixed cell. */
  readonly maximalStress: number | null;
}

export interface RelaxationOptions {
  /** "lbfgs" by default; "fire" takes more steps and is hardier where the energy is rough. */
  readonly method?: "fire" | "lbfgs";
  /** eV/Å: converged when no atom that may move has a larger force; 0.01 by default. */
  readonly maximalForce?: number;
  /** GPa: converged when no component of stress + pressure is larger; 0.01 by default, for a cell that changes. */
  readonly maximalStress?: number;
  /** "fixed" by default. */
  readonly cell?: CellRelaxation;
  /** GPa, 0 by default; for a cell that changes. */
  readonly pressure?: number;
  /** 0-based atoms that do not move; where the cell changes they keep their fractional coordinates. */
  readonly fixedAtoms?: readonly number[];
  /** 1000 by default. */
  readonly maxSteps?: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of every step. */
  readonly onProgress?: ((progress: RelaxationProgress) => void) | undefined;
}

export interface Relaxation {
  /** Positions and cell are new, unwrapped; all else is as it was, labels of the structure before included. */
  readonly structure: Structure;
  /** eV */
  readonly energy: number;
  /** eV/Å, [atom][xyz], those on fixed atoms included. */
  readonly forces: Float64Array;
  /** eV, [3][3], Eq. (22); null where the model gives none. */
  readonly virial: Float64Array | null;
  /** Largest force on an atom that may move, eV/Å. */
  readonly maximalForce: number;
  /** Largest component of stress + pressure, GPa; null for a fixed cell. */
  readonly maximalStress: number | null;
  readonly converged: boolean;
  readonly steps: number;
}

/** Relaxes `structure` with `model`. @throws as `relaxStructure`. */
export async function relax(model: EnergyModel, structure: Structure, options: RelaxationOptions = {}): Promise<Relaxation> {
  const { method = "lbfgs", maximalForce = 0.01, maximalStress = 0.01, cell = "fixed", pressure = 0, fixedAtoms = [], maxSteps = 1000, signal, onProgress } = options;
  checkRange("maximalForce", maximalForce, maximalForce > 0, "a force in eV/Å above 0, for example 0.01");
  checkRange("maximalStress", maximalStress, maximalStress > 0, "a stress in GPa above 0, for example 0.01");
  checkRange("pressure", pressure, true, "a pressure in GPa");
  checkRange("maxSteps", maxSteps, Number.isSafeInteger(maxSteps) && maxSteps >= 0, "a whole number, 0 or more");
  checkFixedAtoms(fixedAtoms, structure.species.length);
  if (cell === "fixed" && pressure !== 0) throw new InputError("a pressure acts on a cell that changes", { key: "pressure", expected: "the cell \"volume\" or \"full\", or pressure 0", got: `${pressure} GPa with a fixed cell` });

  const coordinates = createCoordinates(structure, { cell, pressure, fixedAtoms }, await createLinearAlgebra());
  const evaluate = async (x: Float64Array): Promise<RelaxationPoint> => {
    signal?.throwIfAborted();
    const at = coordinates.structureAt(x);
    const [evaluation] = await model([at], { ...(signal && { signal }) });
    return coordinates.pointAt(x, at, evaluation);
  };
  const minimizer = method === "fire" ? createFire() : createLbfgs();
  const isConverged = (point: RelaxationPoint): boolean => point.maximalForce <= maximalForce && (point.maximalStress ?? 0) <= maximalStress;
  let point = await evaluate(coordinates.start);
  let steps = 0;
  while (!isConverged(point) && steps < maxSteps) {
    const next = await minimizer.step(point, evaluate);
    if (!next) break;
    point = next;
    steps++;
    onProgress?.({ stage: "relax", done: steps, total: maxSteps, energy: point.evaluation.energy, maximalForce: point.maximalForce, maximalStress: point.maximalStress });
  }
  const { energy, forces, virial } = point.evaluation;
  return { structure: point.structure, energy, forces, virial, maximalForce: point.maximalForce, maximalStress: point.maximalStress, converged: isConverged(point), steps };
}

/**
 * Relaxes `structure` with `potential` on `backend`.
 * @throws InputError on options out of range, an element that the model does not know, or a cell that shall change where there is none that is
 * periodic along three axes; NumericalError on energies or forces that are not finite; the signal's reason.
 */
export async function relaxStructure(backend: Backend, potential: Potential, structure: Structure, options: RelaxationOptions = {}): Promise<Relaxation> {
  return withEnergyModel(backend, potential, (model) => relax(model, structure, options));
}
