/**
 * Learning curves: errors on a fixed test set of fits to random subsets of growing size (Musil and Ceriotti, CHIMIA 73, 972 (2019), Fig. 2). The subsets
 * of a repeat are nested, each the beginning of one random order; mean and standard deviation run over the repeats, which draw orders of their own.
 *
 * Isolated atoms from which a fit takes the zero of energy are in every subset and are not counted.
 */
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError, type DataWarning } from "../errors.js";
import { createRandom } from "../selection/random.js";
import { withOrigins } from "../structure/origin.js";
import { symbolOf } from "../structure/elements.js";
import type { LabeledStructure } from "../structure/structure.js";
import { checkLabels } from "./check-labels.js";
import type { FitConfiguration } from "./configuration.js";
import { parseFitConfiguration } from "./configuration-schema.js";
import { testable } from "./cross-validation.js";
import { errorDeviations, meanErrors, type ErrorValues } from "./error-spread.js";
import { checkElements, permutation } from "./folds.js";
import { inspectData, inspectTestData } from "./inspect-data.js";
import { measureErrors, type ErrorStatistics } from "./measure-errors.js";
import { isCore } from "./term-settings.js";
import { fitPotential } from "./sparse-gpr.js";
import { FitSeries } from "./time-left.js";

export interface LearningCurveOptions extends JobOptions {
  /** Training structures; n/16, n/8, n/4, n/2 and n of the n that there are by default. */
  readonly sizes?: readonly number[] | undefined;
  /** Random subsets of each size; 5 by default. Of all structures there is one. */
  readonly repeats?: number | undefined;
  /** Of all random choices; 1 by default. */
  readonly seed?: number | undefined;
  /** What the fits are tested on; a random share of the structures, the same for all fits, by default. */
  readonly test?: readonly LabeledStructure[] | undefined;
  /** That share; 0.2 by default. */
  readonly heldOut?: number | undefined;
}

/** Fits to subsets of one size. */
export interface LearningPoint {
  /** Structures of each subset, and their atoms in the mean. */
  readonly structures: number;
  readonly atoms: number;
  /** Sparse points in the mean: where there are fewer environments than points asked for, as many as there are. */
  readonly sparse: number;
  readonly repeats: number;
  /** Energies and virials in eV/atom, forces in eV/Å; of a single fit there is no standard deviation. */
  readonly mean: ErrorValues;
  readonly deviation: ErrorValues;
  /** Of each repeat. */
  readonly fits: readonly ErrorStatistics[];
}

export interface LearningCurve {
  readonly points: readonly LearningPoint[];
  /** Structures that subsets are drawn from, and those of the test. */
  readonly pool: number;
  readonly test: number;
  readonly isolatedAtoms: number;
  readonly warnings: readonly DataWarning[];
}

const DEFAULT = { repeats: 5, seed: 1, heldOut: 0.2 };

/** n/16, n/8, n/4, n/2, n. */
export function defaultSizes(n: number): number[] {
  return [...new Set([16, 8, 4, 2, 1].map((divisor) => Math.max(1, Math.round(n / divisor))))];
}

