/**
 * Selection that serves a target, Eqs. (91) to (93): farthest-point sampling and CUR on the matrices of principal covariates regression (Cersonsky, Helfrecht,
 * Engel, Kliavinets and Ceriotti, doi:10.1088/2632-2153/abfe7c). For rows x (samples) that is α x·x'/tr C + (1 − α) ŷ ŷ'/Σ y², for columns (features)
 * α C/tr C + (1 − α) b bᵀ/Σ y² with b = C^{1/2} w, C = Σ x xᵀ and ŷ = w·x; both have factors, whose rows are points for `farthestPoints`. Rows and target are centered.
 */
import { InputError, NumericalError } from "../errors.js";
import { leastCrossValidation } from "../kernel/generalized-cross-validation.js";
import type { LinearAlgebra, SymmetricEigen } from "../linalg/linear-algebra.js";

/** Directions of less variance than this share of the largest are rounding. */
const RANK_TOLERANCE = 1e-13;
/** What is left of the leading eigenvalue when everything has been selected. */
const EXHAUSTED = 1e-11;

/** Centered rows with a linear model of their target, in the principal components of the rows. */
export interface SupervisedRows {
  readonly count: number;
  readonly size: number;
  readonly rank: number;
  /** Eigenvectors of C, [rank][size], and eigenvalues, [rank]. */
  readonly axes: Float64Array;
  readonly variances: Float64Array;
  /** x V, [row][rank]. */
  readonly rows: Float64Array;
  /** Vᵀ w, [rank]. */
  readonly model: Float64Array;
  /** α/tr C and (1 − α)/Σ y². */
  readonly weights: readonly [rows: number, target: number];
}

/**
 * @param values x, [row][size]; @param target y, [row]
 * @param mixing α, from 0 (target) to 1 (rows)
 * @param ridge of the model; by generalized cross-validation, Eq. (56), when left out
 * @throws InputError for α out of [0, 1] and targets that are not one per row; NumericalError where nothing varies or numbers are not finite.
 */
export function supervisedRows(
  algebra: LinearAlgebra, values: Float64Array, size: number, target: Float64Array, mixing: number, ridge?: number,
): SupervisedRows {
  const count = values.length / size;
  if (!(mixing >= 0 && mixing <= 1)) throw new InputError("mixing of a selection", { key: "mixing", expected: "a number from 0 to 1", got: String(mixing) });
  if (target.length !== count) throw new InputError("number of targets", { key: "target", expected: `${count}, one per row`, got: String(target.length) });
  const wrong = target.findIndex((y) => !Number.isFinite(y));
  if (wrong >= 0) throw new NumericalError("a target is not finite", { expected: "finite numbers", got: `${target[wrong]} for row ${wrong}` });
  const mean = new Float64Array(size);
  values.forEach((value, k) => (mean[k % size]! += value / count));
  const x = values.map((value, k) => value - mean[k % size]!);
  const average = target.reduce((sum, y) => sum + y / count, 0);
  const y = target.map((value) => value - average);
  const { values: variances, vectors } = algebra.symmetricEigen(algebra.multiply(x, x, { m: size, n: size, k: count, transA: true }), size);
  let rank = 0;
  while (rank < size && variances[rank]! > 0 && variances[rank]! > RANK_TOLERANCE * variances[0]!) rank++;
  if (rank === 0) throw new NumericalError("nothing varies between the rows", { expected: "two different ones at least", got: `${count} equal ones` });
  const [axes, kept] = [vectors.slice(0, rank * size), variances.slice(0, rank)];
  const rows = algebra.multiply(x, axes, { m: count, n: rank, k: size, transB: true });
  const along = algebra.multiply(rows, y, { m: rank, n: 1, k: count, transA: true });
  const square = y.reduce((sum, value) => sum + value * value, 0);
  const s2 = ridge ?? leastCrossValidation(kept, along, square, count).ridge;
  const total = kept.reduce((a, b) => a + b, 0);
  return {
    count, size, rank, axes, variances: kept, rows, model: along.map((value, q) => value / (kept[q]! + s2)), weights: [mixing / total, square > 0 ? (1 - mixing) / square : 0],
  };
}

