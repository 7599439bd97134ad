/**
 * Entropy-regularized match of two sets of environments, Eq. (85) (De, Bartók, Csányi and Ceriotti, doi:10.1039/C6CP00415F): the W of row sums 1/n and
 * column sums 1/m that minimizes Σ_ij W_ij (d²_ij + γ ln W_ij), W_ij = exp(x_i + y_j − d²_ij/γ). Of d² = k_ii + k_jj − 2k_ij the first two terms go into
 * x and y, so that −2k_ij serves. Sinkhorn's iterations (the y that give the column sums, the x that give the row sums) in the logarithms, and, since they
 * become slow for small γ, Newton's steps on the concave function of x whose gradient the row sums are. For small γ the costs are first reduced by the
 * potentials of γ = 0: then nothing large is left in the exponents of pairs that take part, and no digits are lost.
 */
import { InputError, NumericalError } from "../errors.js";
import { optimalTransport } from "./optimal-transport.js";

/** Σ_i |row sum − 1/n| of a W that is accepted; Σ W = 1. */
const TOLERANCE = 1e-12;
const MOST_STEPS = 400;
/** Range of the costs over γ from which on the potentials of γ = 0 are worth their n³ operations. */
const SMALL_GAMMA = 8;
/** Logarithm by which an element of W changes in one step of Newton at the most. */
const LONGEST_STEP = 6;

/** A smaller set of rows makes the steps of Newton cheaper. */
function transposed(values: Float64Array, n: number, m: number): Float64Array {
  return values.map((_, index) => values[(index % n) * m + Math.floor(index / n)]!);
}

/**
 * W, [n][m].
 * @param kernel k_ij, [n][m]
 * @param gamma γ of Eq. (85), above 0 and finite; half of it is that of the paper cited
 * @throws InputError for a γ out of range or a kernel that is not n × m; NumericalError for one that is not finite, or without convergence.
 */
export function rematchPlan(kernel: Float64Array, n: number, m: number, gamma: number): Float64Array {
  if (!(gamma > 0 && gamma < Infinity)) throw new InputError("entropy of a match", { key: "gamma", expected: "a number above 0", got: String(gamma) });
  if (kernel.length !== n * m || n < 1 || m < 1) throw new InputError("kernel of a match", { expected: `${n} × ${m} numbers, one at least`, got: String(kernel.length) });
  if (n > m) return transposed(rematchPlan(transposed(kernel, n, m), m, n, gamma), m, n);
  let [least, most] = [Infinity, -Infinity];
  for (const value of kernel) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (!Number.isFinite(most - least)) throw new NumericalError("the kernel of a match is not finite", { expected: "finite numbers", got: `${least} to ${most}` });
  // A power of two, which changes no digit, keeps γ and costs of any size away from the ends of the range.
  const unit = 2 ** Math.floor(Math.log2(Math.max(most - least, Number.MIN_VALUE * 2 ** 60)));
  const costs = kernel.map((value) => (2 * (most - value)) / unit);
  const scaled = Math.max(gamma / unit, Number.MIN_VALUE);
  const range = (2 * (most - least)) / unit;
  if (range > SMALL_GAMMA * scaled) {
    const { rows, columns } = optimalTransport(costs, n, m);
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) costs[i * m + j] = Math.max(0, costs[i * m + j]! - columns[j]! - rows[i]!);
  }
  return new Match(costs.map((cost) => cost / scaled), n, m).solve();
}

class Match {
  /** d²/γ without what goes into x and y, [n][m]. */
  readonly #costs: Float64Array;
  readonly #n: number;
  readonly #m: number;
  readonly #plan: Float64Array;
  readonly #rowSums: Float64Array;

