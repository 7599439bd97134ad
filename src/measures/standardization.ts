/**
 * Standardized feature matrices: columns with the mean of the training rows taken off, and scaled so that the training rows have mean square 1.
 * "global" divides all columns by one number, √Σ_j var_j, and keeps their relative sizes (Goscinski et al., doi:10.1088/2632-2153/abdaf7);
 * "columns" divides each by its own deviation and by the root of the number of columns that vary.
 */

import { InputError } from "../errors.js";

export interface FeatureMatrix {
  /** [row][feature] */
  readonly values: Float64Array;
  readonly size: number;
}

export type Standardization = "global" | "columns";

/** Number of rows. @throws InputError when the values do not fill whole rows or are not finite. */
export function rowCount({ values, size }: FeatureMatrix, name: string): number {
  if (!(size >= 1) || values.length % size !== 0) {
    throw new InputError("length of a feature matrix", { key: name, expected: `a multiple of ${size} features`, got: `${values.length}` });
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values.length / size;
  const got = `${values[at]} in row ${Math.floor(at / size)}, column ${at % size}`;
  throw new InputError("a feature is not finite", { key: name, expected: "a number", got });
}

/** Rows of a matrix by their indices. */
export function takeRows({ values, size }: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const taken = new Float64Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) taken.set(values.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return { values: taken, size };
}

/** Columns of a matrix by their indices. */
export function takeColumns({ values, size }: FeatureMatrix, columns: ArrayLike<number>): FeatureMatrix {
  const taken = new Float64Array((values.length / size) * columns.length);
  for (let index = 0; index < taken.length; index++) {
    taken[index] = values[Math.floor(index / columns.length) * size + columns[index % columns.length]!]!;
  }
  return { values: taken, size: columns.length };
}

/** Means of the columns. */
export function columnMeans({ values, size }: FeatureMatrix): Float64Array {
  const means = new Float64Array(size);
  const rows = values.length / size;
  values.forEach((value, index) => (means[index % size]! += value / rows));
  return means;
}

/** Rows minus a mean of their columns. */
export function centered({ values, size }: FeatureMatrix, mean: Float64Array): FeatureMatrix {
  return { size, values: values.map((value, index) => value - mean[index % size]!) };
}

/**
 * Both sets of rows with the mean and the scale of the training rows.
 * @throws InputError when nothing varies between the training rows.
 */
export function standardize(training: FeatureMatrix, test: FeatureMatrix, kind: Standardization, name: string): [FeatureMatrix, FeatureMatrix] {
  const { size } = training;
  const rows = training.values.length / size;
  const means = columnMeans(training);
  const variances = new Float64Array(size);
  training.values.forEach((value, index) => (variances[index % size]! += (value - means[index % size]!) ** 2 / rows));
  // What rounding of the mean leaves of a constant column is no variance.
  const varies = variances.map((variance, j) => (variance > 1e-28 * means[j]! ** 2 ? 1 : 0));
  const total = variances.reduce((sum, variance, j) => sum + varies[j]! * variance, 0);
  if (!(total > 0)) {
    const expected = "two different rows at least";
    throw new InputError("features do not vary between the training rows", { key: name, expected, got: `${rows} equal ones` });
  }
  const columns = varies.reduce((sum, value) => sum + value, 0);
  const factors = variances.map((variance, j) => (varies[j] === 0 ? 0 : 1 / Math.sqrt(kind === "global" ? total : columns * variance)));
  const scale = (value: number, index: number): number => factors[index % size]! * (value - means[index % size]!);
  return [{ size, values: training.values.map(scale) }, { size, values: test.values.map(scale) }];
}
