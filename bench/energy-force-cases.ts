// energy-forces-…: energy, forces and virial of one structure with a resident potential; step-…: of another one every time, as in molecular
// dynamics.
import { createBackend, type Backend, type Evaluator, type Potential, type Term, type Structure } from "../src/index.js";
import { checkEnergy, checkForces, demand, type Check } from "./checks.js";
import { comparePredictions } from "./gpu-checks.js";
import { listSizeOf } from "./gpu-list-operations.js";
import { energyForcePasses } from "./gpu-operations.js";
import { measurePasses } from "./gpu-passes.js";
import { energyForceOperations, trafficBytes, type Environment } from "./operations.js";
import { peakMemory } from "./process-meter.js";
import type { PassReport, RateReport } from "./result.js";
import { passRepetitions, type Setting } from "./setting.js";
import { environmentsOf } from "./systems.js";
import { measure } from "./timing.js";

/** Energy, three components of a force, and the virial's nine once per structure. */
const RESULTS = 4;

/** Makes the potential (of one element) and says where it came from. */
export type Prepare = (cpu: Backend) => Promise<{ potential: Potential; model: string }>;

/** @param steps one structure, or several of the same atoms, which take turns */
export async function runEnergyForces(name: string, steps: readonly Structure[], prepare: Prepare, setting: Setting): Promise<RateReport> {
  const { kind, threads, budget } = setting;
  // A GPU that cannot be had leaves no workers behind.
  const backend = await createBackend(kind, { threads });
  const cpu = kind === "cpu" ? backend : await createBackend("cpu", { threads });
  try {
    const { potential, model } = await prepare(cpu);
    const evaluator = await backend.createEvaluator(potential);
    const checks = await check(cpu, backend, evaluator, potential, steps);
    const { hyperparameters, centers: [center] } = potential.terms[0]!;
    const { basis, features: { normalize } } = hyperparameters;
    const size = kernelSize(potential.terms[0]!);
    const environments = environmentsOf(steps, hyperparameters);
    const atoms = steps[0]!.species.length;
    const operations = environments.reduce((sum, environment) => sum + energyForceOperations(basis, environment, normalize, size), 0) / steps.length;
    const traffic = environments.reduce((sum, environment) => sum + trafficBytes(environment, RESULTS), 0) / steps.length;
    const next = inTurn(steps);
    const energy = await measure(() => evaluator.predict(next(), { forces: false }), budget);
    const { minimum, median, repetitions, busyCores } = await measure(() => evaluator.predict(next()), budget);
    return {
      name, backend: backend.kind, threads: backend.threads, atoms,
      ms_per_atom: (1000 * minimum) / atoms, ms_per_atom_median: (1000 * median) / atoms, ms_per_call: 1000 * minimum,
      energy_ms_per_atom: (1000 * energy.minimum) / atoms,
      gflops: operations / minimum / 1e9, operations_per_atom: operations / atoms, bytes_per_atom: traffic / atoms,
      peak_rss_mb: peakMemory(), repetitions, busy_cores: busyCores, checks,
      model: `${model}; ${size.points} sparse points, ${center!.size} ${center!.projection ? "components" : "features"}`,
      ...(kind === "gpu" && { passes: await passesOf(potential, steps[0]!, environments.slice(0, atoms), setting) }),
    };
  } finally {
    backend.destroy();
    cpu.destroy();
  }
}

function check(cpu: Backend, backend: Backend, evaluator: Evaluator, potential: Potential, steps: readonly Structure[]): Promise<Check[]> {
  return cpu === backend ? checkItself(cpu, evaluator, potential, steps[0]!) : checkAgainst(cpu, evaluator, potential, [steps[0]!, steps.at(-1)!]);
}

async function checkItself(cpu: Backend, evaluator: Evaluator, potential: Potential, structure: Structure): Promise<Check[]> {
  return [await checkEnergy(cpu, evaluator, potential, structure), await checkForces(evaluator, structure, potential)];
}

async function checkAgainst(cpu: Backend, evaluator: Evaluator, potential: Potential, structures: readonly Structure[]): Promise<Check[]> {
  const reference = await cpu.createEvaluator(potential);
  try {
    return (await comparePredictions(reference, evaluator, [...new Set(structures)], potential)).map(demand);
  } finally {
    reference.destroy();
  }
}

function inTurn(steps: readonly Structure[]): () => Structure[] {
  let turn = 0;
  return () => [steps[turn++ % steps.length]!];
}

function kernelSize({ centers: [center], zeta }: Term): { components: number | null; points: number; zeta: number } {
  return { components: center!.projection ? center!.size : null, points: center!.weights.length, zeta };
}

/** Of the first structure, whose environments were counted. */
function passesOf(potential: Potential, structure: Structure, environments: readonly Environment[], setting: Setting): Promise<PassReport[]> {
  const term = potential.terms[0]!;
  const lists = listSizeOf([structure], term.hyperparameters.cutoff.radius);
  const counts = energyForcePasses(term.hyperparameters, potential.species, environments, lists, kernelSize(term));
  return measurePasses({ ...setting, repetitions: passRepetitions(setting) }, counts, async (backend) => {
    const evaluator = await backend.createEvaluator(potential);
    return () => evaluator.predict([structure]);
  });
}
