// Energies, forces and virials of a resident potential, Eqs. (16), (21), (22), (70).
import { checkSpecies } from "../../features/feature-layout.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import { checkExponent } from "../../kernel/exponent.js";
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type { Evaluator, Prediction, PredictOptions } from "../backend.js";
import { collectPredictions } from "../collect-predictions.js";
import { ranges, type Part } from "./partition.js";
import type { TaskPool } from "./task-pool.js";
import { checkCommittee, uncertaintyOf } from "../uncertainty.js";
import type { RangePrediction, Task } from "./tasks.js";

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
    { signal, onProgress, forces = true, uncertainty = false }: PredictOptions = {},
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
    if (uncertainty) checkCommittee(this.#potential);
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
      for await (const part of ranges(checked())) yield { ...part, kind: "predict", forces, spread: uncertainty };
    }
    let done = 0;
    let partial: RangePrediction[] = [];
    for await (const { task, result } of this.#pool.map<PredictTask, RangePrediction[]>(this.#plan, tasks(), signal)) {
      for (let k = 0; k < result.length; k++) {
        partial.push(partial[0] ? addedTo(partial[0], result[k]!) : result[k]!);
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
    const prediction = { energy, localEnergies, forces: sum(parts.map(({ forces }) => forces)), virial: sum(parts.map(({ virial }) => virial)) };
    return parts[0]?.spread ? { ...prediction, uncertainty: uncertaintyOf(parts, species.length, this.#potential.committee!) } : prediction;
  }

  destroy(): void {
    this.#pool.removePlan(this.#plan);
  }
}

/** The part without its directions' forces, which are added to those of the first: of many ranges they would be much to keep. */
function addedTo(first: RangePrediction, part: RangePrediction): RangePrediction {
  const [to, from] = [first.spread?.forces, part.spread?.forces];
  if (!to || !from) return part;
  for (let k = 0; k < to.length; k++) to[k]! += from[k]!;
  return { ...part, spread: { energies: part.spread!.energies, forces: null } };
}

function sum(parts: readonly (Float64Array | null)[]): Float64Array | null {
  const [first, ...others] = parts;
  if (!first) return null;
  for (const other of others) for (let k = 0; k < first.length; k++) first[k]! += other![k]!;
  return first;
}
