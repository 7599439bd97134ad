// Predictions of structures by fits that never saw their labels, in closed form: one set of rows, and for every fold one solution, Eq. (45).
//
// The features, their components and the sparse points are those of a fit to all structures, and know no labels; the baseline, which knows them, is
// that of the other folds. A baseline e shifts the targets by −Σ_a x_aA e_a, so that the compositions are further right sides of the same equations.
import type { Backend, FitStructure, JobOptions } from "../backend/backend.js";
import { CapacityError, InputError } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import { createLeftOut } from "../kernel/left-out-residuals.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";
import { findBaseline } from "./baseline.js";
import type { FitConfiguration } from "./configuration.js";
import { coresOf, withoutCores } from "./core-settings.js";
import { fitStructure } from "./fit-structure.js";
import { prepareTerm, type PreparedTerm } from "./fit-term.js";
import type { Fold } from "./folds.js";
import type { LabelPrediction } from "./measure-errors.js";
import { stopwatch } from "./stopwatch.js";
import { termSettings, widestCutoff } from "./term-settings.js";

/** Numbers in Φ: 2 GB. */
const MOST_NUMBERS = 2 ** 28;
/** Components of a virial in the order of its rows: xx, yy, zz, yz, xz, xy in [3][3], and their mirror images. */
const VOIGT = [[0, 0], [4, 4], [8, 8], [5, 7], [2, 6], [1, 3]] as const;

/** @throws InputError where labels would shape what is held to be the same for all folds, or have no row of their own. */
export function checkClosedForm(data: readonly LabeledStructure[], configuration: FitConfiguration): void {
  for (const { optimalBasis, pseudoElements } of termSettings(configuration)) {
    if (pseudoElements?.kind === "learned") {
      throw new InputError("the closed form is not exact where labels shape the features", { key: "pseudoElements.kind", expected: '"properties" or "matrix"', got: '"learned"' });
    }
    if (optimalBasis === null || optimalBasis.gamma === 1) continue;
    throw new InputError("the closed form is not exact where labels shape the features", { key: "optimalBasis.gamma", expected: "1", got: String(optimalBasis.gamma) });
  }
  if (!configuration.noise.fromData) return;
  data.forEach(({ structure, labels: { trust } }, index) => {
    const kind = (["energy", "forces", "virial"] as const).find((name) => trust?.[name]?.weight === 0);
    if (kind === undefined) return;
    throw new InputError("the closed form says nothing of a label that takes no part in the fit", { ...originOf(structure, index), key: kind, expected: "a weight above 0", got: "0" });
  });
}

function rowsOf({ energy, forces, virial }: FitStructure): number {
  return Number(energy !== null) + (forces?.length ?? 0) + (virial ? 6 : 0);
}

/** Λ^{−1/2} times the number of atoms of each element in the energy's row, 0 elsewhere: what a baseline of 1 eV takes off the targets. */
function weightedCompositions(data: readonly FitStructure[], species: readonly number[], firstRows: Int32Array, sides: number, targets: Float64Array): void {
  data.forEach(({ structure, energy, weights }, index) => {
    if (energy === null) return;
    for (const z of structure.species) targets[firstRows[index]! * sides + 1 + species.indexOf(z)]! += weights.energy;
  });
}

/** The prediction whose errors are these, in units of the noise, row by row; NaN and null where there is no label to start from. */
function predictionOf({ structure, labels }: LabeledStructure, { energy, forces, virial, weights }: FitStructure, errors: Float64Array): LabelPrediction {
  const error = (row: number, of: number | Float64Array, component: number): number => errors[row]! / (typeof of === "number" ? of : of[component]!);
  const afterEnergy = Number(energy !== null);
  const afterForces = afterEnergy + (forces?.length ?? 0);
  const tensor = new Float64Array(9).fill(NaN);
  if (virial) VOIGT.forEach(([k, mirrored], row) => {
    const label = 0.5 * (labels.virial![k]! + labels.virial![mirrored]!);
    tensor[k] = tensor[mirrored] = label - error(afterForces + row, weights.virial, row);
  });
  return {
    energy: energy === null ? NaN : labels.energy! - error(0, weights.energy, 0),
    forces: forces === null ? new Float64Array(3 * structure.species.length).fill(NaN) : labels.forces!.map((label, k) => label - error(afterEnergy + k, weights.forces, k)),
    virial: virial === null ? null : tensor,
  };
}

