// One trial of a configuration: a small fit whose rows are kept by kind of label and by fold, so that every choice of σ is cross-validated by a few
// solutions and needs no further fit.
import type { Backend, FitCenter, FitRowMatrix, FitStructure, JobOptions } from "../../backend/backend.js";
import { NumericalError } from "../../errors.js";
import { speciesOf } from "../../features/feature-layout.js";
import type { LinearAlgebra } from "../../linalg/linear-algebra.js";
import { withOrigins } from "../../structure/origin.js";
import type { LabeledStructure } from "../../structure/structure.js";
import { findBaseline } from "../baseline.js";
import type { FitConfiguration } from "../configuration.js";
import { fitStructure } from "../fit-structure.js";
import { prepareTerm, type PreparedTerm } from "../fit-term.js";
import { stopwatch } from "../stopwatch.js";
import { termSettings, widestCutoff } from "../term-settings.js";

export const labelKinds = ["energy", "forces", "virial"] as const;
export type LabelKind = (typeof labelKinds)[number];
type ByKind<T> = Readonly<Partial<Record<LabelKind, T>>>;
export type Sigmas = Readonly<Record<LabelKind, number>>;

/** Rows of one kind in one fold with σ = 1: Φ [row][column], labels [row], the factor from a residual to its error, [row], and their sums. */
interface KindRows {
  readonly values: Float64Array;
  readonly targets: Float64Array;
  readonly scale: Float64Array;
  /** ΦᵀΦ and Φᵀy */
  readonly gram: Float64Array;
  readonly right: Float64Array;
}

/** Seconds: for features and sparse points, and of each row of M columns, constant + slope · `columnWork(M)`. */
export interface RowCost {
  readonly preparation: number;
  readonly constant: number;
  readonly slope: number;
}

/** What a row costs beyond its features, up to a factor: the kernel and its derivatives go with M, whitening and the normal equations with M². */
export function columnWork(columns: number): number {
  return columns * (columns + 1500);
}

export interface TrialRows {
  readonly columns: number;
  readonly rows: number;
  readonly cost: RowCost;
  readonly folds: readonly ByKind<KindRows>[];
}

/**
 * Rows of a configuration on some data, whose noise is left out of account. Sparse points come from all folds, weights will not.
 * @param folds structures in parts, of which each in turn will be held out
 * @throws InputError and NumericalError as `fitPotential`.
 */
export async function computeTrialRows(
  backend: Backend, algebra: LinearAlgebra, folds: readonly (readonly LabeledStructure[])[], configuration: FitConfiguration, options: JobOptions = {},
): Promise<TrialRows> {
  const labeled = folds.flat();
  const structures = withOrigins(labeled.map(({ structure }) => structure));
  const species = speciesOf(structures);
  const baseline = findBaseline(labeled, species, { ...configuration, cutoff: widestCutoff(configuration) });
  // Weights that the data give stay what they are among their kind.
  const unweighted = { energy: 1, forces: 1, virial: 1, byConfigType: {}, fromData: configuration.noise.fromData };
  const data = labeled.map((own, index) => fitStructure({ ...own, structure: structures[index]! }, baseline.energies, unweighted));
  const begin = performance.now();
  const terms: PreparedTerm[] = [];
  for (const own of termSettings(configuration)) {
    const settings = { ...own, jitter: configuration.solver.jitter };
    terms.push(await prepareTerm(backend, algebra, structures, species, settings, data, stopwatch(), options));
  }
  const prepared = performance.now();
  const matrix = await backend.computeFitRows(data, species, terms, options);
  const made = performance.now();
  const rows = matrix.targets.length;
  const columns = matrix.values.length / Math.max(1, rows);
  // The same for a part of the data with a third of the points: what does not grow with them costs as much.
  const fewer = terms.map((term) => ({ ...term, centers: term.centers.map((center) => firstPoints(center, 3)) }));
  const sample = await backend.computeFitRows(data.slice(0, folds[0]!.length), species, fewer, options);
  const perRow = { all: (made - prepared) / rows, fewer: (performance.now() - made) / sample.targets.length };
  const fewerColumns = sample.values.length / sample.targets.length;
  const slope = Math.max(0.05 * perRow.all, perRow.all - perRow.fewer) / (columnWork(columns) - columnWork(fewerColumns)) / 1000;
  const cost = { preparation: (prepared - begin) / 1000, constant: Math.max(0, perRow.all / 1000 - slope * columnWork(columns)), slope };
  let [first, row] = [0, 0];
  const parts = folds.map((fold) => {
    const { sorted, end } = byKind(algebra, data.slice(first, first + fold.length), matrix, columns, row);
    [first, row] = [first + fold.length, end];
    return sorted;
  });
  return { columns, rows, cost, folds: parts };
}

