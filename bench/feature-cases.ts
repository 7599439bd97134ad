// features-si512 and features-mol200: power spectra of all atoms, from positions to the array of features.
import { createBackend, type Hyperparameters, type Structure } from "../src/index.js";
import { checkFeatures } from "./checks.js";
import { featureCount, featureOperations, trafficBytes } from "./operations.js";
import type { RateReport } from "./result.js";
import { environmentsOf } from "./systems.js";
import { measure, peakMemory, type Budget } from "./timing.js";

export async function runFeatures(
  name: string, structures: readonly Structure[], hyperparameters: Hyperparameters, threads: number, budget?: Budget,
): Promise<RateReport> {
  const { basis, features: { normalize } } = hyperparameters;
  const backend = await createBackend("cpu", { threads });
  try {
    const check = await checkFeatures(backend, structures[0]!, hyperparameters);
    const environments = environmentsOf(structures, hyperparameters);
    const operations = environments.reduce((sum, environment) => sum + featureOperations(basis, environment, normalize), 0);
    const traffic = environments.reduce((sum, environment) => sum + trafficBytes(environment, featureCount(basis, environment)), 0);
    const { minimum, median, repetitions, busyCores } = await measure(() => backend.computeFeatures(structures, hyperparameters), budget);
    const atoms = environments.length;
    return {
      name, backend: backend.kind, threads: backend.threads, atoms,
      ms_per_atom: (1000 * minimum) / atoms, ms_per_atom_median: (1000 * median) / atoms,
      gflops: operations / minimum / 1e9, operations_per_atom: operations / atoms, bytes_per_atom: traffic / atoms,
      peak_rss_mb: peakMemory(), repetitions, busy_cores: busyCores, checks: [check],
    };
  } finally {
    backend.destroy();
  }
}
