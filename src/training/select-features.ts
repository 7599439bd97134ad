/**
 * Selection of features: columns of a feature matrix X that stand for all of them, by the methods that select rows, Eqs. (19) and (20). Distances
 * between columns and their leverages depend on XᵀX = V Λ Vᵀ alone, of X minus its mean: the rows of V Λ^{1/2} are selected, as many as there are
 * features, whatever the number of environments. For k columns CUR looks at the k leading directions, since in all of them the columns are alike.
 */
import type { JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { centered, columnMeans, rowCount } from "../measures/standardization.js";
import { createRandom } from "../selection/random.js";
import { onThisThread, selectEnvironments } from "./sparse-points.js";

/** Eigenvalues of XᵀX below this share of the largest are rounding. */
const rankTolerance = 1e-14;

export interface FeatureSelectionOptions extends JobOptions {
  readonly method: "fps" | "cur";
  /** Of the first column of "fps"; 1 when left out. */
  readonly seed?: number;
}

/**
 * Indices of columns in the order of selection, one list for each of `counts`; shorter with "fps" when the other columns repeat those taken.
 * @param rows [row][size]
 * @throws InputError for a number of columns that is not there, and for features that are not finite.
 */
export async function selectFeatures(
  rows: Float64Array, size: number, counts: readonly number[], { method, seed = 1, ...job }: FeatureSelectionOptions,
): Promise<Int32Array[]> {
  const height = rowCount({ values: rows, size }, "rows");
  for (const count of counts) {
    if (Number.isInteger(count) && count >= 1 && count <= size) continue;
    throw new InputError("number of features to select", { key: "count", expected: `a whole number from 1 to ${size}`, got: String(count) });
  }
  const algebra = await createLinearAlgebra();
  const { values: x } = centered({ values: rows, size }, columnMeans({ values: rows, size }));
  const gram = algebra.multiply(x, x, { m: size, n: size, k: height, transA: true });
  const { values, vectors } = algebra.symmetricEigen(gram, size);
  let rank = 1;
  while (rank < size && values[rank]! > rankTolerance * values[0]!) rank++;
  const selections: Int32Array[] = [];
  for (const count of counts) {
    const used = method === "cur" ? Math.min(rank, count) : rank;
    const points = new Float64Array(size * used);
    for (let q = 0; q < used; q++) {
      const deviation = Math.sqrt(Math.max(0, values[q]!));
      for (let f = 0; f < size; f++) points[f * used + q] = deviation * vectors[q * size + f]!;
    }
    selections.push(await selectEnvironments(onThisThread(algebra), algebra, points, used, count, method, 1, createRandom(seed), job));
  }
  return selections;
}
