// Descent on subspaces: L-BFGS (Nocedal and Wright, Numerical Optimization, 2006, Algorithm 7.4) whose pairs are carried to each new point by
// projection (Huang, Gallivan and Absil, doi:10.1137/140955483, in its simplest form), steps shortened until Armijo's condition holds.
import { horizontalPart, retract, type SubspaceShape } from "../basis/grassmann.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Pairs of steps and changes of the gradient that make the model of the curvature. */
const MEMORY = 10;
/** Share of the linear prediction that a step has to reach. */
const SUFFICIENT = 1e-4;
/** Longest step, |Z| over all subspaces, and length of a step that knows nothing of the curvature. */
const [LONGEST, LONGEST_FIRST] = [1, 0.1];
const HALVINGS = 30;

export interface Evaluation {
  readonly loss: number;
  gradient(): Float64Array;
}

export interface DescentOptions<Value extends Evaluation> {
  readonly iterations: number;
  /** Ends when |gradient| falls below this share of the loss. */
  readonly tolerance: number;
  /** Called for the start and each new point; false ends the descent there. */
  readonly onPoint: (point: Float64Array, value: Value, iteration: number) => Promise<boolean>;
}

export type DescentEnd = "gradient" | "iterations" | "line search" | "caller";

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function combined(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  return a.map((value, index) => value + factor * b[index]!);
}

interface Pair {
  step: Float64Array;
  change: Float64Array;
}

/** −H g of the two-loop recursion. */
function newtonDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  let direction: Float64Array = gradient.map((value) => -value);
  const shares: number[] = [];
  for (const { step, change } of [...pairs].reverse()) {
    const share = dot(step, direction) / dot(step, change);
    shares.unshift(share);
    direction = combined(direction, -share, change);
  }
  const last = pairs[pairs.length - 1];
  if (last) {
    const scale = dot(last.step, last.change) / dot(last.change, last.change);
    direction = direction.map((value) => scale * value);
  }
  pairs.forEach(({ step, change }, k) => {
    direction = combined(direction, shares[k]! - dot(change, direction) / dot(step, change), step);
  });
  return direction;
}

/**
 * Minimizes a function of subspaces; the loss falls with every point.
 * @param start orthonormal rows, as `shapes` says
 */
export async function minimizeOnSubspaces<Value extends Evaluation>(
  algebra: LinearAlgebra, shapes: readonly SubspaceShape[], start: Float64Array, evaluate: (point: Float64Array) => Value,
  { iterations, tolerance, onPoint }: DescentOptions<Value>,
): Promise<DescentEnd> {
  let [point, value] = [start, evaluate(start)];
  let gradient = horizontalPart(algebra, shapes, point, value.gradient());
  let pairs: Pair[] = [];
  if (!(await onPoint(point, value, 0))) return "caller";
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (!(Math.sqrt(dot(gradient, gradient)) > tolerance * value.loss)) return "gradient";
    let direction = newtonDirection(gradient, pairs);
    let slope = dot(direction, gradient);
    // Curvature carried from elsewhere may mislead.
    if (!(slope < 0)) {
      pairs = [];
      direction = newtonDirection(gradient, pairs);
      slope = dot(direction, gradient);
    }
    const length = Math.sqrt(dot(direction, direction));
    let scale = pairs.length === 0 ? LONGEST_FIRST / length : Math.min(1, LONGEST / length);
    let next = point;
    let found = value;
    let halvings = 0;
    for (; halvings <= HALVINGS; halvings++) {
      next = retract(algebra, shapes, point, direction.map((component) => scale * component));
      found = evaluate(next);
      if (found.loss <= value.loss + SUFFICIENT * scale * slope) break;
      scale /= 2;
    }
    if (halvings > HALVINGS) return "line search";
    const carried = (vector: Float64Array): Float64Array => horizontalPart(algebra, shapes, next, vector);
    const nextGradient = carried(found.gradient());
    const step = carried(direction.map((component) => scale * component));
    const change = combined(nextGradient, -1, carried(gradient));
    pairs = pairs.slice(1 - MEMORY).map((pair) => ({ step: carried(pair.step), change: carried(pair.change) }));
    pairs.push({ step, change });
    // A pair without positive curvature, by itself or through the projection, would spoil the direction of descent.
    pairs = pairs.filter((pair) => dot(pair.step, pair.change) > 1e-10 * Math.sqrt(dot(pair.step, pair.step) * dot(pair.change, pair.change)));
    [point, value, gradient] = [next, found, nextGradient];
    if (!(await onPoint(point, value, iteration))) return "caller";
  }
  return "iterations";
}