function checkSizes(sizes: readonly number[], pool: number): number[] {
  const wrong = sizes.find((size) => !(Number.isSafeInteger(size) && size >= 1 && size <= pool));
  if (wrong !== undefined || sizes.length === 0) {
    throw new InputError("this size is not possible", { key: "sizes", expected: `whole numbers from 1 to ${pool}, the structures to draw from`, got: String(wrong ?? "none") });
  }
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** No more sparse points than there are environments, which a small subset may not have. */
function withFewerPoints(configuration: FitConfiguration, train: readonly LabeledStructure[]): FitConfiguration {
  const environments = new Map<string, number>();
  let total = 0;
  for (const { structure } of train) {
    total += structure.species.length;
    for (const z of structure.species) environments.set(symbolOf(z), (environments.get(symbolOf(z)) ?? 0) + 1);
  }
  const cap = ({ sparse }: Pick<FitConfiguration, "sparse">): FitConfiguration["sparse"] => {
    const { count } = sparse;
    if (typeof count === "number") return { ...sparse, count: Math.min(count, total) };
    if (typeof count !== "object" || count === null) return sparse;
    return { ...sparse, count: Object.fromEntries(Object.entries(count).map(([symbol, points]) => [symbol, Math.min(points, environments.get(symbol) ?? points)])) };
  };
  return { ...configuration, sparse: cap(configuration), terms: configuration.terms?.map((term) => (isCore(term) ? term : { ...term, sparse: cap(term) })) ?? null };
}

/**
 * A random order whose first structures, as many as the smallest subset has, hold every element of the pool: where they do not, the last of them change
 * places with the first structures that have what is missing.
 */
export function drawOrder(pool: readonly LabeledStructure[], smallest: number, seed: number): Int32Array {
  const order = permutation(pool.length, seed);
  const elements = pool.map(({ structure }) => new Set(structure.species));
  for (let last = smallest - 1; last >= 0; last--) {
    const present = new Set([...order.subarray(0, smallest)].flatMap((index) => [...elements[index]!]));
    const bringer = order.findIndex((index) => [...elements[index]!].some((z) => !present.has(z)));
    if (bringer < 0) break;
    [order[last], order[bringer]] = [order[bringer]!, order[last]!];
  }
  return order;
}

/** The pool, the test set and what is in every training set. */
function share(data: readonly LabeledStructure[], settings: FitConfiguration, { test, heldOut = DEFAULT.heldOut, seed = DEFAULT.seed }: LearningCurveOptions) {
  const { tested, warnings } = testable(data, settings);
  const always = data.filter((_, index) => !tested.includes(index));
  const all = tested.map((index) => data[index]!);
  if (test) return { pool: all, test, always, warnings };
  if (!(heldOut > 0 && heldOut < 1)) throw new InputError("this share is not possible", { key: "heldOut", expected: "a number above 0 and below 1", got: String(heldOut) });
  const order = permutation(all.length, seed);
  const count = Math.max(1, Math.round(heldOut * all.length));
  const held = new Set(order.subarray(0, count));
  return { pool: all.filter((_, index) => !held.has(index)), test: all.filter((_, index) => held.has(index)), always, warnings };
}

/**
 * Fits to random subsets of labelled structures, and tests each.
 * @param structures from which the subsets are drawn, and the test set where none is given
 * @throws InputError on settings and labels as a fit does, on sizes that are not possible, and when the test holds an element that a subset lacks;
 * NumericalError and CapacityError of the fits.
 */
export async function learningCurve(
  backend: Backend, structures: readonly LabeledStructure[], configuration: FitConfiguration, options: LearningCurveOptions = {},
): Promise<LearningCurve> {
  const settings = parseFitConfiguration(configuration);
  const { repeats = DEFAULT.repeats, seed = DEFAULT.seed } = options;
  if (!(Number.isSafeInteger(repeats) && repeats >= 1)) throw new InputError("this number of repeats is not possible", { key: "repeats", expected: "a whole number, 1 or more", got: String(repeats) });
  checkLabels(structures);
  const origins = withOrigins(structures.map(({ structure }) => structure));
  const { pool, test, always, warnings } = share(structures.map(({ labels }, index) => ({ structure: origins[index]!, labels })), settings, options);
  if (pool.length === 0 || test.length === 0) {
    throw new InputError("nothing to learn from", { expected: "structures to train on and structures to test on", got: `${pool.length} and ${test.length}` });
  }
  const sizes = checkSizes(options.sizes ?? defaultSizes(pool.length), pool.length);
  const random = createRandom(seed);
  const orders = Array.from({ length: repeats }, () => drawOrder(pool, sizes[0]!, random.integer(2 ** 32)));
  // Of all structures there is one subset.
  const plan = orders.flatMap((order, repeat) => sizes.filter((size) => size < pool.length || repeat === 0).map((size) => {
    const train = [...always, ...Array.from(order.subarray(0, size), (index) => pool[index]!)];
    checkElements(train, test, `an element of the test set is in none of ${size} training structures`, "sizes");
    return { repeat, size, train, atoms: train.reduce((sum, { structure }) => sum + structure.species.length, 0) };
  }));
  const inspected = [...warnings, ...inspectData([...always, ...pool]), ...(options.test ? inspectData(test) : []), ...inspectTestData([...always, ...pool], test)];
  const series = new FitSeries(plan.map(({ atoms }) => atoms), options);
  const fits: { size: number; atoms: number; sparse: number; errors: ErrorStatistics }[] = [];
  for (const { repeat, size, train, atoms } of plan) {
    await series.next(`${size} structures, repeat ${repeat + 1} of ${repeats}`, async (job) => {
      const { potential, diagnostics } = await fitPotential(backend, train, withFewerPoints(settings, train), job);
      const { errors: { by_config_type: _, ...errors } } = await measureErrors(backend, potential, test, job);
      fits.push({ size, atoms, sparse: Object.values(diagnostics.sparse).reduce((sum, points) => sum + points, 0), errors });
    });
  }
  const points = sizes.map((size): LearningPoint => {
    const own = fits.filter((fit) => fit.size === size);
    const mean = (of: (fit: (typeof fits)[number]) => number): number => own.reduce((sum, fit) => sum + of(fit), 0) / own.length;
    const errors = own.map((fit) => fit.errors);
    return {
      structures: size, atoms: mean((fit) => fit.atoms), sparse: mean((fit) => fit.sparse), repeats: own.length,
      mean: meanErrors(errors), deviation: errorDeviations(errors), fits: errors,
    };
  });
  return { points, pool: pool.length, test: test.length, isolatedAtoms: always.length, warnings: inspected };
}