/**
 * What fits to the other folds predict for the structures of each fold: energy in eV, forces in eV/Å, virial in eV, exactly those of fits with the
 * features and the sparse points that all structures together give.
 * @param data with origins
 * @param configuration complete
 * @returns by structure; null for those of no fold
 * @throws InputError as `checkClosedForm` and as a fit; CapacityError when the rows do not fit into memory; NumericalError.
 */
export async function leftOutPredictions(
  backend: Backend, data: readonly LabeledStructure[], configuration: FitConfiguration, folds: readonly Fold[], options: JobOptions,
): Promise<(LabelPrediction | null)[]> {
  checkClosedForm(data, configuration);
  const { signal, onProgress } = options;
  const algebra = await createLinearAlgebra();
  const structures = data.map(({ structure }) => structure);
  const species = speciesOf(structures);
  const settings = { ...configuration, cutoff: widestCutoff(configuration) };
  // Cores are given: what they take off a label does not change its error.
  const rest = withoutCores(data, species, coresOf(configuration, species)).data;
  const baseline = findBaseline(rest, species, settings).energies;
  const labels = rest.map((labeled) => fitStructure(labeled, baseline, configuration.noise));
  const terms: PreparedTerm[] = [];
  for (const own of termSettings(configuration)) {
    terms.push(await prepareTerm(backend, algebra, structures, species, { ...own, jitter: configuration.solver.jitter }, null, stopwatch(), options));
  }
  const firstRows = new Int32Array(data.length + 1);
  labels.forEach((label, index) => (firstRows[index + 1] = firstRows[index]! + rowsOf(label)));
  const [count, points] = [firstRows.at(-1)!, terms.flatMap(({ centers }) => centers).reduce((sum, { factor }) => sum + Math.sqrt(factor.length), 0)];
  if (count * points > MOST_NUMBERS) {
    throw new CapacityError("the rows do not fit into memory", { expected: `at most ${MOST_NUMBERS} numbers; fewer sparse points, or fits to the folds instead of the closed form`, got: `${count} rows of ${points}` });
  }
  const rows = await backend.computeFitRows(labels, species, terms, options);
  const sides = 1 + species.length;
  const targets = new Float64Array(count * sides);
  rows.targets.forEach((target, row) => (targets[row * sides] = target));
  weightedCompositions(labels, species, firstRows, sides, targets);
  const leftOut = createLeftOut(algebra, { rows: rows.values, points, targets, sides });
  const predictions: (LabelPrediction | null)[] = data.map(() => null);
  const begin = performance.now();
  for (const [f, { members }] of folds.entries()) {
    const leaving = new Set(members);
    const own = findBaseline(rest.filter((_, index) => !leaving.has(index)), species, settings).energies;
    const shifts = species.map((z) => own.get(z)! - baseline.get(z)!);
    const fold = Int32Array.from([...members].flatMap((index) => Array.from({ length: firstRows[index + 1]! - firstRows[index]! }, (_, k) => firstRows[index]! + k)));
    const residuals = leftOut(fold);
    const errors = Float64Array.from(fold, (_, row) => shifts.reduce((error, shift, s) => error - shift * residuals[row * sides + 1 + s]!, residuals[row * sides]!));
    let at = 0;
    for (const index of members) {
      const length = firstRows[index + 1]! - firstRows[index]!;
      predictions[index] = predictionOf(data[index]!, labels[index]!, errors.subarray(at, at + length));
      at += length;
    }
    const secondsLeft = ((performance.now() - begin) / 1000 / (f + 1)) * (folds.length - f - 1);
    onProgress?.({ stage: "folds left out", done: f + 1, total: folds.length, secondsLeft });
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  return predictions;
}
