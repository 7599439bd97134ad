/**
 * Elastic constants C_ij = ∂σ_i/∂ε_j from the stress σ = −W/V of strained cells, atoms relaxed in each; Voigt's order xx, yy, zz, yz, xz, xy
 * with ε_4 = 2ε_yz and so on (Nye, Physical Properties of Crystals, Oxford 1957, ch. VIII). Central differences: the error is of second order in
 * the strain. For a crystal that is not free of stress these are stress–strain coefficients (Wallace, Thermodynamics of Crystals, 1972).
 */
import type { EnergyModel } from "../dynamics/energy-model.js";
import type { ForceEvaluation } from "../dynamics/motion.js";
import { checkRange } from "../dynamics/option-checks.js";
import { relax, type RelaxationOptions } from "../dynamics/relax.js";
import { GIGAPASCAL } from "../dynamics/units.js";
import { InputError } from "../errors.js";
import type { Structure } from "../structure/structure.js";
import { strainStructure } from "../structure/supercell.js";
import { volumeOf } from "./volume.js";

export interface ElasticConstantsOptions extends Pick<RelaxationOptions, "method" | "maximalForce" | "maxSteps" | "signal"> {
  /** ε_j of the differences, 0.002 by default. */
  readonly strain?: number;
  /** Whether the atoms relax in the strained cells, true by default; without it "clamped-ion" constants come out. */
  readonly relaxAtoms?: boolean;
}

export interface ElasticConstants {
  /** GPa, [6][6], symmetrized. */
  readonly constants: Float64Array;
  /** Largest |C_ij − C_ji| before that, GPa: a measure of the numerical error. */
  readonly asymmetry: number;
  /** Whether every relaxation converged. */
  readonly converged: boolean;
}

/** Row and column of each of Voigt's indices. */
const VOIGT = [[0, 0], [1, 1], [2, 2], [1, 2], [0, 2], [0, 1]] as const;

/** @throws InputError on options out of range, a structure that is not periodic along three axes, or a model without virials. */
export async function elasticConstants(model: EnergyModel, structure: Structure, options: ElasticConstantsOptions = {}): Promise<ElasticConstants> {
  const { strain = 0.002, relaxAtoms = true, maximalForce = 1e-4, ...rest } = options;
  checkRange("strain", strain, strain > 0 && strain < 0.1, "a number above 0 and below 0.1, for example 0.002");
  volumeOf(structure);
  const strained = Array.from({ length: 12 }, (_, k) => {
    const [row, column] = VOIGT[k >> 1];
    const half = (k % 2 === 0 ? strain : -strain) / 2;
    const epsilon = new Float64Array(9);
    epsilon[3 * row + column] += half;
    epsilon[3 * column + row] += half;
    return strainStructure(structure, epsilon);
  });
  let converged = true;
  let evaluations: Pick<ForceEvaluation, "virial">[] = [];
  if (relaxAtoms) {
    for (const at of strained) {
      const relaxed = await relax(model, at, { ...rest, maximalForce });
      converged &&= relaxed.converged;
      evaluations.push(relaxed);
    }
  } else evaluations = await model(strained, rest);
  const stresses = evaluations.map(({ virial }, k) => {
    if (!virial) throw new InputError("elastic constants come from stresses", { key: "model", expected: "a model that gives virials", got: "none" });
    return VOIGT.map(([row, column]) => ((virial[3 * row + column] + virial[3 * column + row]) / -2 / volumeOf(strained[k])) * GIGAPASCAL);
  });
  const raw = Float64Array.from({ length: 36 }, (_, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6];
    return (stresses[2 * j][i] - stresses[2 * j + 1][i]) / (2 * strain);
  });
  const transposed = raw.map((_, k) => raw[6 * (k % 6) + Math.floor(k / 6)]);
  return {
    constants: raw.map((value, k) => (value + transposed[k]) / 2),
    asymmetry: raw.reduce((most, value, k) => Math.max(most, Math.abs(value - transposed[k])), 0),
    converged,
  };
}

/** C11, C12 and C44 in GPa of a cubic crystal whose axes lie along x, y and z: means of the entries that symmetry makes equal. */
export function cubicConstants(constants: Float64Array): { readonly c11: number; readonly c12: number; readonly c44: number } {
  const mean = (...entries: readonly (readonly [number, number])[]): number => entries.reduce((sum, [i, j]) => sum + constants[6 * i + j], 0) / entries.length;
  return { c11: mean([0, 0], [1, 1], [2, 2]), c12: mean([0, 1], [0, 2], [1, 2]), c44: mean([3, 3], [4, 4], [5, 5]) };
}
