// Energies, forces and virials of a resident potential, Eqs. (16), (21), (22), (70).
import { checkSpecies } from "../../features/feature-layout.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import { checkExponent } from "../../kernel/exponent.js";
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type { Evaluator, JobOptions, Prediction } from "../backend.js";
import { collectPredictions } from "../collect-predictions.js";
import { ranges, type Part } from "./partition.js";
import type { TaskPool } from "./task-pool.js";
import type { RangePrediction, Task } from "./tasks.js";

type PredictOptions = JobOptions & { readonly forces?: boolean };
type PredictTask = Extract<Task, { kind: "predict" }> & Part;

export class CpuEvaluator implements Evaluator {
  readonly #pool: TaskPool;
  readonly #potential: Potential;
  readonly #plan: number;

  constructor(pool: TaskPool, potential: Potential) {
    for (const { hyperparameters, zeta } of potential.terms) {
      validateHyperparameters(hyperparameters);
      checkExponent(zeta);
    }
    this.#pool = pool;
    this.#potential = potential;
    this.#plan = pool.addPlan({ kind: "potential", potential });
  }

  predict(structures: readonly Structure[], options: PredictOptions = {}): Promise<Prediction[]> {
    return collectPredictions(this, structures, options);
  }

  async *predictStream(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    { signal, onProgress, forces = true }: PredictOptions = {},
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
    const inFlight: Structure[] = [];
    const known = this.#potential.species;
    async function* checked(): AsyncGenerator<Structure> {
      let index = 0;
      for await (const structure of structures) {
        checkSpecies(structure, known, index++);
        inFlight.push(structure);
        yield structure;
      }
    }
    async function* tasks(): AsyncGenerator<PredictTask> {
      for await (const part of ranges(checked())) yield { ...part, kind: "predict", forces };
    }
    let done = 0;
    let partial: RangePrediction[] = [];
    for await (const { task, result } of this.#pool.map<PredictTask, RangePrediction[]>(this.#plan, tasks(), signal)) {
      for (let k = 0; k < result.length; k++) {
        partial.push(result[k]!);
        // The ranges of one structure come one after the other; the last one completes it.
        if (task.structures[k]!.end < task.structures[k]!.species.length) continue;
        const structure = inFlight.shift()!;
        yield { structure, prediction: this.#complete(structure, partial) };
        partial = [];
        done++;
        onProgress?.({ stage: "prediction", done, total: done });
      }
    }
  }

  #complete({ species }: Structure, parts: readonly RangePrediction[]): Prediction {
    const { baseline } = this.#potential;
    const localEnergies = new Float64Array(species.length);
    let at = 0;
    for (const part of parts) {
      localEnergies.set(part.localEnergies, at);
      at += part.localEnergies.length;
    }
    let energy = 0;
    for (let atom = 0; atom < species.length; atom++) {
      localEnergies[atom]! += baseline.get(species[atom]!) ?? 0;
      energy += localEnergies[atom]!;
    }
    return { energy, localEnergies, forces: sum(parts.map(({ forces }) => forces)), virial: sum(parts.map(({ virial }) => virial)) };
  }

  destroy(): void {
    this.#pool.removePlan(this.#plan);
  }
}

function sum(parts: readonly (Float64Array | null)[]): Float64Array | null {
  const [first, ...others] = parts;
  if (!first) return null;
  for (const other of others) for (let k = 0; k < first.length; k++) first[k]! += other![k]!;
  return first;
}
