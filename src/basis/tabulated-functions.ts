/**
 * Radial functions that a user brings as numbers on a uniform grid from 0 on, THEORY.md Eq. (29): cubic splines through them (not-a-knot ends), 0
 * beyond the grid, made orthonormal under ∫ s² ds by S^{−1/2}, which leaves an orthonormal set as it is.
 * Second derivatives M_k at the nodes: M_{k−1} + 4 M_k + M_{k+1} = 6 (f_{k+1} − 2f_k + f_{k−1})/h² (de Boor, A Practical Guide to Splines, ch. IV).
 */

import type { TabulatedBasis } from "./hyperparameters.js";
import { loewdin } from "./loewdin.js";
import { checkCondition, overlapMatrix } from "./orthonormalization.js";
import type { RadialFunctions } from "./radial-functions.js";

/** Rounding of the brought functions grows by the root of this. */
const largestCondition = 1e12;
/** Exact for the square of a cubic with s², which has degree 8. */
const overlapPoints = 5;

/** h² M_k at the nodes of a spline through at least four values. */
function splineMoments(values: readonly number[]): Float64Array {
  const last = values.length - 1;
  const second = (k: number): number => values[k + 1]! - 2 * values[k]! + values[k - 1]!;
  const moments = new Float64Array(values.length);
  // Not-a-knot: M_0 = 2M_1 − M_2, so that the first and the last equation become 6 M_k = 6·second(k).
  moments[1] = second(1);
  moments[last - 1] = second(last - 1);
  const factors = new Float64Array(values.length);
  for (let k = 2; k < last - 1; k++) {
    const pivot = 4 - factors[k - 1]!;
    factors[k] = 1 / pivot;
    moments[k] = (6 * second(k) - moments[k - 1]!) / pivot;
  }
  for (let k = last - 2; k > 1; k--) moments[k]! -= factors[k]! * moments[k + 1]!;
  moments[0] = 2 * moments[1]! - moments[2]!;
  moments[last] = 2 * moments[last - 1]! - moments[last - 2]!;
  return moments;
}

interface Spline {
  (s: number, values: Float64Array, slopes: Float64Array): void;
}

/** Splines through `functions` [n][k] at s = k·step; before the first and behind the last node the outer pieces go on. */
function createSplines(functions: readonly (readonly number[])[], step: number): Spline {
  const moments = functions.map(splineMoments);
  const intervals = functions[0]!.length - 1;
  return (s, values, slopes) => {
    const node = Math.max(0, Math.min(intervals - 1, Math.floor(s / step)));
    const t = s / step - node;
    const rest = 1 - t;
    functions.forEach((nodes, n) => {
      const [a, b, left, right] = [nodes[node]!, nodes[node + 1]!, moments[n]![node]!, moments[n]![node + 1]!];
      values[n] = rest * a + t * b + (rest * (rest * rest - 1) * left + t * (t * t - 1) * right) / 6;
      slopes[n] = (b - a + ((1 - 3 * rest * rest) * left + (3 * t * t - 1) * right) / 6) / step;
    });
  };
}

/**
 * The first nMax of the brought functions, orthonormal on the grid.
 * @throws NumericalError when they are not linearly independent within float64.
 */
export function createTabulatedFunctions({ step, functions }: TabulatedBasis, nMax: number): RadialFunctions {
  const splines = createSplines(functions.slice(0, nMax), step);
  const [values, slopes] = [new Float64Array(nMax), new Float64Array(nMax)];
  const knots = Float64Array.from(functions[0]!, (_, k) => k * step);
  const overlap = overlapMatrix((s, out) => splines(s, out, slopes), nMax, knots, overlapPoints);
  const { inverseRoot, condition } = loewdin(overlap);
  const conditionOf = (fewer: number): number => loewdin(overlap.slice(0, fewer).map((row) => row.slice(0, fewer))).condition;
  checkCondition("functions of basis.table", nMax, condition, largestCondition, conditionOf);
  const transform = inverseRoot.map((row) => Float64Array.from(row, ([hi]) => hi));
  const evaluate = (s: number, out: Float64Array, outSlopes: Float64Array): void => {
    splines(s, values, slopes);
    transform.forEach((row, n) => {
      out[n] = row.reduce((sum, factor, k) => sum + factor * values[k]!, 0);
      outSlopes[n] = row.reduce((sum, factor, k) => sum + factor * slopes[k]!, 0);
    });
  };
  return { nMax, perDegree: false, knots, detail: step, evaluate };
}
