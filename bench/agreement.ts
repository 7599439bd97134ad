// The GPU against the CPU backend on small awkward systems, for machines on which the tests cannot run; nothing is timed.
import { createBackend, createStructure, type Hyperparameters, type Structure } from "../src/index.js";
import { GpuBackend } from "../src/backend/gpu/gpu-backend.js";
import { largestDifference } from "../test/reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon, type PotentialOptions } from "../test/unit/backend/systems.js";
import type { Check } from "./checks.js";
import { compareFeatures, comparePredictions } from "./gpu-checks.js";

const SYSTEMS: readonly [string, () => Structure[], Hyperparameters, PotentialOptions][] = [
  [
    "silicon, n 8, l 6, ζ 4", () => [silicon(1, 0.15), silicon(1, 0.05, 4)],
    hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 8, lMax: 6 } }), { zeta: 4 },
  ],
  ["a molecule", () => [ethanol()], hyperparameters(), {}],
  ["five elements in a sheared cell, n 5", () => [crystal([1, 6, 7, 8, 14], 7)], hyperparameters({ basis: { nMax: 5, lMax: 2 } }), { zeta: 3 }],
  ["a projection, ζ 1", () => [crystal([6, 14], 4)], hyperparameters(), { components: 67, zeta: 1 }],
  ["features that are not normalized", () => [ethanol()], hyperparameters({ features: { normalize: false } }), { zeta: 1 }],
  ["the radial spectrum", () => [crystal([6, 14], 5)], hyperparameters({ features: { kind: "radial-spectrum" } }), { zeta: 5 }],
];

/** All comparisons, whether they hold or not. */
export async function checkAgreement(threads: number): Promise<Check[]> {
  const gpu = await createBackend("gpu", { threads });
  const cpu = await createBackend("cpu", { threads });
  const checks: Check[] = [];
  try {
    for (const [name, make, hyper, options] of SYSTEMS) {
      const structures = make();
      const potential = await randomPotential(cpu, structures[0]!, hyper, options);
      const [reference, evaluator] = [await cpu.createEvaluator(potential), await gpu.createEvaluator(potential)];
      const found = [await compareFeatures(cpu, gpu, structures, hyper), ...(await comparePredictions(reference, evaluator, structures, potential))];
      checks.push(...found.map((check) => ({ ...check, what: `${name}: ${check.what}` })));
      reference.destroy();
      evaluator.destroy();
    }
    checks.push(await checkChunks(gpu, threads));
    return checks;
  } finally {
    cpu.destroy();
    gpu.destroy();
  }
}

/** A few rows at a time give the same bits as all of them at once. */
async function checkChunks(gpu: { computeFeatures: GpuBackend["computeFeatures"] }, threads: number): Promise<Check> {
  const few = await GpuBackend.create({ acceptSoftware: true, threads, chunkRows: 3 });
  try {
    const structures = [ethanol(), createStructure({ species: [8], positions: [0, 0, 0] })];
    const [all, parts] = [await gpu.computeFeatures(structures, hyperparameters()), await few.computeFeatures(structures, hyperparameters())];
    return { what: "features in chunks of three rows, bit by bit", error: largestDifference(parts.values, all.values), tolerance: 0 };
  } finally {
    few.destroy();
  }
}
