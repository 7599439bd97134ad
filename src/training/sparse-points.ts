// Which environments become sparse points: how many per element, and which ones, Eqs. (19) and (20).
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { curPoints, drawPoints, leverageSpace } from "../selection/cur.js";
import { farthestPoints } from "../selection/fps.js";
import type { Random } from "../selection/random.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import type { FitConfiguration } from "./configuration.js";

/** "auto" takes a quarter of the environments, but of few all up to the first number, and of many no more than the second. */
const AUTOMATIC_POINTS = { least: 50, most: 1000 };

function automaticCount(environments: number): number {
  const { least, most } = AUTOMATIC_POINTS;
  return Math.min(environments, most, Math.max(least, Math.ceil(environments / 4)));
}

/**
 * Sparse points per element: as configured, or shared out in proportion to the environments, at least one each.
 * @throws InputError when an element has fewer environments than points asked for.
 */
export function shareOut(count: FitConfiguration["sparse"]["count"], species: readonly number[], environments: readonly number[]): number[] {
  const total = environments.reduce((a, b) => a + b, 0);
  let share: number[];
  if (count === null || typeof count !== "object") {
    const wanted = typeof count === "number" ? count : count === "all" ? total : automaticCount(total);
    if (wanted > total)
      throw new InputError("fewer environments than sparse points", {
        key: "sparse.count",
        expected: `at most ${total}, one per atom of the training structures`,
        got: `${wanted}`,
      });
    share = environments.map((own) => Math.min(own, Math.max(1, Math.round((wanted * own) / total))));
  } else {
    const given = new Map(Object.entries(count).map(([symbol, points]) => [atomicNumberOf(symbol), points]));
    share = species.map((z) => {
      const points = given.get(z);
      if (points === undefined)
        throw new InputError("no number of sparse points for an element", {
          key: "sparse.count",
          expected: `an entry for ${symbolOf(z)}`,
          got: "none",
        });
      return points;
    });
  }
  share.forEach((points, s) => {
    if (points <= environments[s]!) return;
    throw new InputError("fewer environments than sparse points", {
      key: "sparse.count",
      expected: `at most ${environments[s]} for ${symbolOf(species[s]!)}`,
      got: `${points}`,
    });
  });
  return share;
}

/** For points that a caller has at hand, which are few: the calling thread serves. */
export function onThisThread(algebra: LinearAlgebra): Pick<Backend, "farthestPoints"> {
  return { farthestPoints: (points, size, count, zeta, first) => farthestPoints(algebra, points, size, count, zeta, first) };
}

/** Selection holds the thread for at most this long before it lets progress, cancellation and input through. */
const YIELD_MS = 30;

/**
 * Indices of the chosen rows of `points`, [environment][size], in the order of selection.
 * @param backend finds farthest points
 */
export async function selectEnvironments(
  backend: Pick<Backend, "farthestPoints">,
  algebra: LinearAlgebra,
  points: Float64Array,
  size: number,
  count: number,
  method: Exclude<FitConfiguration["sparse"]["method"], "unit-vectors">,
  zeta: number,
  random: Random,
  { signal, onProgress }: JobOptions = {},
): Promise<Int32Array> {
  const total = points.length / size;
  if (method === "random") return drawPoints(new Float64Array(total).fill(1), count, random);
  if (method === "leverage") return drawPoints(leverageSpace(algebra, points, size).scores, count, random);
  const chosen =
    method === "fps"
      ? backend.farthestPoints(points, size, count, zeta, random.integer(total), { signal })
      : curPoints(algebra, leverageSpace(algebra, points, size), count);
  const indices: number[] = [];
  let last = performance.now();
  for await (const index of chosen) {
    indices.push(index);
    if (performance.now() - last < YIELD_MS) continue;
    onProgress?.({ stage: "sparse points", done: indices.length, total: count });
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  }
  return Int32Array.from(indices);
}
