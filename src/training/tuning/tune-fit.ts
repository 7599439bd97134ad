/**
 * A configuration found for the data: a start from distances and elements, then one setting after the other by cross-validation on small parts of the
 * data, then terms and σ on a larger part, and at last as many sparse points as the budget allows.
 */
import type { Backend, JobOptions } from "../../backend/backend.js";
import { InputError } from "../../errors.js";
import { speciesOf } from "../../features/feature-layout.js";
import { createLinearAlgebra } from "../../linalg/linear-algebra.js";
import type { LabeledStructure } from "../../structure/structure.js";
import { checkLabels } from "../check-labels.js";
import { defaultFitConfiguration, type FitConfiguration } from "../configuration.js";
import { parseFitConfiguration } from "../configuration-schema.js";
import { coresOf, withoutCores } from "../core-settings.js";
import { moves, type Move } from "./moves.js";
import { FOLDS, Search, type Rung, type Trial, type TuningBudget } from "./search.js";
import { startingPoint } from "./starting-point.js";
import { extraTerms } from "./extra-terms.js";

export interface TuningOptions extends JobOptions {
  /** Five minutes by default. With a number of trials the same seed gives the same result on every machine. */
  readonly budget?: TuningBudget;
  /** Which structures serve for the trials; 1 by default. */
  readonly seed?: number;
  /** What is not tuned: keys, baseline, solver, compression, how sparse points are chosen; the defaults by default. */
  readonly given?: FitConfiguration;
  /** Paths of settings ("cutoff.radius", "noise") that stay as they are in `given`. */
  readonly fixed?: readonly string[];
  /** Hears of every trial, so that the best so far is known at any moment. */
  readonly onTrial?: (trial: Trial) => void | Promise<void>;
}

export interface TuningResult {
  /** For `fitPotential`, with the number of sparse points for what is left of the budget. */
  readonly configuration: FitConfiguration;
  /** Why, a sentence each. */
  readonly reasons: readonly string[];
  readonly trials: number;
}

/** Rows and sparse points of the trials: of every setting, then of terms and σ. */
const SMALL: Rung = { rows: 6000, points: 400 };
const LARGE: Rung = { rows: 24_000, points: 1200 };
/** Shares of the budget: until when settings are moved, and until when terms are tried; the rest is the fit's. */
const MOVING = 0.25;
const TERMS = 0.5;

/**
 * Finds settings for a fit to these data.
 * @throws InputError for data without labels or fewer than eight labelled structures, and for a budget that is none.
 */
export async function tuneFit(backend: Backend, data: readonly LabeledStructure[], options: TuningOptions = {}): Promise<TuningResult> {
  const { budget = { seconds: 300 }, seed = 1, given = defaultFitConfiguration, fixed = [] } = options;
  checkLabels(data);
  const labeled = data.filter(({ labels }) => labels.energy !== null || labels.forces || labels.virial);
  if (labeled.length < 2 * FOLDS) {
    throw new InputError("too few labelled structures to choose settings by", { expected: `${2 * FOLDS} or more, or settings of your own`, got: String(labeled.length) });
  }
  const species = speciesOf(labeled.map(({ structure }) => structure));
  const { data: fitted } = withoutCores(labeled, species, coresOf(given, species));
  const search = new Search(backend, await createLinearAlgebra(), fitted, seed, budget, options);
  const free = (path: string): boolean => !fixed.some((own) => own === path || path.startsWith(`${own}.`) || own.startsWith(`${path}.`));
  const start = startingPoint(labeled, parseFitConfiguration(given), free);
  search.use(SMALL);
  await search.try(start.configuration, "start");
  if (given.terms === null) await moveSettings(search, moves.filter(({ key }) => free(key)));
  await search.again(LARGE, "the same on more data");
  for (const [name, term] of extraTerms(search.best.configuration, labeled)) {
    if (search.spent(TERMS) || given.terms !== null || !free("features")) break;
    const { configuration } = search.best;
    await search.try({ ...configuration, terms: [...(configuration.terms ?? [ownTerm(configuration)]), term] }, `a ${name} beside it`);
  }
  return { configuration: search.finished(free), reasons: [...start.reasons, ...search.reasons], trials: search.trials };
}

function ownTerm({ cutoff, density, basis, features, optimalBasis, pseudoElements, kernel, compression, sparse }: FitConfiguration): NonNullable<FitConfiguration["terms"]>[number] {
  return { cutoff, density, basis, features, optimalBasis, pseudoElements, kernel, compression, sparse };
}

/** One setting after the other, by coarse and then by fine steps, until none helps or the time for it is over. */
async function moveSettings(search: Search, own: readonly Move[]): Promise<void> {
  const directions = new Map<string, 1 | -1>();
  for (const level of [0, 1]) {
    let still = 0;
    while (still < own.length) {
      for (const move of own) {
        still++;
        const first = directions.get(move.key) ?? 1;
        for (const direction of [first, first === 1 ? -1 : 1] as const) {
          if (search.spent(MOVING)) return;
          const from = search.best.configuration;
          const next = move.next(from, direction, level);
          if (!next) continue;
          const better = await search.try(next, `${move.key} ${move.read(from)} → ${move.read(next)}${move.unit === "" ? "" : ` ${move.unit}`}`);
          if (!better) continue;
          // What helped once may help again.
          directions.set(move.key, direction);
          still = 0;
          break;
        }
        if (still >= own.length) break;
      }
    }
  }
}
