/**
 * k-fold cross-validation: every structure is predicted by a fit to the folds that it is not in (Stone, J. R. Stat. Soc. B 36, 111 (1974)). The errors
 * over all structures are pooled; their standard error is s/√k, s the standard deviation between the folds. The fits share most of their training
 * data, so that it is a guide and no bound (Bengio and Grandvalet, J. Mach. Learn. Res. 5, 1089 (2004)).
 *
 * Isolated atoms from which a fit takes the zero of energy are in every training set and are not tested.
 */
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError, type DataWarning } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import { withOrigins } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";
import { findBaseline, isIsolatedAtom } from "./baseline.js";
import { checkLabels } from "./check-labels.js";
import type { FitConfiguration } from "./configuration.js";
import { parseFitConfiguration } from "./configuration-schema.js";
import { doubtAbout } from "./doubt.js";
import { standardErrors, type ErrorValues } from "./error-spread.js";
import { assignFolds, checkElements, type Fold, type FoldOptions } from "./folds.js";
import { inspectData } from "./inspect-data.js";
import { leftOutPredictions } from "./left-out-predictions.js";
import { checkErrors, errorReport, measureErrors, type ErrorReport, type LabelPrediction } from "./measure-errors.js";
import { repeatedFrames } from "./repeated-frames.js";
import { fitPotential } from "./sparse-gpr.js";
import { FitSeries } from "./time-left.js";
import { widestCutoff } from "./term-settings.js";

export interface CrossValidationOptions extends JobOptions, FoldOptions {
  /**
   * Every fold from one set of rows, Eq. (45), instead of a fit for each: exactly the errors of fits with the features and the sparse points that all
   * structures together give. These know the structures that are left out, though not their labels, so that the errors are a little smaller than
   * those of fits that choose for themselves; with nothing to choose (unit vectors, no compression, no optimal basis) they are the same.
   */
  readonly closedForm?: boolean | undefined;
}

export interface FoldResult extends Fold {
  /** Structures and atoms that the fit saw. */
  readonly training: { readonly structures: number; readonly atoms: number };
  /** Errors on the members: energies and virials in eV/atom, forces in eV/Å. */
  readonly errors: ErrorReport;
}

export interface CrossValidation {
  readonly folds: readonly FoldResult[];
  /** Errors of all structures that were tested, each by the fit that did not see it. */
  readonly pooled: ErrorReport;
  /** Of the folds' errors, s/√k; null where fewer than two folds have labels. */
  readonly standardError: ErrorValues;
  /** Isolated atoms that every fit saw. */
  readonly isolatedAtoms: number;
  /** By structure: what the fit that did not see it says, energy in eV, forces in eV/Å, virial in eV; null for isolated atoms. */
  readonly predictions: readonly (LabelPrediction | null)[];
  readonly warnings: readonly DataWarning[];
}

function countAtoms(data: readonly LabeledStructure[]): number {
  return data.reduce((sum, { structure }) => sum + structure.species.length, 0);
}

/** Indices of structures to be tested: all but isolated atoms, where these are the baseline. With the warnings about it. */
export function testable(data: readonly LabeledStructure[], configuration: FitConfiguration): { tested: number[]; warnings: readonly DataWarning[] } {
  const settings = { ...configuration, cutoff: widestCutoff(configuration) };
  const { kind, warnings } = findBaseline(data, speciesOf(data.map(({ structure }) => structure)), settings);
  const tested = data.map((_, index) => index).filter((index) => kind !== "isolated" || !isIsolatedAtom(data[index]!, settings.cutoff.radius));
  return { tested, warnings };
}

/** A warning when structures of one fold occur in another: their errors say nothing about structures that are new. */
function sharedFrames(data: readonly LabeledStructure[], folds: readonly Fold[]): DataWarning[] {
  const foldOf = new Map(folds.flatMap(({ members }, f) => [...members].map((index) => [index, f] as const)));
  const pairs = repeatedFrames(data).filter(([a, b]) => foldOf.get(a) !== foldOf.get(b) && foldOf.has(b));
  const frames = new Set(pairs.map(([, second]) => second));
  const [first] = frames;
  if (first === undefined) return [];
  const text = `${frames.size} of ${foldOf.size} frames ${frames.size === 1 ? "repeats a frame" : "repeat frames"} of another fold, where a fit has seen them`;
  return [doubtAbout(data, { code: "test-in-train", frame: first, text })];
}

/**
 * Cross-validates a configuration of a fit.
 * @param structures labelled, at least as many as folds
 * @throws InputError on settings and labels as a fit does, on folds that are not possible, and when an element occurs in one fold alone;
 * NumericalError and CapacityError of the fits.
 */
export async function crossValidate(
  backend: Backend, structures: readonly LabeledStructure[], configuration: FitConfiguration, options: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const settings = parseFitConfiguration(configuration);
  checkLabels(structures);
  if (structures.length === 0) throw new InputError("nothing to validate on", { expected: "at least two structures", got: "none" });
  const origins = withOrigins(structures.map(({ structure }) => structure));
  const data = structures.map(({ labels }, index) => ({ structure: origins[index]!, labels }));
  const { tested, warnings } = testable(data, settings);
  const folds = assignFolds(data, options, tested);
  const others = folds.map(({ members }) => {
    const leaving = new Set(members);
    return data.filter((_, index) => !leaving.has(index));
  });
  folds.forEach(({ members }, f) => checkElements(others[f]!, Array.from(members, (index) => data[index]!), `an element of fold ${f + 1} is in none of its training structures`, "folds"));
  const inspected = [...warnings, ...inspectData(data), ...sharedFrames(data, folds)];
  const predictions = options.closedForm
    ? await leftOutPredictions(backend, data, settings, folds, options)
    : await refits(backend, data, settings, folds, others, options);
  const reportOf = (indices: ArrayLike<number>): ErrorReport =>
    errorReport(Array.from(indices, (index) => data[index]!), Array.from(indices, (index) => predictions[index]!));
  const pooled = reportOf(tested);
  checkErrors(pooled);
  const results = folds.map((fold, f): FoldResult => (
    { ...fold, training: { structures: others[f]!.length, atoms: countAtoms(others[f]!) }, errors: reportOf(fold.members) }
  ));
  return {
    folds: results, pooled, standardError: standardErrors(results.map(({ errors }) => errors)),
    isolatedAtoms: data.length - tested.length, predictions, warnings: inspected,
  };
}

/** One fit for each fold. They share the backend with its workers and tables; features are adapted to each training set alone. */
async function refits(
  backend: Backend, data: readonly LabeledStructure[], settings: FitConfiguration, folds: readonly Fold[], others: readonly (readonly LabeledStructure[])[],
  options: JobOptions,
): Promise<(LabelPrediction | null)[]> {
  const predictions: (LabelPrediction | null)[] = data.map(() => null);
  const series = new FitSeries(others.map(countAtoms), options);
  for (const [f, { members }] of folds.entries()) {
    await series.next(`fold ${f + 1} of ${folds.length}`, async (job) => {
      const { potential } = await fitPotential(backend, others[f]!, settings, job);
      const found = await measureErrors(backend, potential, Array.from(members, (index) => data[index]!), job);
      members.forEach((index, at) => (predictions[index] = found.predictions[at]!));
    });
  }
  return predictions;
}
