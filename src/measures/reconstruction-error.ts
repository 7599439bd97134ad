/**
 * How much of a feature space F' can be had from a feature space F by a linear map (Goscinski, Fraux, Imbalzano and Ceriotti,
 * doi:10.1088/2632-2153/abdaf7), THEORY.md Eqs. (39)–(41), over test rows, with everything fitted to training rows and both standardized there:
 *
 *   GFRE² = ⟨|x' − x P|²⟩,             P = argmin Σ_train |x' − x P|²,
 *   GFRD² = ⟨|x P − x Q|²⟩,            Q = argmin Σ_train |x P − x Q|² among orthogonal matrices (the shorter of x, x P filled up with zeros),
 *   LFRE² = ⟨|x' − x̄' − (x − x̄) P_i|²⟩, with means and P_i from the k training rows nearest to x in F.
 *
 * GFRE is 0 when F has all the linear information of F', and 1 when it has none; the other way round is another number.
 */

import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { createRandom } from "../selection/random.js";
import { centered, columnMeans, rowCount, standardize, takeColumns, takeRows, type FeatureMatrix, type Standardization } from "./standardization.js";
import { fitTruncated, type TruncatedRegression } from "./truncated-regression.js";

export type { FeatureMatrix, Standardization } from "./standardization.js";

/** Indices of rows. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface ReconstructionOptions {
  /** Half of the rows at random (seed 1) when left out. */
  readonly split?: Split | undefined;
  /** "global" when left out. */
  readonly standardization?: Standardization | undefined;
  /** Smallest singular value relative to the largest; chosen by two-fold cross-validation when left out. */
  readonly cutoff?: number | undefined;
}

export interface ReconstructionError {
  readonly value: number;
  /** |…| of every test row, in the order of `split.test`; its root mean square is `value`. */
  readonly perRow: Float64Array;
}

/**
 * Training and test rows drawn without replacement; the share of the training rows is rounded down, both get one at least.
 * @throws InputError for fewer than two rows or a share outside 0 to 1.
 */
export function trainTestSplit(rows: number, seed: number, trainShare = 0.5): Split {
  if (!(rows >= 2)) throw new InputError("rows to be split", { expected: "2 at least", got: String(rows) });
  if (!(trainShare > 0 && trainShare < 1)) {
    throw new InputError("share of the training rows", { expected: "a number between 0 and 1", got: String(trainShare) });
  }
  const random = createRandom(seed);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const count = Math.min(rows - 1, Math.max(1, Math.floor(trainShare * rows)));
  return { train: order.slice(0, count), test: order.slice(count) };
}

function checkSplit({ train, test }: Split, rows: number): void {
  for (const [name, indices] of [["train", train], ["test", test]] as const) {
    if (indices.length === 0) throw new InputError("no rows", { key: `split.${name}`, expected: "1 at least" });
    const at = indices.findIndex((row) => !(row >= 0 && row < rows));
    if (at >= 0) throw new InputError("no such row", { key: `split.${name}.${at}`, expected: `0 to ${rows - 1}`, got: `${indices[at]}` });
  }
}

interface Prepared {
  readonly train: FeatureMatrix;
  readonly test: FeatureMatrix;
  readonly trainTarget: FeatureMatrix;
  readonly testTarget: FeatureMatrix;
}

function prepare(from: FeatureMatrix, to: FeatureMatrix, { split, standardization = "global", cutoff }: ReconstructionOptions): Prepared {
  const rows = rowCount(from, "from");
  const others = rowCount(to, "to");
  if (others !== rows) throw new InputError("the two feature sets differ in rows", { expected: `${rows}`, got: `${others}` });
  if (cutoff !== undefined && !(cutoff >= 0 && cutoff < 1)) {
    throw new InputError("cutoff of singular values", { key: "cutoff", expected: "a number from 0 to below 1", got: String(cutoff) });
  }
  const { train: trainRows, test: testRows } = split ?? trainTestSplit(rows, 1);
  checkSplit({ train: trainRows, test: testRows }, rows);
  const [train, test] = standardize(takeRows(from, trainRows), takeRows(from, testRows), standardization, "from");
  const [trainTarget, testTarget] = standardize(takeRows(to, trainRows), takeRows(to, testRows), standardization, "to");
  return { train, test, trainTarget, testTarget };
}

function errorOf(squares: Float64Array): ReconstructionError {
  return { value: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length), perRow: squares.map(Math.sqrt) };
}

/** |a − b|² of each row. */
function squaredDistances(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const squares = new Float64Array(a.length / size);
  a.forEach((value, index) => (squares[Math.floor(index / size)]! += (value - b[index]!) ** 2));
  return squares;
}

/**
 * GFRE of `to` from `from`, rows in the same order.
 * @throws InputError when rows, split or options do not fit, or features do not vary; NumericalError from the algebra.
 */
export function globalReconstructionError(
  algebra: LinearAlgebra, from: FeatureMatrix, to: FeatureMatrix, options: ReconstructionOptions = {},
): ReconstructionError {
  const { train, test, trainTarget, testTarget } = prepare(from, to, options);
  const predicted = fitTruncated(algebra, train, trainTarget, options.cutoff ?? null).predict(test);
  return errorOf(squaredDistances(testTarget.values, predicted, to.size));
}

/**
 * GFRE of all features from some of them, by their columns: what a selection of features has lost.
 * @throws InputError also for a column that is not there.
 */
