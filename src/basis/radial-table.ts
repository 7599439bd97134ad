/**
 * Tables of the radial integrals, THEORY.md Eq. (10): cubic Hermite interpolation between nodes r_k = r_c − (intervals − k)·h with the exact
 * values and slopes. With t = (r − r_k)/h in [0, 1],
 *
 *   I(r)  = (1 + 2t)(1 − t)² v_k + t(1 − t)² h s_k + t²(3 − 2t) v_{k+1} − t²(1 − t) h s_{k+1},
 *   I'(r) = 6t(1 − t)(v_{k+1} − v_k)/h + (1 − t)(1 − 3t) s_k + t(3t − 2) s_{k+1},
 *
 * the slope being that of the interpolant, so that forces belong to the tabulated energy. h divides the cutoff width: f_c has its kinks on nodes.
 * The error is h⁴/384 · I'''' within an interval; it is measured, not assumed.
 */

import { CapacityError, NumericalError } from "../errors.js";
import type { DensityHyperparameters } from "./hyperparameters.js";
import { centerIntegrals, createRadialIntegrals, type RadialIntegrals } from "./radial-integrals.js";

export interface RadialTable {
  readonly nMax: number;
  readonly lMax: number;
  /** Nodes are r_k = radius − (intervals − k)·step; node `intervals` is at the cutoff radius and (width > 0) one is at radius − width; r_0 ≤ 0. Å. */
  readonly radius: number;
  readonly step: number;
  readonly intervals: number;
  /** I_nl(r_k), [node][l][n]. */
  readonly values: Float64Array;
  /** dI_nl/dr at the nodes in 1/Å, [node][l][n]. */
  readonly slopes: Float64Array;
  /** w₀ I_n0(0) without cutoff and scaling, [n]: the center's own density, Eq. (5). */
  readonly center: Float64Array;
  /** Largest interpolation error at the middles and quarters of the intervals, relative to the largest |I_nl| of that (n, l). */
  readonly error: number;
}

const capacityBytes = 256 * 2 ** 20;

/** Exact values and slopes at r_c − (count − 1 − k)·spacing, [k][l][n]: the nodes of a table and the middles of its intervals in turn. */
interface Samples {
  /** Spacings per cutoff width (per radius for a step). */
  readonly divisions: number;
  readonly spacing: number;
  readonly count: number;
  readonly values: Float64Array;
  readonly slopes: Float64Array;
}

/** @throws CapacityError when a table with this step in Å would be too large. */
function checkCapacity({ cutoff, basis }: DensityHyperparameters, step: number): void {
  const size = basis.nMax * (basis.lMax + 1);
  const bytes = 2 * 8 * size * (cutoff.radius / step + 1);
  if (bytes <= capacityBytes) return;
  throw new CapacityError("the radial table would be too large", {
    key: "basis.accuracy",
    expected: `at most ${capacityBytes / 2 ** 20} MB; a larger accuracy, cutoff.width or density.width, or fewer functions`,
    got: `${Math.round(bytes / 2 ** 20)} MB for ${size} functions at a step of ${step.toExponential(1)} Å`,
  });
}

function sample(integrals: RadialIntegrals, hyperparameters: DensityHyperparameters, divisions: number, known: Samples | null): Samples {
  const { cutoff, basis } = hyperparameters;
  const size = basis.nMax * (basis.lMax + 1);
  const spacing = (cutoff.width > 0 ? cutoff.width : cutoff.radius) / divisions;
  checkCapacity(hyperparameters, 2 * spacing);
  // Intervals of two spacings each; a distance within rounding of a whole number of them needs no further one.
  const intervals = Math.max(1, Math.ceil(cutoff.radius / (2 * spacing) - 1e-9));
  const count = 2 * intervals + 1;
  const [values, slopes] = [new Float64Array(size * count), new Float64Array(size * count)];
  const factor = known ? divisions / known.divisions : 0;
  for (let k = 0; k < count; k++) {
    const fromEnd = count - 1 - k;
    const at = k * size;
    const knownIndex = known && fromEnd % factor === 0 ? known.count - 1 - fromEnd / factor : -1;
    if (known && knownIndex >= 0) {
      values.set(known.values.subarray(knownIndex * size, (knownIndex + 1) * size), at);
      slopes.set(known.slopes.subarray(knownIndex * size, (knownIndex + 1) * size), at);
    } else {
      integrals(cutoff.radius - fromEnd * spacing, values.subarray(at, at + size), slopes.subarray(at, at + size));
    }
  }
  if (!values.every(Number.isFinite) || !slopes.every(Number.isFinite)) {
    throw new NumericalError("a radial integral is not finite", { key: "density.width", got: `σ = ${hyperparameters.density.width} Å` });
  }
  return { divisions, spacing, count, values, slopes };
}

/** Keeps every second sample, the nodes. */
function nodes(samples: Samples, size: number): { values: Float64Array; slopes: Float64Array } {
  const length = ((samples.count + 1) / 2) * size;
  const [values, slopes] = [new Float64Array(length), new Float64Array(length)];
  for (let k = 0; k < samples.count; k += 2) {
    values.set(samples.values.subarray(k * size, (k + 1) * size), (k / 2) * size);
    slopes.set(samples.slopes.subarray(k * size, (k + 1) * size), (k / 2) * size);
  }
  return { values, slopes };
}

/** Largest |I_nl| over the samples, [l][n]. */
function magnitudes({ values }: Samples, size: number): Float64Array {
  const largest = new Float64Array(size);
  for (let index = 0; index < values.length; index++) largest[index % size] = Math.max(largest[index % size]!, Math.abs(values[index]!));
  return largest;
}

