// What has been tried, what was best, and what the budget still allows.
import type { Backend, JobOptions } from "../../backend/backend.js";
import { InputError, NumericalError } from "../../errors.js";
import { featureLayout, speciesOf } from "../../features/feature-layout.js";
import type { LinearAlgebra } from "../../linalg/linear-algebra.js";
import { createRandom } from "../../selection/random.js";
import type { LabeledStructure } from "../../structure/structure.js";
import type { FitConfiguration } from "../configuration.js";
import { isCore, termSettings } from "../term-settings.js";
import { extrapolatedNoise, type NoiseAt } from "./noise-trend.js";
import { bestNoise, COARSEST, columnWork, computeTrialRows, labelKinds, type LabelKind, type RowCost, type TrialResult } from "./trial.js";

/** What a search may cost: seconds for itself and the fit that follows, or a number of trials. */
export type TuningBudget = { readonly seconds: number } | { readonly trials: number };

/** A configuration that was tried. */
export interface Trial extends TrialResult {
  /** From 0. */
  readonly index: number;
  /** What is new in it: "cutoff.radius 5.4 → 6 Å". */
  readonly change: string;
  readonly configuration: FitConfiguration;
  /** Its cross-validated errors: "2.1 meV/atom, 60 meV/Å". */
  readonly summary: string;
  /** Whether it is the best so far. */
  readonly best: boolean;
}

/** How large trials are: rows of the kernel matrix at the most, sparse points in all. */
export interface Rung {
  readonly rows: number;
  readonly points: number;
}

/** Parts of the data, of which each is held out in turn. */
export const FOLDS = 4;
/** Gain in the logarithm of the error that is more than chance, and what a doubling of the work per atom has to gain besides. */
const GAIN = 0.004;
const PRICE_OF_WORK = 0.015;
/** Share of the seconds that one trial may take; a larger rung is made smaller until it does. */
const LONGEST_TRIAL = 0.08;
/** Seconds from which on the first trials have all of their rows. */
const UNHURRIED = 60;
/** Share of the seconds left that the rows of the fit are to take, as estimates are estimates and errors are measured, too. */
const FIT = 0.6;
/** Columns of the fit after a search by number of trials, which is to be the same on every machine. */
const COLUMNS_AFTER_TRIALS = 2000;
/** Points of a term, for predictions slow down with them; columns in all, for memory grows with their square. */
const MOST = { points: 3000, columns: 6000 };

export class Search {
  readonly reasons: string[] = [];
  trials = 0;
  readonly #backend: Backend;
  readonly #algebra: LinearAlgebra;
  readonly #order: readonly LabeledStructure[];
  readonly #species: readonly number[];
  readonly #budget: TuningBudget;
  readonly #options: JobOptions & { readonly onTrial?: (trial: Trial) => void | Promise<void>; readonly fixed?: readonly string[] };
  readonly #begin = performance.now();
  #best: (Trial & { readonly score: number }) | null = null;
  /** Labels whose σ is searched for. */
  readonly #kinds: readonly LabelKind[];
  #rung: Rung = { rows: 0, points: 0 };
  /** The best σ of the rung before and of this one, with the same settings. */
  #trend: readonly [small: NoiseAt, large: NoiseAt] | null = null;
  #folds: LabeledStructure[][] = [];
  /** Of the best trial and of the last one. */
  #cost: RowCost | null = null;
  #lastCost: RowCost | null = null;

