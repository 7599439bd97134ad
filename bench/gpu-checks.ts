// Nothing is timed on the GPU before it agrees with the CPU backend. Tolerances of features and forces as in test/gpu; energies are nearly linear in the
// features, and have theirs.
import type { Backend, Evaluator, Hyperparameters, Potential, Structure } from "../src/index.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../test/reference/norms.js";
import { demand, type Check } from "./checks.js";

export async function compareFeatures(cpu: Backend, gpu: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters): Promise<Check> {
  const [expected, found] = [await cpu.computeFeatures(structures, hyperparameters), await gpu.computeFeatures(structures, hyperparameters)];
  const error = relativeDifference(found.values, expected.values);
  return demand({ what: "features against the CPU backend, of the largest", error, tolerance: 5e-6 });
}

/** Energies of all environments, forces and virials. What is left of large weights that alternate in sign is allowed 1e-9 Σ|x|. */
export async function comparePredictions(cpu: Evaluator, gpu: Evaluator, structures: readonly Structure[], { centers }: Potential): Promise<Check[]> {
  const [expected, found] = [await cpu.predict(structures), await gpu.predict(structures)];
  const all = (predictions: typeof expected, key: "localEnergies" | "forces" | "virial"): Float64Array => {
    const parts = predictions.map((prediction) => prediction[key]!);
    const joined = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  };
  const weights = centers.reduce((sum, center) => sum + center.weights.reduce((part, weight) => part + Math.abs(weight), 0), 0);
  const energies = all(expected, "localEnergies");
  const scale = largestMagnitude(energies);
  return [
    { what: "environment energies against the CPU backend, of the largest", error: largestDifference(all(found, "localEnergies"), energies) / scale,
      tolerance: 5e-6 + (1e-9 * weights) / scale },
    ...(["forces", "virial"] as const).map((key) => ({
      what: `${key} against the CPU backend, of the largest`, error: relativeDifference(all(found, key), all(expected, key)), tolerance: 5e-5 + 1e-10 * weights,
    })),
  ].map(demand);
}
