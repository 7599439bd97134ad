// The GPU against the CPU backend. Tolerances of features and forces as in test/gpu; energies are nearly linear in the features, and have theirs.
import type { Backend, Evaluator, Hyperparameters, Potential, Prediction, Structure } from "../src/index.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../test/reference/norms.js";
import type { Check } from "./checks.js";

/** Relative to the largest feature. */
export async function compareFeatures(
  cpu: Backend, gpu: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters,
): Promise<Check> {
  const expected = await cpu.computeFeatures(structures, hyperparameters);
  const found = await gpu.computeFeatures(structures, hyperparameters);
  return { what: "features against the CPU backend", error: relativeDifference(found.values, expected.values), tolerance: 5e-6 };
}

/**
 * Energies of all environments, forces and virials, each relative to the largest. What is left of large weights that alternate in sign may be off
 * by 1e-9 Σ|x| more.
 */
export async function comparePredictions(
  cpu: Evaluator, gpu: Evaluator, structures: readonly Structure[], { terms }: Potential,
): Promise<Check[]> {
  const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
  const weights = terms[0]!.centers.reduce((sum, center) => sum + center.weights.reduce((part, weight) => part + Math.abs(weight), 0), 0);
  const energies = joined(expected, "localEnergies");
  const scale = largestMagnitude(energies);
  const energyError = largestDifference(joined(found, "localEnergies"), energies) / scale;
  return [
    { what: "environment energies against the CPU backend", error: energyError, tolerance: 5e-6 + (1e-9 * weights) / scale },
    ...(["forces", "virial"] as const).map((key): Check => {
      const error = relativeDifference(joined(found, key), joined(expected, key));
      return { what: `${key} against the CPU backend`, error, tolerance: 5e-5 + 1e-10 * weights };
    }),
  ];
}

function joined(predictions: readonly Prediction[], key: "localEnergies" | "forces" | "virial"): Float64Array {
  const parts = predictions.map((prediction) => prediction[key]!);
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
