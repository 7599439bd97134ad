// A potential on the GPU whose uncertainties are the work of a CPU: differences of members with large weights need float64.
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type { Evaluator, Prediction, PredictOptions } from "../backend.js";
import { collectPredictions } from "../collect-predictions.js";
import { checkCommittee } from "../uncertainty.js";

export class UncertainEvaluator implements Evaluator {
  readonly #potential: Potential;
  readonly #gpu: Evaluator;
  readonly #createExact: () => Promise<Evaluator>;
  #exact: Promise<Evaluator> | null = null;

  /** Takes over the evaluator of the GPU; `createExact` makes that of the CPU when uncertainties are first asked for. */
  constructor(potential: Potential, gpu: Evaluator, createExact: () => Promise<Evaluator>) {
    this.#potential = potential;
    this.#gpu = gpu;
    this.#createExact = createExact;
  }

  predict(structures: readonly Structure[], options: PredictOptions = {}): Promise<Prediction[]> {
    return options.uncertainty ? collectPredictions(this, structures, options) : this.#gpu.predict(structures, options);
  }

  async *predictStream(
    structures: Iterable<Structure> | AsyncIterable<Structure>, options: PredictOptions = {},
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
    if (!options.uncertainty) return yield* this.#gpu.predictStream(structures, options);
    checkCommittee(this.#potential);
    yield* (await (this.#exact ??= this.#createExact())).predictStream(structures, options);
  }

  destroy(): void {
    this.#gpu.destroy();
    void this.#exact?.then((exact) => exact.destroy());
    this.#exact = null;
  }
}
