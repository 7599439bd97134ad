/**
 * Two ways downhill. FIRE: damped dynamics, doi:10.1103/PhysRevLett.97.170201, with that paper's parameters; it needs no values and so serves
 * elastic bands, too. L-BFGS: two-loop recursion of Nocedal, doi:10.1090/S0025-5718-1980-0572855-7, with a backtracking line search that
 * accepts what the approximate Wolfe conditions accept, doi:10.1137/030601880: near the minimum values differ by rounding only, gradients still point.
 * Coordinates are lengths (Å) in groups of three, values eV.
 */
export interface Point {
  /** Å, [group][3]. */
  readonly x: Float64Array;
  /** eV */
  readonly value: number;
  /** eV/Å, [group][3]; of an elastic band, minus the force. */
  readonly gradient: Float64Array;
}

export interface Minimizer {
  /** The next point, or null when there is no way down within rounding. */
  step<P extends Point>(point: P, evaluate: (x: Float64Array) => Promise<P>): Promise<P | null>;
}

/** Å that no atom exceeds in one step: further, a quadratic model of the energy means nothing. */
const LONGEST_STEP = 0.2;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Length of the longest group of three. */
export function longestGroup(vectors: Float64Array): number {
  let longest = 0;
  for (let k = 0; k < vectors.length; k += 3) longest = Math.max(longest, Math.hypot(vectors[k], vectors[k + 1], vectors[k + 2]));
  return longest;
}

function shortened(step: Float64Array): Float64Array {
  const length = longestGroup(step);
  return length <= LONGEST_STEP ? step : step.map((value) => (value * LONGEST_STEP) / length);
}

/** Unit masses. */
export function createFire(): Minimizer {
  const [start, longest, growth, shrinkage, wait] = [0.1, 1, 1.1, 0.5, 5];
  const [mixingStart, mixingDecay] = [0.1, 0.99];
  let [time, mixing, downhill] = [start, mixingStart, 0];
  let velocity: Float64Array | null = null;
  return {
    async step(point, evaluate) {
      const force = point.gradient.map((value) => -value);
      velocity ??= new Float64Array(force.length);
      if (dot(force, velocity) > 0) {
        const turn = mixing * Math.sqrt(dot(velocity, velocity) / dot(force, force));
        for (let k = 0; k < force.length; k++) velocity[k] = (1 - mixing) * velocity[k] + turn * force[k];
        if (downhill++ > wait) [time, mixing] = [Math.min(time * growth, longest), mixing * mixingDecay];
      } else {
        velocity.fill(0);
        [time, mixing, downhill] = [time * shrinkage, mixingStart, 0];
      }
      for (let k = 0; k < force.length; k++) velocity[k] += time * force[k];
      const way = shortened(velocity.map((value) => value * time));
      return evaluate(point.x.map((value, k) => value + way[k]));
    },
  };
}

interface Correction {
  /** x_{k+1} − x_k */
  readonly s: Float64Array;
  /** g_{k+1} − g_k */
  readonly y: Float64Array;
  /** s·y */
  readonly sy: number;
}

/** @param curvature guess of the first second derivative, eV/Å²: a stiff bond's. */
export function createLbfgs({ memory = 20, curvature = 70 } = {}): Minimizer {
  const corrections: Correction[] = [];
  return {
    async step(point, evaluate) {
      for (;;) {
        const way = shortened(direction(point.gradient, corrections, curvature));
        const next = await searchLine(point, way, evaluate);
        if (next) {
          const [s, y] = [next.x.map((value, k) => value - point.x[k]), next.gradient.map((value, k) => value - point.gradient[k])];
          const sy = dot(s, y);
          // Where the energy curves downwards the pair would make the next direction point uphill.
          if (sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y))) corrections.push({ s, y, sy });
          if (corrections.length > memory) corrections.shift();
          return next;
        }
        if (corrections.length === 0) return null;
        corrections.length = 0;
      }
    },
  };
}

/** −H g. */
function direction(gradient: Float64Array, corrections: readonly Correction[], curvature: number): Float64Array {
  const way = gradient.map((value) => -value);
  const add = (vector: Float64Array, factor: number): void => {
    for (let k = 0; k < way.length; k++) way[k] += factor * vector[k];
  };
  const weights = new Map<Correction, number>();
  for (const correction of [...corrections].reverse()) {
    const weight = dot(correction.s, way) / correction.sy;
    weights.set(correction, weight);
    add(correction.y, -weight);
  }
  const last = corrections.at(-1);
  const scale = last ? last.sy / dot(last.y, last.y) : 1 / curvature;
  for (let k = 0; k < way.length; k++) way[k] *= scale;
  for (const correction of corrections) add(correction.s, weights.get(correction)! - dot(correction.y, way) / correction.sy);
  return way;
}

async function searchLine<P extends Point>(point: P, way: Float64Array, evaluate: (x: Float64Array) => Promise<P>): Promise<P | null> {
  const slope = dot(point.gradient, way);
  if (!(slope < 0)) return null;
  let t = 1;
  for (let trial = 0; trial < 12; trial++) {
    const next = await evaluate(point.x.map((value, k) => value + t * way[k]));
    const rise = next.value - point.value;
    const newSlope = dot(next.gradient, way);
    if (rise <= 1e-4 * t * slope || (rise <= 1e-6 * Math.abs(point.value) && newSlope <= -0.8 * slope && newSlope >= 0.9 * slope)) return next;
    const parabola = (-slope * t * t) / (2 * (rise - slope * t));
    t = Number.isFinite(parabola) ? Math.min(Math.max(parabola, 0.1 * t), 0.5 * t) : 0.1 * t;
  }
  return null;
}
