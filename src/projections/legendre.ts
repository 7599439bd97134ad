/**
 * Functions of an angle as sums of Legendre polynomials, THEORY.md Eq. (61): A(x) = Σ_l a_l P_l(x), x = cos θ, a_l = (l + ½) ∫ A P_l dx over [−1, 1].
 */
import { gaussLegendre } from "../basis/gauss-legendre.js";

/** P_0(x) … P_lMax(x) by Bonnet's recurrence, −1 ≤ x ≤ 1. */
export function legendrePolynomials(lMax: number, x: number): Float64Array {
  const values = new Float64Array(lMax + 1);
  let [before, value] = [0, 1];
  for (let l = 0; l <= lMax; l++) {
    values[l] = value;
    [before, value] = [value, ((2 * l + 1) * x * value - l * before) / (l + 1)];
  }
  return values;
}

export interface LegendreSeries {
  /** a_l, [l]. */
  readonly coefficients: Float64Array;
  /** Largest |A − Σ a_l P_l| over the points of the quadrature: what the degrees beyond lMax would add. */
  readonly error: number;
}

/**
 * The first lMax + 1 terms of A. Exact, but for rounding, for polynomials of degree up to lMax; entire functions such as Gaussians of cos θ converge
 * faster than any power of 1/lMax, those with a kink or a root at ±1 (Gaussians of θ itself) by powers only.
 * @param points of the Gauss–Legendre rule: integrals of polynomials up to degree 2 points − 1 are exact
 */
export function legendreSeries(angular: (x: number) => number, lMax: number, points = 2 * lMax + 64): LegendreSeries {
  const rule = gaussLegendre(points, -1, 1);
  const values = Float64Array.from(rule.points, angular);
  const polynomials = Array.from(rule.points, (x) => legendrePolynomials(lMax, x));
  const coefficients = Float64Array.from({ length: lMax + 1 }, (_, l) =>
    values.reduce((sum, value, k) => sum + (l + 0.5) * rule.weights[k]! * value * polynomials[k]![l]!, 0),
  );
  const differences = values.map((value, k) => Math.abs(value - coefficients.reduce((sum, a, l) => sum + a * polynomials[k]![l]!, 0)));
  return { coefficients, error: Math.max(...differences) };
}