/** A part of the sparse points: the leading block of G is their factor. */
function firstPoints(center: FitCenter, share: number): FitCenter {
  const all = center.sparsePoints.length / center.size;
  const count = Math.max(1, Math.floor(all / share));
  const factor = new Float64Array(count * count);
  for (let k = 0; k < count; k++) factor.set(center.factor.subarray(k * all, k * all + count), k * count);
  return { ...center, sparsePoints: center.sparsePoints.slice(0, count * center.size), factor };
}

/** The rows of some structures from `begin` on, sorted by kind. */
function byKind(
  algebra: LinearAlgebra, data: readonly FitStructure[], { values, targets }: FitRowMatrix, columns: number, begin: number,
): { sorted: ByKind<KindRows>; end: number } {
  const lists = { energy: [] as [number, number][], forces: [] as [number, number][], virial: [] as [number, number][] };
  let row = begin;
  for (const { structure, energy, forces, virial, weights } of data) {
    // With σ = 1 a row is the label by √N (energy, virial) or the label itself (forces); errors are per atom and per component.
    const perAtom = 1 / Math.sqrt(Math.max(1, structure.species.length));
    if (energy !== null) lists.energy.push([row++, perAtom]);
    const push = (kind: "forces" | "virial", count: number, scale: number): void => {
      const own = weights[kind];
      for (let k = 0; k < count; k++, row++) if (typeof own === "number" || own[k] !== 0) lists[kind].push([row, scale]);
    };
    if (forces) push("forces", forces.length, 1);
    if (virial) push("virial", 6, perAtom);
  }
  const sorted: Partial<Record<LabelKind, KindRows>> = {};
  for (const kind of labelKinds) {
    const list = lists[kind];
    const count = list.length;
    if (count === 0) continue;
    const own = new Float64Array(count * columns);
    list.forEach(([from], to) => own.set(values.subarray(from * columns, (from + 1) * columns), to * columns));
    const labels = Float64Array.from(list, ([from]) => targets[from]!);
    sorted[kind] = {
      values: own, targets: labels, scale: Float64Array.from(list, ([, scale]) => scale),
      gram: algebra.multiply(own, own, { m: columns, n: columns, k: count, transA: true }),
      right: algebra.multiply(own, labels, { m: columns, n: 1, k: count, transA: true }),
    };
  }
  return { sorted, end: row };
}

/** Mean absolute errors of what was held out: energies and virials in eV/atom, force components in eV/Å. */
export type TrialErrors = ByKind<number>;

/**
 * Cross-validated errors with these σ, Eqs. (17) and (18): each fold is predicted by the weights of the others.
 * @returns the errors, and the mean absolute residuals of the rows, in the unit of σ
 */
