// Farthest-point sampling in the metric of the kernel, Eq. (19).
import { InputError } from "../errors.js";

/**
 * Picks points that are far from each other: each next point maximizes the distance d² = k(x,x) + k(x',x') − 2k(x,x'), k = (x·x')^ζ, to those taken.
 * Stops early when every remaining point coincides with one taken.
 * @param points [point][size]
 * @param first index of the first point
 * @returns indices in the order of selection, at most `count`
 * @throws InputError when `count` exceeds the number of points.
 */
export function farthestPoints(points: Float64Array, size: number, count: number, zeta: number, first: number): Int32Array {
  const total = size === 0 ? 0 : points.length / size;
  if (count > total) throw new InputError("fewer points than asked for", { key: "sparse.count", expected: `at most ${total}`, got: `${count}` });
  const self = new Float64Array(total);
  for (let i = 0; i < total; i++) self[i] = scalarProduct(points, i * size, i * size, size) ** zeta;
  const nearest = new Float64Array(total).fill(Infinity);
  const taken: number[] = [];
  let next = first;
  while (taken.length < count) {
    taken.push(next);
    const at = next * size;
    const own = self[next]!;
    let farthest = -1;
    let most = 0;
    for (let i = 0; i < total; i++) {
      const distance = self[i]! + own - 2 * scalarProduct(points, i * size, at, size) ** zeta;
      if (distance < nearest[i]!) nearest[i] = distance;
      if (nearest[i]! > most) {
        most = nearest[i]!;
        farthest = i;
      }
    }
    // Below the rounding of k a distance says nothing: what is left are copies of points taken.
    if (farthest < 0 || most < 1e-14 * own) break;
    next = farthest;
  }
  return Int32Array.from(taken);
}

function scalarProduct(values: Float64Array, a: number, b: number, size: number): number {
  // Four sums let the processor work on four products at a time.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < size; k += 4) {
    s0 += values[a + k]! * values[b + k]!;
    s1 += values[a + k + 1]! * values[b + k + 1]!;
    s2 += values[a + k + 2]! * values[b + k + 2]!;
    s3 += values[a + k + 3]! * values[b + k + 3]!;
  }
  for (; k < size; k++) s0 += values[a + k]! * values[b + k]!;
  return s0 + s1 + s2 + s3;
}
