// Farthest-point sampling in the metric of the kernel, Eq. (19).
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/**
 * Picks points that are far from each other: each next point maximizes the distance d² = k(x,x) + k(x',x') − 2k(x,x'), k = (x·x')^ζ, to those taken.
 * Gives their indices one by one, so that the caller can show progress or stop; ends early when every remaining point coincides with one taken.
 * @param points [point][size]
 * @param first index of the first point, or those of the first points
 * @throws InputError when `count` exceeds the number of points.
 */
export async function* farthestPoints(
  algebra: LinearAlgebra,
  points: Float64Array,
  size: number,
  count: number,
  zeta: number,
  first: number | readonly number[],
): AsyncGenerator<number> {
  checkCount(points, size, count);
  const total = points.length / size;
  const given = typeof first === "number" ? [first] : first;
  const matrix = await algebra.createResidentMatrix(points, total, size);
  const self = new Float64Array(total);
  for (let i = 0; i < total; i++) self[i] = points.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value * value, 0) ** zeta;
  const nearest = new Float64Array(total).fill(Infinity);
  let next = given[0]!;
  for (let taken = 0; taken < count; taken++) {
    yield next;
    const own = self[next]!;
    const products = matrix.timesVector(points.subarray(next * size, (next + 1) * size));
    let farthest = -1;
    let most = 0;
    for (let i = 0; i < total; i++) {
      const distance = self[i]! + own - 2 * products[i]! ** zeta;
      if (distance < nearest[i]!) nearest[i] = distance;
      if (nearest[i]! > most) {
        most = nearest[i]!;
        farthest = i;
      }
    }
    // Below the rounding of k a distance says nothing: what is left are copies of points taken.
    if (farthest < 0 || most < 1e-14 * own) return;
    next = given[taken + 1] ?? farthest;
  }
}

/** @throws InputError when more points are asked for than there are. */
export function checkCount(points: Float64Array, size: number, count: number): void {
  const total = size === 0 ? 0 : points.length / size;
  if (count > total) throw new InputError("fewer points than asked for", { key: "sparse.count", expected: `at most ${total}`, got: `${count}` });
}
