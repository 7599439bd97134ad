// Which environments become sparse points: how many per element, and which ones, Eqs. (19) and (20).
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { curPoints, drawPoints, leverageSpace } from "../selection/cur.js";
import { farthestPoints } from "../selection/fps.js";
import type { Random } from "../selection/random.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import type { FitConfiguration } from "./configuration.js";

/**
 * Sparse points per element: as configured, or shared out in proportion to the environments, at least one each.
 * @throws InputError when an element has fewer environments than points asked for.
 */
export function shareOut(count: FitConfiguration["sparse"]["count"], species: readonly number[], environments: readonly number[]): number[] {
  const total = environments.reduce((a, b) => a + b, 0);
  let share: number[];
  if (typeof count === "number") {
    if (count > total) throw new InputError("fewer environments than sparse points", { key: "sparse.count", expected: `at most ${total}, one per atom of the training structures`, got: `${count}` });
    share = environments.map((own) => Math.min(own, Math.max(1, Math.round((count * own) / total))));
  } else {
    const given = new Map(Object.entries(count).map(([symbol, points]) => [atomicNumberOf(symbol), points]));
    share = species.map((z) => {
      const points = given.get(z);
      if (points === undefined) throw new InputError("no number of sparse points for an element", { key: "sparse.count", expected: `an entry for ${symbolOf(z)}`, got: "none" });
      return points;
    });
  }
  share.forEach((points, s) => {
    if (points <= environments[s]!) return;
    throw new InputError("fewer environments than sparse points", { key: "sparse.count", expected: `at most ${environments[s]} for ${symbolOf(species[s]!)}`, got: `${points}` });
  });
  return share;
}

/** Indices of the chosen rows of `points`, [environment][size]. */
export function selectEnvironments(
  algebra: LinearAlgebra, points: Float64Array, size: number, count: number, method: FitConfiguration["sparse"]["method"], zeta: number, random: Random,
): Int32Array {
  const total = points.length / size;
  switch (method) {
    case "fps":
      return farthestPoints(points, size, count, zeta, random.integer(total));
    case "cur":
      return curPoints(leverageSpace(algebra, points, size), count);
    case "leverage":
      return drawPoints(leverageSpace(algebra, points, size).scores, count, random);
    case "random":
      return drawPoints(new Float64Array(total).fill(1), count, random);
  }
}
