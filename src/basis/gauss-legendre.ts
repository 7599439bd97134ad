/**
 * Gauss–Legendre quadrature: the zeros x_i of P_n by Newton's method from x ≈ cos(π(i − ¼)/(n + ½)),
 * weights 2/((1 − x²) P_n'(x)²); exact for polynomials of degree 2n − 1 (Abramowitz and Stegun 25.4.29).
 */
import { cosinePi } from "./elementary.js";

export interface Quadrature {
  /** Ascending. */
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/** P_n(x) and P_n'(x) by Bonnet's recurrence, |x| < 1. */
function legendre(n: number, x: number): [number, number] {
  let [before, value] = [0, 1];
  for (let k = 0; k < n; k++) [before, value] = [value, ((2 * k + 1) * x * value - k * before) / (k + 1)];
  return [value, (n * (before - x * value)) / (1 - x * x)];
}

/** The `count` points and weights on [from, to]. */
export function gaussLegendre(count: number, from: number, to: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  const [center, half] = [(from + to) / 2, (to - from) / 2];
  for (let i = 0; 2 * i < count; i++) {
    let x = 2 * i + 1 === count ? 0 : cosinePi((i + 0.75) / (count + 0.5));
    // Newton doubles the digits; from this start, five steps reach rounding for any count.
    for (let step = 0; step < 5; step++) {
      const [value, slope] = legendre(count, x);
      x -= value / slope;
    }
    const slope = legendre(count, x)[1];
    const weight = (2 * half) / ((1 - x * x) * slope * slope);
    points[i] = center - half * x;
    points[count - 1 - i] = center + half * x;
    weights[i] = weights[count - 1 - i] = weight;
  }
  return { points, weights };
}