export function trialErrors(algebra: LinearAlgebra, { columns, folds }: TrialRows, noise: Sigmas): { errors: TrialErrors; residuals: TrialErrors } {
  const none = { absolute: 0, residual: 0, count: 0 };
  const sums = { energy: { ...none }, forces: { ...none }, virial: { ...none } };
  for (const heldOut of folds) {
    const weights = solveWithout(algebra, columns, folds, heldOut, noise);
    for (const kind of labelKinds) {
      const rows = heldOut[kind];
      if (!rows) continue;
      const predicted = algebra.multiply(rows.values, weights, { m: rows.targets.length, n: 1, k: columns });
      predicted.forEach((value, row) => {
        const residual = Math.abs(value - rows.targets[row]!);
        sums[kind].residual += residual;
        sums[kind].absolute += residual * rows.scale[row]!;
      });
      sums[kind].count += predicted.length;
    }
  }
  const judged = labelKinds.filter((kind) => sums[kind].count > 0);
  const means = (of: "absolute" | "residual"): TrialErrors => Object.fromEntries(judged.map((kind) => [kind, sums[kind][of] / sums[kind].count]));
  return { errors: means("absolute"), residuals: means("residual") };
}

function solveWithout(algebra: LinearAlgebra, columns: number, folds: TrialRows["folds"], heldOut: ByKind<KindRows>, noise: Sigmas): Float64Array {
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  for (const fold of folds) {
    if (fold === heldOut && folds.length > 1) continue;
    for (const kind of labelKinds) {
      const own = fold[kind];
      if (!own) continue;
      const weight = 1 / noise[kind] ** 2;
      for (let k = 0; k < gram.length; k++) gram[k]! += weight * own.gram[k]!;
      for (let k = 0; k < columns; k++) right[k]! += weight * own.right[k]!;
    }
  }
  for (let k = 0; k < columns; k++) gram[k * columns + k]! += 1;
  const factor = algebra.cholesky(gram, columns);
  return algebra.solveLowerTransposed(factor, algebra.solveLower(factor, right, columns), columns);
}

/** Logarithm of the geometric mean of the errors of energies and forces; of the virials' where there is nothing else. */
export function lossOf({ energy, forces, virial }: TrialErrors): number {
  const judged = [energy, forces].filter((error) => error !== undefined);
  const errors = judged.length > 0 ? judged : [virial ?? Infinity];
  return errors.reduce((sum, error) => sum + Math.log(Math.max(error, 1e-12)), 0) / errors.length;
}

/** Finest factor by which σ is searched, the coarsest that far from a good start is worth its time, and the least gain that is one. */
const FINEST = Math.SQRT2;
export const COARSEST = 4;
const GAIN = 1e-3;
/** σ is not below this share of what is left of the labels: a fit that runs through its labels may look well on a few others by chance. */
const LEAST_SIGMA = 0.2;

/** What was found for a configuration. */
export interface TrialResult {
  readonly noise: Sigmas;
  readonly errors: TrialErrors;
  readonly loss: number;
}

/**
 * The σ of least loss: steps by a factor along each in turn, shorter where none helps.
 * @param free labels whose σ is searched for
 * @param first factor of the first steps
 */
export function bestNoise(
  algebra: LinearAlgebra, rows: TrialRows, start: Sigmas, free: readonly LabelKind[] = labelKinds, first: number = COARSEST,
): TrialResult {
  const judge = (noise: Sigmas): TrialResult => {
    try {
      const { errors, residuals } = trialErrors(algebra, rows, noise);
      const tooSmall = free.some((kind) => noise[kind] < start[kind] && noise[kind] < LEAST_SIGMA * (residuals[kind] ?? 0));
      return { noise, errors, loss: tooSmall ? Infinity : lossOf(errors) };
    } catch (error) {
      // σ so small that the equations are singular.
      if (error instanceof NumericalError) return { noise, errors: {}, loss: Infinity };
      throw error;
    }
  };
  let best = judge(start);
  const kinds = free.filter((kind) => rows.folds.some((fold) => fold[kind]));
  for (let step = first; step >= FINEST; step = Math.sqrt(step)) {
    for (let moved = true; moved; ) {
      moved = false;
      for (const kind of kinds) {
        for (const factor of [1 / step, step]) {
          const next = judge({ ...best.noise, [kind]: best.noise[kind] * factor });
          if (!(next.loss < best.loss - GAIN)) continue;
          [best, moved] = [next, true];
          break;
        }
      }
    }
  }
  return best;
}