  /** @throws InputError for a budget that is none. */
  constructor(
    backend: Backend, algebra: LinearAlgebra, data: readonly LabeledStructure[], seed: number, budget: TuningBudget,
    options: JobOptions & { readonly onTrial?: (trial: Trial) => void | Promise<void>; readonly fixed?: readonly string[] },
  ) {
    const [key, value] = "seconds" in budget ? ["seconds", budget.seconds] : ["trials", budget.trials];
    if (!(value > 0 && Number.isFinite(value))) throw new InputError("no budget for a search", { key: `budget.${key}`, expected: "a number above 0", got: String(value) });
    [this.#backend, this.#algebra, this.#budget, this.#options] = [backend, algebra, budget, options];
    this.#kinds = labelKinds.filter((kind) => !(options.fixed ?? []).some((path) => path === "noise" || path === `noise.${kind}`));
    const random = createRandom(seed);
    const shuffled = data.map((structure) => ({ structure, place: random.uniform() })).sort((a, b) => a.place - b.place);
    this.#order = shuffled.map(({ structure }) => structure);
    this.#species = speciesOf(data.map(({ structure }) => structure));
  }

  get best(): Trial {
    return this.#best!;
  }

  /** Whether a share of the budget is spent. */
  spent(share: number): boolean {
    if ("trials" in this.#budget) return this.trials >= Math.max(1, Math.round(this.#budget.trials * (share < 0.5 ? 1 : 1.2)));
    return this.#elapsed > share * this.#budget.seconds;
  }

  get #elapsed(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** From now on trials are of this size, or of a smaller one that the budget allows. */
  use(rung: Rung): void {
    let { rows, points } = rung;
    // Nothing is known of the cost of the first trials.
    if ("seconds" in this.#budget && this.#cost === null) rows *= Math.min(1, Math.max(0.25, this.#budget.seconds / UNHURRIED));
    if ("seconds" in this.#budget && this.#cost !== null) {
      const [{ preparation, constant, slope }, longest] = [this.#cost, LONGEST_TRIAL * this.#budget.seconds];
      while (preparation + rows * (constant + slope * columnWork(points)) > longest && points > this.#rung.points) [rows, points] = [0.8 * rows, 0.8 * points];
    }
    const folds = Array.from({ length: FOLDS }, (): LabeledStructure[] => []);
    let [taken, atoms] = [0, 0];
    for (const [index, labeled] of this.#order.entries()) {
      const own = rowsOf(labeled);
      // A part of the structures gives energies alone: there are few of them, and their rows cost little.
      const full = taken + own <= rows || index < 2 * FOLDS;
      if (!full && (labeled.labels.energy === null || taken > 1.1 * rows)) continue;
      folds[index % FOLDS]!.push(full ? labeled : { ...labeled, labels: { ...labeled.labels, forces: null, virial: null } });
      taken += full ? own : labeled.structure.species.length / 4;
      atoms += labeled.structure.species.length;
    }
    this.#folds = folds;
    this.#rung = { rows: taken, points: Math.min(Math.round(points), Math.floor(atoms / 2)) };
  }

  /** Tries a configuration; true where it is the best. Settings with which nothing can be fitted are not. */
  async try(configuration: FitConfiguration, change: string): Promise<boolean> {
    this.#options.signal?.throwIfAborted();
    const terms = termSettings(configuration);
    const points = Math.max(1, Math.floor(this.#rung.points / terms.length));
    const sized = withPoints(configuration, points);
    let result: TrialResult;
    try {
      const rows = await computeTrialRows(this.#backend, this.#algebra, this.#folds, sized, { signal: this.#options.signal });
      this.#lastCost = rows.cost;
      const { energy, forces, virial } = configuration.noise;
      result = bestNoise(this.#algebra, rows, this.#best?.noise ?? { energy, forces, virial }, this.#kinds, this.#best ? COARSEST / 2 : COARSEST);
    } catch (error) {
      if (!(error instanceof NumericalError) && !(error instanceof InputError && this.#best)) throw error;
      result = { noise: configuration.noise, errors: {}, loss: Infinity };
    }
    const score = result.loss + PRICE_OF_WORK * Math.log2(this.#workPerAtom(configuration));
    const affordable = this.#best === null || this.#columnsFor(this.#lastCost) >= this.#rung.points;
    const best = affordable && (this.#best === null || score < this.#best.score - GAIN);
    const { energy, forces, virial } = result.noise;
    const own = { ...configuration, noise: { ...configuration.noise, energy, forces, virial } };
    const trial = { ...result, index: this.trials++, change: affordable ? change : `${change} (too slow for the budget)`, summary: describe(result), configuration: own, best, score };
    if (best) {
      if (this.#best !== null) this.reasons.push(`${change}: ${this.#best.summary} → ${trial.summary}`);
      this.#best = trial;
      this.#cost = this.#lastCost;
    }
    await this.#options.onTrial?.(trial);
    this.#options.onProgress?.({ stage: "settings", done: Math.min(99, Math.floor(this.#percent)), total: 100 });
    return best;
  }

  /** The best configuration on the data of another rung, against which others are compared from here on. */
  async again(rung: Rung, change: string): Promise<void> {
    const small = { columns: this.#rung.points, noise: this.best.noise };
    this.use(rung);
    const before = this.#best;
    this.#best = { ...before!, score: Infinity };
    if (await this.try(before!.configuration, change)) this.#trend = [small, { columns: this.#rung.points, noise: this.best.noise }];
    else this.#best = before;
  }

  /** The best configuration with as many sparse points as what is left of the budget allows. */
  finished(free: (path: string) => boolean): FitConfiguration {
    const { configuration } = this.best;
    if (!free("sparse.count")) return configuration;
    const terms = termSettings(configuration).length;
    const environments = this.#order.reduce((sum, { structure }) => sum + structure.species.length, 0);
    const columns = Math.min(MOST.columns, this.#columnsFor(this.#cost));
    // As many as the trials had in any case: they were not chosen for fewer.
    const tried = Math.min(Math.floor(this.#rung.points / terms), Math.floor(environments / 2));
    const points = Math.max(1, tried, Math.min(MOST.points, Math.floor(columns / terms), Math.floor(environments / 2)));
    this.reasons.push(`${points} sparse points${terms > 1 ? " per term" : ""} of ${environments} environments: what the budget allows`);
    return withPoints(this.#withFinalNoise(configuration, points * terms), points);
  }

  #withFinalNoise(configuration: FitConfiguration, columns: number): FitConfiguration {
    if (this.#trend === null) return configuration;
    const noise = extrapolatedNoise(...this.#trend, configuration.noise, columns);
    const free = Object.fromEntries(this.#kinds.map((kind) => [kind, noise[kind]]));
    const smaller = this.#kinds.filter((kind) => noise[kind] < configuration.noise[kind] && this.#folds.some((fold) => fold.some(({ labels }) => labels[kind] !== null)));
    for (const kind of smaller) this.reasons.push(`noise.${kind} ${configuration.noise[kind].toPrecision(2)} → ${noise[kind].toPrecision(2)}: it fell as the points of the trials grew, and these are more`);
    return { ...configuration, noise: { ...configuration.noise, ...free } };
  }

  /** Columns of a fit to all data that what is left of the budget allows. */
  #columnsFor(cost: RowCost | null): number {
    if ("trials" in this.#budget || cost === null) return COLUMNS_AFTER_TRIALS;
    const rows = this.#order.reduce((sum, labeled) => sum + rowsOf(labeled), 0);
    const seconds = FIT * (this.#budget.seconds - this.#elapsed) - 1.5 * cost.preparation;
    return Math.sqrt(Math.max(0, seconds / rows - cost.constant) / cost.slope + 750 ** 2) - 750;
  }

  get #percent(): number {
    return "trials" in this.#budget ? (100 * this.trials) / this.#budget.trials : (100 * this.#elapsed) / this.#budget.seconds;
  }

  /** Pairs go with the volume of the cutoff, what is done for each with the root of the number of features. */
  #workPerAtom(configuration: FitConfiguration): number {
    return termSettings(configuration).reduce((sum, term) => sum + term.cutoff.radius ** 3 * Math.sqrt(featureLayout(term, this.#species).size), 0);
  }
}

function rowsOf({ structure, labels }: LabeledStructure): number {
  return Number(labels.energy !== null) + (labels.forces ? 3 * structure.species.length : 0) + (labels.virial ? 6 : 0);
}

function withPoints(configuration: FitConfiguration, count: number): FitConfiguration {
  const sparse = { ...configuration.sparse, count };
  return { ...configuration, sparse, terms: configuration.terms?.map((term) => (isCore(term) ? term : { ...term, sparse })) ?? null };
}

function describe({ errors: { energy, forces, virial } }: TrialResult): string {
  const parts = [
    energy !== undefined && `${(1000 * energy).toPrecision(3)} meV/atom`, forces !== undefined && `${(1000 * forces).toPrecision(3)} meV/Å`,
    energy === undefined && forces === undefined && virial !== undefined && `${(1000 * virial).toPrecision(3)} meV/atom (virial)`,
  ];
  return parts.filter((part) => part !== false).join(", ") || "no fit";
}