/** Error of the interpolant at r relative to `largest`, over all functions. */
function errorAt(table: RadialTable, r: number, exact: Float64Array, largest: Float64Array, scratch: [Float64Array, Float64Array]): number {
  evaluateRadialTable(table, r, ...scratch);
  let error = 0;
  for (let index = 0; index < largest.length; index++) {
    if (largest[index]! > 0) error = Math.max(error, Math.abs(scratch[0][index]! - exact[index]!) / largest[index]!);
  }
  return error;
}

function middleError(table: RadialTable, samples: Samples, largest: Float64Array): number {
  const size = largest.length;
  const scratch: [Float64Array, Float64Array] = [new Float64Array(size), new Float64Array(size)];
  let error = 0;
  for (let k = 1; k < samples.count; k += 2) {
    const r = table.radius - (samples.count - 1 - k) * samples.spacing;
    error = Math.max(error, errorAt(table, r, samples.values.subarray(k * size, (k + 1) * size), largest, scratch));
  }
  return error;
}

function quarterError(table: RadialTable, integrals: RadialIntegrals, largest: Float64Array): number {
  const size = largest.length;
  const scratch: [Float64Array, Float64Array] = [new Float64Array(size), new Float64Array(size)];
  const [exact, slopes] = [new Float64Array(size), new Float64Array(size)];
  let error = 0;
  for (let quarter = 1; quarter < 4 * table.intervals; quarter += 2) {
    const r = table.radius - (quarter * table.step) / 4;
    integrals(r, exact, slopes);
    error = Math.max(error, errorAt(table, r, exact, largest, scratch));
  }
  return error;
}

/** Length in Å on which the integrals vary: the Gaussian's σ, or the narrowest orbital for a δ density. */
function detail({ cutoff, density, basis }: DensityHyperparameters): number {
  return density.kind === "gaussian" ? density.width : cutoff.radius / basis.nMax;
}

/**
 * Builds the table of all I_nl, n < nMax, l ≤ lMax, on the coarsest grid found whose measured error is below basis.accuracy. Where elements differ
 * (density.widths, density.weights), see `createElementTables`.
 * @param largestStep Å; the grid that another table has, to share it
 * @throws InputError on hyperparameters out of range; CapacityError above 256 MB; NumericalError when rounding of the integrals alone exceeds
 * the accuracy asked for, naming what can be reached.
 */
export function createRadialTable(hyperparameters: DensityHyperparameters, largestStep = Infinity): RadialTable {
  const integrals = createRadialIntegrals(hyperparameters);
  const { cutoff, basis } = hyperparameters;
  const { nMax, lMax, accuracy } = basis;
  const size = nMax * (lMax + 1);
  const center = centerIntegrals(hyperparameters);
  const unit = cutoff.width > 0 ? cutoff.width : cutoff.radius;
  // Even, so that radius − width is a node; the first grid is fine enough for the error to follow the fourth power of the step.
  let divisions = Math.max(2 * Math.ceil((3 * unit) / Math.min(detail(hyperparameters), unit)), Math.round((2 * unit) / largestStep));
  let samples: Samples | null = null;
  let lastError = Infinity;
  for (;;) {
    samples = sample(integrals, hyperparameters, divisions, samples);
    const largest = magnitudes(samples, size);
    const grid = { radius: cutoff.radius, step: 2 * samples.spacing, intervals: (samples.count - 1) / 2 };
    const draft = { nMax, lMax, ...grid, ...nodes(samples, size), center, error: 0 };
    let error = middleError(draft, samples, largest);
    if (error <= accuracy) error = Math.max(error, quarterError(draft, integrals, largest));
    if (error <= accuracy) return { ...draft, error };
    if (!(error < 0.5 * lastError)) {
      throw new NumericalError("rounding of the radial integrals exceeds the accuracy of their table", {
        key: "basis.accuracy",
        expected: `above ${error.toExponential(1)} with these hyperparameters`,
        got: String(accuracy),
      });
    }
    lastError = error;
    // Before the time is spent: the step that the fourth power promises, with a factor 2 in its favor.
    checkCapacity(hyperparameters, Math.min(2, 2 * (accuracy / error) ** 0.25) * draft.step);
    // A longer jump would trust the fourth power too far from where it was measured.
    divisions *= Math.min(12, Math.max(2, Math.ceil(1.05 * (error / accuracy) ** 0.25)));
  }
}

/** Reads the table: values and slopes [l][n] at 0 ≤ r in Å; 0 beyond the radius. The specification of the kernels. */
export function evaluateRadialTable(table: RadialTable, r: number, values: Float64Array, slopes: Float64Array): void {
  const { radius, step, intervals } = table;
  const size = table.nMax * (table.lMax + 1);
  if (r > radius) {
    values.fill(0, 0, size);
    slopes.fill(0, 0, size);
    return;
  }
  const position = (r - radius) / step + intervals;
  const node = Math.max(0, Math.min(intervals - 1, Math.floor(position)));
  const t = position - node;
  const rest = 1 - t;
  const [v0, s0, v1, s1] = [(1 + 2 * t) * rest * rest, t * rest * rest * step, t * t * (3 - 2 * t), -t * t * rest * step];
  const [dv, d0, d1] = [(6 * t * rest) / step, rest * (1 - 3 * t), t * (3 * t - 2)];
  for (let index = 0, left = node * size, right = left + size; index < size; index++, left++, right++) {
    const [a, b] = [table.values[left]!, table.values[right]!];
    values[index] = v0 * a + s0 * table.slopes[left]! + v1 * b + s1 * table.slopes[right]!;
    slopes[index] = dv * (b - a) + d0 * table.slopes[left]! + d1 * table.slopes[right]!;
  }
}
