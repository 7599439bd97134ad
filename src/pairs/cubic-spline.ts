// Cubic splines through given points with the slope given at either end, or none (second derivative 0): twice differentiable, straight on outside.
// The second derivatives solve a tridiagonal system (Press et al., Numerical Recipes, §3.3).

export interface CubicSpline {
  /** Value and slope at x. */
  evaluate(x: number): [number, number];
}

/**
 * @param xs ascending, two or more
 * @param first slope at the first point and at the last; null: the second derivative is 0 there
 */
export function createCubicSpline(xs: readonly number[], ys: readonly number[], first: number | null, last: number | null): CubicSpline {
  const n = xs.length;
  const curvatures = curvaturesOf(xs, ys, first, last);
  const within = (x: number): [number, number] => {
    let [low, high] = [0, n - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle]! > x) high = middle;
      else low = middle;
    }
    const h = xs[high]! - xs[low]!;
    const [a, b] = [(xs[high]! - x) / h, (x - xs[low]!) / h];
    const [p, q] = [curvatures[low]!, curvatures[high]!];
    const value = a * ys[low]! + b * ys[high]! + (((a * a * a - a) * p + (b * b * b - b) * q) * h * h) / 6;
    return [value, (ys[high]! - ys[low]!) / h + (((3 * b * b - 1) * q - (3 * a * a - 1) * p) * h) / 6];
  };
  const [left, right] = [within(xs[0]!)[1], within(xs[n - 1]!)[1]];
  return {
    evaluate: (x) => {
      if (x < xs[0]!) return [ys[0]! + (x - xs[0]!) * left, left];
      return x > xs[n - 1]! ? [ys[n - 1]! + (x - xs[n - 1]!) * right, right] : within(x);
    },
  };
}

/** Rows k: h_{k−1} y''_{k−1} + 2 (h_{k−1} + h_k) y''_k + h_k y''_{k+1} = 6 (s_k − s_{k−1}), s the slopes of the chords. */
function curvaturesOf(xs: readonly number[], ys: readonly number[], first: number | null, last: number | null): Float64Array {
  const n = xs.length;
  const h = (k: number): number => xs[k + 1]! - xs[k]!;
  const chord = (k: number): number => (ys[k + 1]! - ys[k]!) / h(k);
  const [diagonal, upper, right] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    let lower = 0;
    if (k === 0) {
      [diagonal[0], upper[0], right[0]] = first === null ? [1, 0, 0] : [2 * h(0), h(0), 6 * (chord(0) - first)];
      continue;
    }
    if (k === n - 1) [lower, diagonal[k], right[k]] = last === null ? [0, 1, 0] : [h(k - 1), 2 * h(k - 1), 6 * (last - chord(k - 1))];
    else [lower, diagonal[k], upper[k], right[k]] = [h(k - 1), 2 * (h(k - 1) + h(k)), h(k), 6 * (chord(k) - chord(k - 1))];
    const factor = lower / diagonal[k - 1]!;
    diagonal[k]! -= factor * upper[k - 1]!;
    right[k]! -= factor * right[k - 1]!;
  }
  for (let k = n - 1; k >= 0; k--) right[k] = (right[k]! - (k < n - 1 ? upper[k]! * right[k + 1]! : 0)) / diagonal[k]!;
  return right;
}
