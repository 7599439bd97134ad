// ∂(Σ_i g_i · p_i)/∂r of a structure for one or several g, Eq. (21): the reverse pass of the features alone.
import type { WasmKernels } from "../../linalg/wasm-kernels.js";
import { createBatches, createEnvironments, type TaskStructure } from "./environments.js";
import type { FeaturePass } from "./feature-pass.js";
import { addPairForces } from "./pair-force-sums.js";

/**
 * @param gradients g, [output][center][feature]
 * @returns [output][atom][xyz]
 */
export function featureAdjoints(kernels: WasmKernels, features: FeaturePass, structure: TaskStructure, gradients: Float64Array): Float64Array {
  const { size } = features.plan.layout;
  const atoms = structure.species.length;
  const outputs = atoms === 0 ? 0 : gradients.length / (atoms * size);
  const out = new Float64Array(outputs * 3 * atoms);
  const virial = new Float64Array(9);
  const start = kernels.mark();
  const environments = createEnvironments(structure, features.plan);
  features.load(environments);
  const mark = kernels.mark();
  for (const batch of createBatches(environments, features.plan)) {
    features.forward(batch);
    const { stride, runs } = features;
    const gradient = features.reserve(batch.members.length * stride);
    const behind = kernels.mark();
    for (let output = 0; output < outputs; output++) {
      const rows = kernels.float64(gradient, batch.members.length * stride).fill(0);
      batch.members.forEach((center, member) => {
        const from = (output * atoms + center) * size;
        for (const { packed, full, size: length } of runs) rows.set(gradients.subarray(from + full, from + full + length), member * stride + packed);
      });
      const forces = out.subarray(3 * atoms * output, 3 * atoms * (output + 1));
      features.backward(gradient, (member, pair, pairForces) => addPairForces(environments, batch.members[member]!, pair, pairForces, forces, virial));
      kernels.release(behind);
    }
    kernels.release(mark);
  }
  kernels.release(start);
  // Forces are minus the derivative.
  for (let k = 0; k < out.length; k++) out[k] = -out[k]!;
  return out;
}