/** Points whose products are those of the samples, [row][rank + 1], Eq. (91). */
export function samplePoints({ count, rank, rows, model, weights }: SupervisedRows): Float64Array {
  const width = rank + 1;
  const points = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    let modeled = 0;
    for (let q = 0; q < rank; q++) {
      points[i * width + q] = Math.sqrt(weights[0]) * rows[i * rank + q]!;
      modeled += rows[i * rank + q]! * model[q]!;
    }
    points[i * width + rank] = Math.sqrt(weights[1]) * modeled;
  }
  return points;
}

/** Points whose products are those of the features, [feature][rank + 1], Eq. (92). */
export function featurePoints({ size, rank, axes, variances, model, weights }: SupervisedRows): Float64Array {
  const width = rank + 1;
  const points = new Float64Array(size * width);
  for (let f = 0; f < size; f++) {
    let b = 0;
    for (let q = 0; q < rank; q++) {
      const root = axes[q * size + f]! * Math.sqrt(variances[q]!);
      points[f * width + q] = Math.sqrt(weights[0]) * root;
      b += root * model[q]!;
    }
    points[f * width + rank] = Math.sqrt(weights[1]) * b;
  }
  return points;
}

function largestFree(scores: Float64Array, free: Uint8Array): number {
  let best = -1;
  for (let i = 0; i < scores.length; i++) if (free[i] && (best < 0 || scores[i]! > scores[best]!)) best = i;
  return best;
}

function checkCount(count: number, total: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= total)) throw new InputError("number to select", { key: "count", expected: `a whole number from 1 to ${total}`, got: String(count) });
}

/**
 * PCov-CUR of samples, Eq. (93): the row of the largest component in the leading eigenvector, then all rows made orthogonal to it, and the target less what
 * the rows taken say of it, and so on. Where nothing is left a new round begins among the rows not taken. Gives the indices one by one.
 */
export function* covariateSamples(algebra: LinearAlgebra, supervised: SupervisedRows, count: number): Generator<number> {
  const { count: total, rank, rows, variances, model, weights } = supervised;
  checkCount(count, total);
  const free = new Uint8Array(total).fill(1);
  const width = rank + 1;
  let first = 0;
  let directions: Float64Array[] = [];
  for (let taken = 0; taken < count; ) {
    // (1 − P) [√a 1, √b w] turns a row into its point: what is orthogonal to the rows taken, and the model of that.
    const lift = new Float64Array(rank * width);
    for (let q = 0; q < rank; q++) {
      lift[q * width + q] = Math.sqrt(weights[0]);
      lift[q * width + rank] = Math.sqrt(weights[1]) * model[q]!;
    }
    if (directions.length > 0) {
      const stacked = new Float64Array(directions.length * rank);
      directions.forEach((direction, k) => stacked.set(direction, k * rank));
      const inside = algebra.multiply(stacked, lift, { m: directions.length, n: width, k: rank });
      algebra.multiply(stacked, inside, { m: rank, n: width, k: directions.length, transA: true }).forEach((value, k) => (lift[k]! -= value));
    }
    const scaled = lift.map((value, k) => Math.sqrt(variances[Math.floor(k / width)]!) * value);
    const { values, vectors } = algebra.symmetricEigen(algebra.multiply(scaled, scaled, { m: width, n: width, k: rank, transA: true }), width);
    if (taken === 0) first = values[0]!;
    const exhausted = directions.length >= rank || !(values[0]! > EXHAUSTED * first);
    if (exhausted && directions.length > 0) {
      directions = [];
      continue;
    }
    const leading = algebra.multiply(lift, vectors.subarray(0, width), { m: rank, n: 1, k: width });
    const best = largestFree(algebra.multiply(rows, leading, { m: total, n: 1, k: rank }).map((value) => value * value), free);
    yield best;
    taken++;
    free[best] = 0;
    const direction = orthogonalTo(rows.slice(best * rank, (best + 1) * rank), directions);
    // A copy of a row taken, which only a target of α = 0 can bring up.
    if (direction) directions.push(direction);
    else directions = [];
  }
}

