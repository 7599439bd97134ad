// Energies, forces and virials of a potential on the GPU; the sums over structures in float64 on the host.
import { NumericalError } from "../../errors.js";
import { checkSpecies } from "../../features/feature-layout.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import { checkExponent } from "../../kernel/exponent.js";
import { collapsed } from "../../kernel/linear-term.js";
import type { Potential } from "../../model/potential.js";
import { locating, originOf } from "../../structure/origin.js";
import type { Structure } from "../../structure/structure.js";
import type { Evaluator, Prediction, PredictOptions } from "../backend.js";
import { collectPredictions } from "../collect-predictions.js";
import { pairSums } from "../pair-terms.js";
import type { BatchPipeline, BatchResults } from "./batch-pipeline.js";
import type { GpuContext } from "./context.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import { PairPipeline } from "./pair-pipeline.js";
import { PotentialPipeline } from "./potential-pipeline.js";

export class GpuEvaluator implements Evaluator {
  readonly #potential: Potential;
  readonly #pipeline: BatchPipeline;
  /** By element index: what the energies of the GPU leave out, and the baseline; eV. */
  readonly #constants: Float64Array;
  readonly #baselines: Float64Array;

  private constructor(potential: Potential, pipeline: BatchPipeline) {
    this.#potential = potential;
    this.#pipeline = pipeline;
    this.#constants = Float64Array.from(pipeline.constants);
    this.#baselines = Float64Array.from(pipeline.limits.species, (z) => potential.baseline.get(z) ?? 0);
  }

  /** @param potential of one term, or of functions of pairs alone (`residentParts`) */
  static async create(context: GpuContext, potential: Potential, rowLimit: number): Promise<GpuEvaluator> {
    const pairs = pairSums(potential);
    if (pairs) return new GpuEvaluator(potential, await PairPipeline.create(context, pairs));
    const term = potential.terms[0]!;
    validateHyperparameters(term.hyperparameters);
    checkExponent(term.zeta);
    return new GpuEvaluator(potential, await PotentialPipeline.create(context, potential.species, { ...term, centers: collapsed(term.centers, term.zeta) }, rowLimit));
  }

  predict(structures: readonly Structure[], options: PredictOptions = {}): Promise<Prediction[]> {
    return collectPredictions(this, structures, options);
  }

  async *predictStream(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    { signal, onProgress, forces = true }: PredictOptions = {},
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
    const known = this.#potential.species;
    const inFlight: Structure[] = [];
    async function* checked(): AsyncGenerator<Structure> {
      let index = 0;
      for await (const structure of structures) {
        const origin = originOf(structure, index);
        checkSpecies(structure, known, index++);
        inFlight.push(structure);
        yield { ...structure, origin };
      }
    }
    let done = 0;
    const finish = async function* (
      this: GpuEvaluator,
      batch: EnvironmentBatch,
      results: Promise<BatchResults>,
    ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
      const values = await results;
      signal?.throwIfAborted();
      for (let s = 0; s < batch.structures.length; s++) {
        const prediction = locating(batch.structures[s]!, () => this.#complete(batch, s, values, forces));
        yield { structure: inFlight.shift()!, prediction };
        done++;
        onProgress?.({ stage: "prediction", done, total: done });
      }
    }.bind(this);
    // While the GPU works on one batch, the host prepares the next.
    let before: [EnvironmentBatch, Promise<BatchResults>] | null = null;
    for await (const batch of environmentBatches(checked(), this.#pipeline.limits)) {
      signal?.throwIfAborted();
      const results = this.#pipeline.predict(batch, forces);
      // Its failure is seen when its turn comes; until then it must not count as unhandled.
      results.catch(() => undefined);
      if (before) yield* finish(...before);
      before = [batch, results];
    }
    if (before) yield* finish(...before);
    signal?.throwIfAborted();
  }

  #complete({ firstAtoms, elements }: EnvironmentBatch, s: number, results: BatchResults, withForces: boolean): Prediction {
    const [first, end] = [firstAtoms[s]!, firstAtoms[s + 1]!];
    const localEnergies = new Float64Array(end - first);
    const energy = this.#addUp(results.energies, elements, first, localEnergies);
    const forces = withForces ? new Float64Array(3 * (end - first)) : null;
    const virial = withForces ? new Float64Array(9) : null;
    const isSound = forces === null || copyFinite(results.forces, 3 * first, forces);
    if (virial) for (let k = 9 * results.segments[s]!; k < 9 * results.segments[s + 1]!; k++) virial[k % 9]! += results.virials[k]!;
    if (!Number.isFinite(energy) || !isSound) {
      throw new NumericalError("an environment energy or force is not finite", {
        expected: "finite coordinates and a sound model whose numbers fit into float32",
      });
    }
    return { energy, localEnergies, forces, virial };
  }

  /** Energies of the environments of a structure, whose atoms begin at `first`. @returns their sum */
  #addUp(energies: Float32Array, elements: Uint8Array, first: number, localEnergies: Float64Array): number {
    const [constants, baselines] = [this.#constants, this.#baselines];
    let sum = 0;
    for (let atom = 0; atom < localEnergies.length; atom++) {
      const element = elements[first + atom]!;
      const at = 2 * (first + atom);
      const local = (energies[at + 1]! === 0 ? 0 : constants[element]! + energies[at]!) + baselines[element]!;
      localEnergies[atom] = local;
      sum += local;
    }
    return sum;
  }

  destroy(): void {
    this.#pipeline.destroy();
  }
}

/** Fills `to` with the numbers from `first` on. @returns whether all of them are finite */
function copyFinite(from: Float32Array, first: number, to: Float64Array): boolean {
  let isFinite = true;
  for (let k = 0; k < to.length; k++) {
    const value = from[first + k]!;
    to[k] = value;
    // A callback for each number would take longer than the copy.
    if (!(Math.abs(value) < Infinity)) isFinite = false;
  }
  return isFinite;
}
