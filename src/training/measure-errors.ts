// Errors of a potential on labelled data: mean absolute and root mean square, overall and per configuration type.
import type { Backend, JobOptions, Prediction } from "../backend/backend.js";
import { NumericalError } from "../errors.js";
import type { Potential } from "../model/potential.js";
import type { LabeledStructure } from "../structure/structure.js";
import { checkLabels } from "./check-labels.js";

/** Energies and virials in eV/atom, forces in eV/Å per component; null where nothing is labelled. */
export interface ErrorStatistics {
  readonly structures: number;
  readonly atoms: number;
  readonly energy_mae: number | null;
  readonly energy_rmse: number | null;
  readonly force_mae: number | null;
  readonly force_rmse: number | null;
  readonly virial_mae: number | null;
  readonly virial_rmse: number | null;
}

/** The errors among the statistics. */
export const errorNames = ["energy_mae", "energy_rmse", "force_mae", "force_rmse", "virial_mae", "virial_rmse"] as const;
export type ErrorName = (typeof errorNames)[number];

export interface ErrorReport extends ErrorStatistics {
  readonly by_config_type: Readonly<Record<string, ErrorStatistics>>;
}

/** What is compared with labels. */
export type LabelPrediction = Pick<Prediction, "energy" | "forces" | "virial">;

class Sums {
  #count = 0;
  #absolute = 0;
  #square = 0;

  add(error: number): void {
    this.#count++;
    this.#absolute += Math.abs(error);
    this.#square += error * error;
  }

  get mae(): number | null {
    return this.#count === 0 ? null : this.#absolute / this.#count;
  }

  get rmse(): number | null {
    return this.#count === 0 ? null : Math.sqrt(this.#square / this.#count);
  }
}

class Tally {
  readonly #energy = new Sums();
  readonly #force = new Sums();
  readonly #virial = new Sums();
  #structures = 0;
  #atoms = 0;

  add({ structure, labels }: LabeledStructure, prediction: LabelPrediction): void {
    const atoms = structure.species.length;
    this.#structures++;
    this.#atoms += atoms;
    if (labels.energy !== null && atoms > 0) this.#energy.add((prediction.energy - labels.energy) / atoms);
    // What is NaN in a label is not there; forces and virials may not have been asked for.
    const { forces, virial } = prediction;
    if (forces) labels.forces?.forEach((force, k) => Number.isNaN(force) || this.#force.add(forces[k]! - force));
    if (virial) labels.virial?.forEach((label, k) => Number.isNaN(label) || this.#virial.add((virial[k]! - label) / atoms));
  }

  get statistics(): ErrorStatistics {
    return {
      structures: this.#structures,
      atoms: this.#atoms,
      energy_mae: this.#energy.mae,
      energy_rmse: this.#energy.rmse,
      force_mae: this.#force.mae,
      force_rmse: this.#force.rmse,
      virial_mae: this.#virial.mae,
      virial_rmse: this.#virial.rmse,
    };
  }
}

/** Errors that are summed up structure by structure, for predictions that are not kept. */
export class ErrorTally {
  readonly #overall = new Tally();
  readonly #byType = new Map<string, Tally>();

  /** Forces and virials count where they are both labelled and predicted. */
  add(labeled: LabeledStructure, prediction: LabelPrediction): void {
    const { configType } = labeled.labels;
    const tally = this.#byType.get(configType) ?? new Tally();
    this.#byType.set(configType, tally);
    tally.add(labeled, prediction);
    this.#overall.add(labeled, prediction);
  }

  /** Errors of what was added so far. */
  get report(): ErrorReport {
    return { ...this.#overall.statistics, by_config_type: Object.fromEntries([...this.#byType].map(([type, tally]) => [type, tally.statistics])) };
  }
}

/** @throws NumericalError when an error is not finite, which sound models and finite labels do not give. */
export function checkErrors(errors: ErrorReport): void {
  const bad = Object.entries(errors).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  if (bad) throw new NumericalError("the errors are not finite", { key: bad[0], expected: "a sound model", got: String(bad[1]) });
}

/**
 * Predicts labelled structures and compares.
 * @throws InputError on labels beyond what a fit can carry; NumericalError when a prediction is not finite.
 */
export async function measureErrors(
  backend: Backend,
  potential: Potential,
  data: readonly LabeledStructure[],
  options: JobOptions = {},
): Promise<{ errors: ErrorReport; predictions: Prediction[] }> {
  checkLabels(data);
  const evaluator = await backend.createEvaluator(potential);
  try {
    // Forces cost several times an energy; without anything to compare them with they are left out.
    const forces = data.some(({ labels }) => labels.forces !== null || labels.virial !== null);
    const predictions = await evaluator.predict(
      data.map(({ structure }) => structure),
      { ...options, forces },
    );
    const errors = errorReport(data, predictions);
    checkErrors(errors);
    return { errors, predictions };
  } finally {
    evaluator.destroy();
  }
}

/** Compares predictions with labels, structure by structure in the same order. */
export function errorReport(data: readonly LabeledStructure[], predictions: readonly LabelPrediction[]): ErrorReport {
  const tally = new ErrorTally();
  data.forEach((labeled, index) => tally.add(labeled, predictions[index]!));
  return tally.report;
}
