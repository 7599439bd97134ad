// energy-forces-si512-…: energy, forces and virial of one structure with a resident potential, as in molecular dynamics.
import { createBackend, type Backend, type Potential, type Structure } from "../src/index.js";
import { checkEnergy, checkForces } from "./checks.js";
import { energyForceOperations, trafficBytes } from "./operations.js";
import type { RateReport } from "./result.js";
import { environmentsOf } from "./systems.js";
import { measure, peakMemory, type Budget } from "./timing.js";

/** Energy, three components of a force, and the virial's nine once per structure. */
const RESULTS = 4;

type Prepare = (backend: Backend) => Promise<{ potential: Potential; model: string }>;

/** `prepare` makes the potential (of one element) and says where it came from. */
export async function runEnergyForces(name: string, structure: Structure, prepare: Prepare, threads: number, budget?: Budget): Promise<RateReport> {
  const backend = await createBackend("cpu", { threads });
  try {
    const { potential, model } = await prepare(backend);
    const evaluator = await backend.createEvaluator(potential);
    const checks = [await checkEnergy(backend, evaluator, potential, structure), await checkForces(evaluator, structure, potential)];
    const { hyperparameters, zeta, centers: [center] } = potential;
    const { basis, features: { normalize } } = hyperparameters;
    const size = { components: center!.projection ? center!.size : null, points: center!.weights.length, zeta };
    const environments = environmentsOf([structure], hyperparameters);
    const atoms = environments.length;
    const operations = environments.reduce((sum, environment) => sum + energyForceOperations(basis, environment, normalize, size), 0);
    const traffic = environments.reduce((sum, environment) => sum + trafficBytes(environment, RESULTS), 0);
    const energy = await measure(() => evaluator.predict([structure], { forces: false }), budget);
    const { minimum, median, repetitions, busyCores } = await measure(() => evaluator.predict([structure]), budget);
    return {
      name, backend: backend.kind, threads: backend.threads, atoms,
      ms_per_atom: (1000 * minimum) / atoms, ms_per_atom_median: (1000 * median) / atoms, energy_ms_per_atom: (1000 * energy.minimum) / atoms,
      gflops: operations / minimum / 1e9, operations_per_atom: operations / atoms, bytes_per_atom: traffic / atoms,
      peak_rss_mb: peakMemory(), repetitions, busy_cores: busyCores, checks,
      model: `${model}; ${size.points} sparse points, ${center!.size} ${center!.projection ? "components" : "features"}`,
    };
  } finally {
    backend.destroy();
  }
}
