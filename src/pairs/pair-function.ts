// Functions of the distance of two atoms as cubic splines, Eq. (70): u(r), or u(r)/r, whose u stays smooth where nuclei repel each other without bound.
// Between nodes r_k = start + k·h the cubic that has values and slopes of both nodes: c₀ + c₁t + c₂t² + c₃t³, t = (r − r_k)/h.

export interface PairFunction {
  /** Å; the function is zero from here on. */
  readonly radius: number;
  /** Place of the first node, at most 0, and 1/h; Å, 1/Å. */
  readonly start: number;
  readonly inverseStep: number;
  readonly intervals: number;
  /** c of u, [interval][4]; eV, or eV Å where it is divided. */
  readonly coefficients: Float64Array;
  /** Whether the function is u(r)/r, not u(r). */
  readonly divided: boolean;
}

/**
 * @param nodes u and du/dr of every node, [node][2], two nodes or more
 * @param start place of the first node; `step` and `radius`: all in Å
 */
export function createPairFunction(nodes: Float64Array, start: number, step: number, radius: number, divided: boolean): PairFunction {
  const intervals = nodes.length / 2 - 1;
  const coefficients = new Float64Array(4 * intervals);
  for (let k = 0; k < intervals; k++) {
    const [v0, v1] = [nodes[2 * k]!, nodes[2 * k + 2]!];
    const [s0, s1] = [step * nodes[2 * k + 1]!, step * nodes[2 * k + 3]!];
    coefficients.set([v0, s0, 3 * (v1 - v0) - 2 * s0 - s1, 2 * (v0 - v1) + s0 + s1], 4 * k);
  }
  return { radius, start, inverseStep: 1 / step, intervals, coefficients, divided };
}

/** Writes the value in eV and the slope in eV/Å at r > 0 (Å) to out[0] and out[1]; the slope is that of the spline, so that forces belong to energies. */
export function evaluatePairFunction(pair: PairFunction, r: number, out: Float64Array): void {
  if (r >= pair.radius) {
    out[0] = out[1] = 0;
    return;
  }
  const { coefficients, inverseStep } = pair;
  const position = (r - pair.start) * inverseStep;
  // Just below the radius the position may round up to the last node.
  const interval = Math.min(position | 0, pair.intervals - 1);
  const t = position - interval;
  const at = 4 * interval;
  const c1 = coefficients[at + 1]!;
  const c2 = coefficients[at + 2]!;
  const c3 = coefficients[at + 3]!;
  const value = coefficients[at]! + t * (c1 + t * (c2 + t * c3));
  const slope = inverseStep * (c1 + t * (2 * c2 + 3 * t * c3));
  out[0] = pair.divided ? value / r : value;
  out[1] = pair.divided ? (slope - value / r) / r : slope;
}