export function subsetReconstructionError(
  algebra: LinearAlgebra, features: FeatureMatrix, columns: ArrayLike<number>, options: ReconstructionOptions = {},
): ReconstructionError {
  const at = Array.from(columns).findIndex((column) => !(Number.isInteger(column) && column >= 0 && column < features.size));
  if (at >= 0 || columns.length === 0) {
    const got = at < 0 ? "none" : String(columns[at]);
    throw new InputError("columns of a feature matrix", { key: "columns", expected: `some from 0 to ${features.size - 1}`, got });
  }
  return globalReconstructionError(algebra, takeColumns(features, columns), features, options);
}

/**
 * Leading singular vectors of A [rows × columns] as rows, [rank][rows] and [rank][columns]: the positive half of the eigenvectors of
 * [[0, A], [Aᵀ, 0]], which unlike those of AᵀA keep directions whose singular values are small.
 */
function singularVectors(algebra: LinearAlgebra, a: Float64Array, rows: number, columns: number): { left: Float64Array; right: Float64Array } {
  const order = rows + columns;
  const matrix = new Float64Array(order * order);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) matrix[i * order + rows + j] = matrix[(rows + j) * order + i] = a[i * columns + j]!;
  }
  const { values, vectors } = algebra.symmetricEigen(matrix, order);
  const most = Math.min(rows, columns);
  let rank = 0;
  while (rank < most && values[rank]! > 1e-14 * values[0]!) rank++;
  const part = (first: number, count: number): Float64Array =>
    Float64Array.from({ length: rank * count }, (_, index) => Math.SQRT2 * vectors[Math.floor(index / count) * order + first + (index % count)]!);
  return { left: part(0, rows), right: part(rows, columns) };
}

/** Squared distortions |x P − x Q|² of test rows. */
function distortions(algebra: LinearAlgebra, regression: TruncatedRegression, train: FeatureMatrix, test: FeatureMatrix): Float64Array {
  const size = train.size;
  const [trainRows, testRows] = [train.values.length / size, test.values.length / size];
  const [fitted, predicted] = [regression.predict(train), regression.predict(test)];
  const width = fitted.length / trainRows;
  const product = algebra.multiply(train.values, fitted, { m: size, n: width, k: trainRows, transA: true });
  const { left, right } = singularVectors(algebra, product, size, width);
  const rank = left.length / size;
  if (rank === 0) return squaredDistances(test.values, new Float64Array(test.values.length), size);
  const along = algebra.multiply(test.values, left, { m: testRows, n: rank, k: size, transB: true });
  const squares = squaredDistances(predicted, algebra.multiply(along, right, { m: testRows, n: width, k: rank }), width);
  // What x has besides the rank directions an orthogonal Q carries, at full length, to where x P has nothing.
  const inside = algebra.multiply(along, left, { m: testRows, n: size, k: rank });
  squaredDistances(test.values, inside, size).forEach((square, i) => (squares[i]! += square));
  return squares;
}

/**
 * GFRD: how far the linear map of the GFRE is from a rotation. 0 for rotated or mirrored features, whatever the GFRE.
 * The time grows with the third power of the number of features of both.
 * @throws as `globalReconstructionError`.
 */
export function globalReconstructionDistortion(
  algebra: LinearAlgebra, from: FeatureMatrix, to: FeatureMatrix, options: ReconstructionOptions = {},
): ReconstructionError {
  const { train, test, trainTarget } = prepare(from, to, options);
  return errorOf(distortions(algebra, fitTruncated(algebra, train, trainTarget, options.cutoff ?? null), train, test));
}

/** The k rows of `rows` nearest to each of `points`, one list per point, nearest first. */
function* nearestRows(algebra: LinearAlgebra, rows: FeatureMatrix, points: FeatureMatrix, k: number): Generator<number[]> {
  const { size } = rows;
  const count = rows.values.length / size;
  const squares = new Float64Array(count);
  rows.values.forEach((value, index) => (squares[Math.floor(index / size)]! += value * value));
  const total = points.values.length / size;
  // Bounds the matrix of products.
  const block = 256;
  for (let first = 0; first < total; first += block) {
    const m = Math.min(block, total - first);
    const products = algebra.multiply(points.values.slice(first * size, (first + m) * size), rows.values, { m, n: count, k: size, transB: true });
    for (let i = 0; i < m; i++) {
      const distance = (j: number): number => squares[j]! - 2 * products[i * count + j]!;
      yield Array.from({ length: count }, (_, j) => j).sort((a, b) => distance(a) - distance(b) || a - b).slice(0, k);
    }
  }
}

/**
 * LFRE of `to` from `from` with k neighbors.
 * @throws InputError also when k is below 2 or above the number of training rows.
 */
export function localReconstructionError(
  algebra: LinearAlgebra, from: FeatureMatrix, to: FeatureMatrix, k: number, options: ReconstructionOptions = {},
): ReconstructionError {
  const { train, test, trainTarget, testTarget } = prepare(from, to, options);
  const rows = train.values.length / from.size;
  if (!(Number.isInteger(k) && k >= 2 && k <= rows)) {
    const expected = `a whole number from 2 to ${rows}, the training rows`;
    throw new InputError("neighbors of the local reconstruction", { key: "k", expected, got: String(k) });
  }
  const squares = new Float64Array(test.values.length / from.size);
  let row = 0;
  for (const nearest of nearestRows(algebra, train, test, k)) {
    const [x, y] = [takeRows(train, nearest), takeRows(trainTarget, nearest)];
    const [meanX, meanY] = [columnMeans(x), columnMeans(y)];
    const regression = fitTruncated(algebra, centered(x, meanX), centered(y, meanY), options.cutoff ?? null);
    const predicted = regression.predict(centered(takeRows(test, [row]), meanX));
    squares[row] = squaredDistances(centered(takeRows(testTarget, [row]), meanY).values, predicted, to.size)[0]!;
    row++;
  }
  return errorOf(squares);
}
