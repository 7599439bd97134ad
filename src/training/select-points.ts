// Selection of any rows of features: environments, or structures by their mean features.
import type { JobOptions } from "../backend/backend.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { createRandom } from "../selection/random.js";
import { onThisThread, selectEnvironments } from "./sparse-points.js";

export type SelectionMethod = "fps" | "cur" | "leverage" | "random";

/**
 * Indices of `count` rows, in the order of selection; fewer with "fps" when the rest repeats rows taken.
 * @param rows [row][size]
 * @throws InputError when there are fewer rows.
 */
export async function selectPoints(
  rows: Float64Array,
  size: number,
  count: number,
  options: JobOptions & { readonly method: SelectionMethod; readonly seed?: number },
): Promise<Int32Array> {
  const algebra = await createLinearAlgebra();
  return selectEnvironments(onThisThread(algebra), algebra, rows, size, count, options.method, 1, createRandom(options.seed ?? 1), options);
}
