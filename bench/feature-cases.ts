// features-si512 and features-mol200: power spectra of all atoms, from positions to the array of features.
import { createBackend, type Backend, type Hyperparameters, type Structure } from "../src/index.js";
import { speciesOf } from "../src/features/feature-layout.js";
import { checkFeatures, demand, type Check } from "./checks.js";
import { compareFeatures } from "./gpu-checks.js";
import { listSizeOf } from "./gpu-list-operations.js";
import { featurePasses } from "./gpu-operations.js";
import { measurePasses } from "./gpu-passes.js";
import { featureCount, featureOperations, trafficBytes } from "./operations.js";
import { peakMemory } from "./process-meter.js";
import type { PassReport, RateReport } from "./result.js";
import { passRepetitions, type Setting } from "./setting.js";
import { environmentsOf } from "./systems.js";
import { measure } from "./timing.js";

export async function runFeatures(
  name: string, structures: readonly Structure[], hyperparameters: Hyperparameters, setting: Setting,
): Promise<RateReport> {
  const { basis, features: { normalize } } = hyperparameters;
  const backend = await createBackend(setting.kind, { threads: setting.threads });
  try {
    const isCpu = setting.kind === "cpu";
    const check = await (isCpu ? checkFeatures(backend, structures[0]!, hyperparameters) : againstCpu(backend, structures, hyperparameters));
    const environments = environmentsOf(structures, hyperparameters);
    const operations = environments.reduce((sum, environment) => sum + featureOperations(basis, environment, normalize), 0);
    const traffic = environments.reduce((sum, environment) => sum + trafficBytes(environment, featureCount(basis, environment)), 0);
    const { minimum, median, repetitions, busyCores } = await measure(() => backend.computeFeatures(structures, hyperparameters), setting.budget);
    const atoms = environments.length;
    return {
      name, backend: backend.kind, threads: backend.threads, atoms,
      ms_per_atom: (1000 * minimum) / atoms, ms_per_atom_median: (1000 * median) / atoms, ms_per_call: 1000 * minimum,
      gflops: operations / minimum / 1e9, operations_per_atom: operations / atoms, bytes_per_atom: traffic / atoms,
      peak_rss_mb: peakMemory(), repetitions, busy_cores: busyCores, checks: [check],
      ...(setting.kind === "gpu" && { passes: await passesOf(structures, hyperparameters, setting) }),
    };
  } finally {
    backend.destroy();
  }
}

async function againstCpu(gpu: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters): Promise<Check> {
  const cpu = await createBackend("cpu", { threads: gpu.threads });
  try {
    return demand(await compareFeatures(cpu, gpu, structures, hyperparameters));
  } finally {
    cpu.destroy();
  }
}

function passesOf(structures: readonly Structure[], hyperparameters: Hyperparameters, setting: Setting): Promise<PassReport[]> {
  const lists = listSizeOf(structures, hyperparameters.cutoff.radius);
  const counts = featurePasses(hyperparameters, speciesOf(structures), environmentsOf(structures, hyperparameters), lists);
  const budget = { ...setting, repetitions: passRepetitions(setting) };
  return measurePasses(budget, counts, async (backend) => () => backend.computeFeatures(structures, hyperparameters));
}