  constructor(costs: Float64Array, n: number, m: number) {
    [this.#costs, this.#n, this.#m] = [costs, n, m];
    [this.#plan, this.#rowSums] = [new Float64Array(n * m), new Float64Array(n)];
  }

  solve(): Float64Array {
    const n = this.#n;
    let x: Float64Array = new Float64Array(n);
    let worth = this.#evaluate(x);
    let before = Infinity;
    for (let step = 0; step < MOST_STEPS; step++) {
      const missing = this.#missing();
      if (missing <= TOLERANCE) return this.#plan;
      // As long as Sinkhorn's steps gain a factor of five each, they are the cheaper ones.
      const next = missing < 0.2 * before || step < 3 ? null : this.#newton(x, worth);
      before = missing;
      if (next) [x, worth] = [next.x, next.worth];
      else {
        x = x.map((value, i) => value - Math.log(n * this.#rowSums[i]!));
        worth = this.#evaluate(x);
      }
    }
    throw new NumericalError("the match did not converge", { key: "gamma", expected: `row sums within ${TOLERANCE} in ${MOST_STEPS} steps`, got: String(this.#missing()) });
  }

  #missing(): number {
    return this.#rowSums.reduce((sum, value) => sum + Math.abs(1 / this.#n - value), 0);
  }

  /** W of x with exact column sums, its row sums, and the function that x maximizes: Σ_i x_i/n − Σ_j ln(Σ_i exp(x_i − C_ij))/m. */
  #evaluate(x: Float64Array): number {
    const [n, m, costs, plan, rowSums] = [this.#n, this.#m, this.#costs, this.#plan, this.#rowSums];
    rowSums.fill(0);
    let worth = 0;
    for (const value of x) worth += value / n;
    for (let j = 0; j < m; j++) {
      let most = -Infinity;
      for (let i = 0; i < n; i++) most = Math.max(most, x[i]! - costs[i * m + j]!);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const term = Math.exp(x[i]! - costs[i * m + j]! - most);
        plan[i * m + j] = term;
        sum += term;
      }
      worth -= (most + Math.log(sum)) / m;
      for (let i = 0; i < n; i++) {
        plan[i * m + j]! /= sum * m;
        rowSums[i]! += plan[i * m + j]!;
      }
    }
    return worth;
  }

  /** A step of Newton that raises the function, shortened until it does; null, with W as it was, when none does. */
  #newton(x: Float64Array, worth: number): { readonly x: Float64Array; readonly worth: number } | null {
    const n = this.#n;
    const gradient = this.#rowSums.map((value) => 1 / n - value);
    const step = this.#direction(gradient);
    const [missing, slope] = [this.#missing(), step.reduce((sum, value, i) => sum + value * gradient[i]!, 0)];
    if (slope > 0 && Number.isFinite(slope)) {
      const longest = step.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // Sets that hardly exchange anything yet ask for steps far beyond what the quadratic form knows.
      const first = Math.min(1, LONGEST_STEP / longest);
      for (let length = first; length > 1e-3 * first; length /= 2) {
        const candidate = x.map((value, i) => value + length * step[i]!);
        const reached = this.#evaluate(candidate);
        // Near the maximum the function has no more digits to rise by; the row sums have.
        const level = reached >= worth - 1e-13 * (1 + Math.abs(worth));
        if (reached >= worth + 1e-4 * length * slope || (level && this.#missing() < 0.5 * missing)) return { x: candidate, worth: reached };
      }
    }
    this.#evaluate(x);
    return null;
  }

  /** δ with (diag(r) − m W Wᵀ) δ = gradient, the Laplacian of a graph; the mean of δ, which changes nothing, is 0. */
  #direction(gradient: Float64Array): Float64Array {
    const [n, m, plan, rowSums] = [this.#n, this.#m, this.#plan, this.#rowSums];
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k <= i; k++) {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += plan[i * m + j]! * plan[k * m + j]!;
        matrix[i * n + k] = 1 / (n * n) - m * sum;
      }
    }
    // Diagonal from the other elements, so that rows sum up to 0 to the last digit; sets that hardly exchange anything need the small addition.
    for (let i = 0; i < n; i++) {
      let others = 0;
      for (let k = 0; k < n; k++) if (k !== i) others += 1 / (n * n) - matrix[Math.max(i, k) * n + Math.min(i, k)]!;
      matrix[i * n + i] = 1 / (n * n) + others + 1e-14 * rowSums[i]!;
    }
    return solvePositiveDefinite(matrix, gradient, n);
  }
}

/** Cholesky in place: the matrices are small, and copying them to the kernels costs more than it saves. Of A the lower triangle is read. */
function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = a[i * n + k]!;
      for (let q = 0; q < k; q++) sum -= a[i * n + q]! * a[k * n + q]!;
      a[i * n + k] = k < i ? sum / a[k * n + k]! : Math.sqrt(Math.max(sum, Number.MIN_VALUE));
    }
    for (let q = 0; q < i; q++) x[i]! -= a[i * n + q]! * x[q]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let q = i + 1; q < n; q++) x[i]! -= a[q * n + i]! * x[q]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}