/** The unit vector along what is orthogonal to the others; null where that is rounding. */
function orthogonalTo(vector: Float64Array, others: readonly Float64Array[]): Float64Array | null {
  const length = Math.hypot(...vector);
  // Twice, because once is not orthogonal enough when little is left.
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) {
      let along = 0;
      for (let q = 0; q < vector.length; q++) along += vector[q]! * other[q]!;
      for (let q = 0; q < vector.length; q++) vector[q]! -= along * other[q]!;
    }
  }
  const left = Math.hypot(...vector);
  return left > 1e-9 * length ? vector.map((value) => value / left) : null;
}

/** Matrix of the features, Eq. (92), from C and Σ x ŷ of what is left. */
function mixedCovariance(algebra: LinearAlgebra, { values, vectors }: SymmetricEigen, covariance: Float64Array, cross: Float64Array, floor: number, weights: readonly [number, number]): Float64Array {
  const size = cross.length;
  const along = algebra.multiply(vectors, cross, { m: size, n: 1, k: size });
  for (let q = 0; q < size; q++) along[q] = values[q]! > floor ? along[q]! / Math.sqrt(values[q]!) : 0;
  const b = algebra.multiply(vectors, along, { m: size, n: 1, k: size, transA: true });
  return covariance.map((value, k) => weights[0] * value + weights[1] * b[Math.floor(k / size)]! * b[k % size]!);
}

/**
 * PCov-CUR of features, Eq. (93): the column of the largest component in the leading eigenvector, then all columns and the target made orthogonal to it, and
 * so on; ends early where nothing is left. Two eigenvector problems of all features for each that is selected. Gives the indices one by one.
 */
export function* covariateFeatures(algebra: LinearAlgebra, { size, rank, axes, variances, model, weights }: SupervisedRows, count: number): Generator<number> {
  checkCount(count, size);
  const scaled = axes.map((value, k) => value * variances[Math.floor(k / size)]!);
  let covariance = algebra.multiply(axes, scaled, { m: size, n: size, k: rank, transA: true });
  // Σ x ŷ = C w.
  let cross = algebra.multiply(scaled, model, { m: size, n: 1, k: rank, transA: true });
  const floor = 1e-12 * variances[0]!;
  const free = new Uint8Array(size).fill(1);
  for (let taken = 0; taken < count; taken++) {
    const eigen = algebra.symmetricEigen(covariance, size);
    if (!(eigen.values[0]! > floor)) return;
    const { vectors } = algebra.symmetricEigen(mixedCovariance(algebra, eigen, covariance, cross, floor, weights), size);
    const scores = vectors.slice(0, size).map((value, f) => (covariance[f * size + f]! > floor * 1e-3 ? value * value : 0));
    const best = largestFree(scores, free);
    yield best;
    free[best] = 0;
    const own = covariance[best * size + best]!;
    const column = Float64Array.from({ length: size }, (_, f) => covariance[f * size + best]!);
    if (!(own > 0)) continue;
    const share = cross[best]! / own;
    covariance = covariance.map((value, k) => value - (column[Math.floor(k / size)]! * column[k % size]!) / own);
    cross = cross.map((value, f) => value - column[f]! * share);
    // Rounding would leave a trace of what was taken.
    for (let f = 0; f < size; f++) covariance[f * size + best] = covariance[best * size + f] = 0;
    cross[best] = 0;
  }
}
