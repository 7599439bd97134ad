/**
 * Functions of the neighbors in the radial basis of δ densities, THEORY.md Eq. (59): with g_l(r) ≈ Σ_n b_ln R_nl(r),
 *
 *   A_lm = Σ_j w_{a_j} f_c(r_ij) g_l(r_ij) Y_lm(r̂_ij) = Σ_{an} w_a b_ln c_{anlm},
 *
 * where b minimizes ∫ s² (g_l − Σ_n b_ln R_nl)² ds over [0, r_c]. Where the g are themselves the functions of the basis (`deltaHyperparameters`), this
 * is an identity and holds to the splines of basis.table; otherwise to the completeness of the basis, which `error` tells.
 */
import { gaussLegendre } from "../basis/gauss-legendre.js";
import { fromNumber } from "../basis/double-double.js";
import type { Cutoff, TabulatedBasis } from "../basis/hyperparameters.js";
import { choleskyFactor, overlapMatrix, solveLower, solveLowerTransposed } from "../basis/orthonormalization.js";
import { createRadialFunctions, type RadialFunctions } from "../basis/radial-functions.js";
import { InputError, NumericalError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";

/** Which neighbors a sum runs over, and what it takes of their distance. */
export interface NeighborFunction {
  /** w of the neighbors of each element, by atomic number; 0 for those left out. */
  readonly elements: Readonly<Record<number, number>>;
  /** g_l(r) without the cutoff function, which is that of the hyperparameters; r in Å. */
  readonly radial: (r: number, l: number) => number;
}

/** Points per panel of the quadrature: a panel is one piece of a table, on which 5 are exact for products of cubics, or as long as functions vary. */
const POINTS_OF_A_PIECE = 5;
const POINTS_OF_A_PANEL = 12;

/** Points on the grid of `deltaHyperparameters`: the splines of functions that vary over 0.3 r_c or more are good to 1e-11. */
const GRID_POINTS = 2001;

/** Radial functions as a table from 0 to the radius in Å. */
function tabulate(functions: readonly ((r: number) => number)[], radius: number): TabulatedBasis {
  const step = radius / (GRID_POINTS - 1);
  return { step, functions: functions.map((g) => Array.from({ length: GRID_POINTS }, (_, k) => g(k * step))) };
}

export interface DeltaOptions {
  readonly cutoff: Cutoff;
  readonly lMax: number;
  readonly kind: "radial-spectrum" | "power-spectrum" | "bispectrum";
  /** 0 by default: a descriptor's sums run over neighbors. 1 for those that count the center itself as an atom at r = 0. */
  readonly centerWeight?: number;
  /** Of the radial tables, 1e-10 by default. */
  readonly accuracy?: number;
}

/**
 * Hyperparameters of δ densities whose radial basis spans the functions given (without f_c), so that descriptors made of them are exact projections.
 * The basis is their orthonormal combination; no function may be a combination of the others.
 */
export function deltaHyperparameters(
  functions: readonly ((r: number) => number)[],
  { cutoff, lMax, kind, centerWeight = 0, accuracy = 1e-10 }: DeltaOptions,
): Hyperparameters {
  return {
    cutoff,
    density: { kind: "delta", width: 0, centerWeight, scaling: null },
    basis: { kind: "table", nMax: functions.length, lMax, accuracy, table: tabulate(functions, cutoff.radius) },
    features: { kind, normalize: false },
  };
}

/** @throws InputError unless features are plain sums over neighbors, and of this kind. */
export function checkProjectable(hyperparameters: Hyperparameters, kind: DeltaOptions["kind"]): void {
  validateHyperparameters(hyperparameters);
  const { density, basis, features } = hyperparameters;
  const refuse = (key: string, expected: string, got: string): never => {
    throw new InputError("descriptors are no linear map of these features", { key, expected, got });
  };
  if (features.kind !== kind) refuse("features.kind", `"${kind}"`, `"${features.kind}"`);
  if (features.normalize) refuse("features.normalize", "false", "true");
  if (density.kind !== "delta") refuse("density.kind", '"delta"', `"${density.kind}"`);
  if (density.weights) refuse("density.weights", "none: the descriptor's own weights say it", "weights");
  if (density.scaling !== null) refuse("density.scaling", "null: the descriptor's own radial functions say it", "a scaling");
  if (basis.contraction) refuse("basis.contraction", "none", "a contraction");
}

/** The radial basis with a quadrature on [0, r_c], prepared for fits of functions. */
export interface RadialFit {
  /** Points in Å and weights of ∫ s² ds. */
  readonly points: Float64Array;
  readonly weights: Float64Array;
  /** R_nl at the points, [point][n]. */
  functions(l: number): readonly Float64Array[];
  /** b [n] with Σ_n b_n R_nl closest to values given at the points. */
  fit(values: ArrayLike<number>, l: number): Float64Array;
}

/** Edges of panels no longer than `longest`, with the knots among them. */
function panels(knots: Float64Array, radius: number, longest: number): number[] {
  const inner = Array.from(knots).filter((knot) => knot > 0 && knot < radius * (1 - 1e-12));
  const edges = [0, ...inner, radius];
  return [0, ...edges.slice(1).flatMap((edge, k) => {
    const count = Math.ceil((edge - edges[k]!) / longest);
    return Array.from({ length: count }, (_, part) => edges[k]! + ((edge - edges[k]!) * (part + 1)) / count);
  })];
}

/** @throws NumericalError when the functions are not independent on [0, r_c]. */
export function createRadialFit(hyperparameters: Hyperparameters): RadialFit {
  const { cutoff: { radius }, basis: { nMax, lMax } } = hyperparameters;
  const basis: RadialFunctions = createRadialFunctions(hyperparameters);
  const size = basis.perDegree ? nMax * (lMax + 1) : nMax;
  const perPanel = hyperparameters.basis.kind === "table" ? POINTS_OF_A_PIECE : POINTS_OF_A_PANEL;
  const edges = panels(basis.knots, radius, Math.max(basis.detail, radius / 50));
  const rules = edges.slice(1).map((edge, k) => gaussLegendre(perPanel, edges[k]!, edge));
  const points = Float64Array.from(rules.flatMap((rule) => [...rule.points]));
  const weights = Float64Array.from(rules.flatMap((rule) => Array.from(rule.weights, (weight, k) => weight * rule.points[k]! ** 2)));
  const slopes = new Float64Array(size);
  const all = Array.from(points, (s) => {
    const values = new Float64Array(size);
    basis.evaluate(s, values, slopes);
    return values;
  });
  const first = (l: number): number => (basis.perDegree ? l * nMax : 0);
  const factors = Array.from({ length: basis.perDegree ? lMax + 1 : 1 }, (_, l) => {
    const scratch = new Float64Array(size);
    const evaluate = (s: number, out: Float64Array): void => {
      basis.evaluate(s, scratch, slopes);
      out.set(scratch.subarray(first(l), first(l) + nMax));
    };
    // Orthonormal on [0, ∞) is not orthonormal on [0, r_c].
    const factor = choleskyFactor(overlapMatrix(evaluate, nMax, edges, perPanel));
    if (factor === null) throw new NumericalError("the radial functions are not independent within the cutoff", { key: "basis.nMax", got: `${nMax}` });
    return factor;
  });
  const byDegree = factors.map((_, l) => all.map((values) => values.subarray(first(l), first(l) + nMax)));
  const functions = (l: number): readonly Float64Array[] => byDegree[basis.perDegree ? l : 0]!;
  return {
    points, weights, functions,
    fit(values, l) {
      const right = new Float64Array(nMax);
      functions(l).forEach((row, k) => {
        for (let n = 0; n < nMax; n++) right[n]! += weights[k]! * values[k]! * row[n]!;
      });
      const factor = factors[basis.perDegree ? l : 0]!;
      const solution = solveLowerTransposed(factor, solveLower(factor, Array.from(right, fromNumber)));
      return Float64Array.from(solution, ([high]) => high);
    },
  };
}

export interface FittedFunction {
  /** w_a b_ln, [l][element, n]. */
  readonly weights: readonly Float64Array[];
  /** Largest over l of |g_l − Σ_n b_ln R_nl| / |g_l|, both norms under ∫ s² ds on [0, r_c]. */
  readonly error: number;
}

/**
 * A function of the neighbors in the basis, for the degrees asked for; others are left at 0.
 * @throws InputError when a weight belongs to an element that the features do not know, or a value is not finite.
 */
export function fitFunction(fit: RadialFit, species: readonly number[], lMax: number, { elements, radial }: NeighborFunction, degrees: Iterable<number>): FittedFunction {
  const unknown = Object.keys(elements).find((z) => !species.includes(Number(z)));
  if (unknown !== undefined) {
    throw new InputError("element unknown to the features", { key: "elements", expected: species.join(", "), got: unknown });
  }
  let error = 0;
  const needed = new Set(degrees);
  // Most functions are the same for all degrees, and so are most bases.
  let last: { readonly values: Float64Array; readonly functions: readonly Float64Array[]; readonly row: Float64Array } | null = null;
  const weights = Array.from({ length: lMax + 1 }, (_, l) => {
    const nMax = fit.functions(l)[0]!.length;
    const row = new Float64Array(species.length * nMax);
    if (!needed.has(l)) return row;
    const values = Float64Array.from(fit.points, (r) => radial(r, l));
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new InputError("a radial function is not finite", { key: "radial", expected: "a number", got: `${values[at]} at ${fit.points[at]} Å` });
    if (last?.functions === fit.functions(l) && last.values.every((value, k) => value === values[k])) return last.row;
    const b = fit.fit(values, l);
    let [left, whole] = [0, 0];
    fit.functions(l).forEach((functions, k) => {
      const rest = values[k]! - b.reduce((sum, factor, n) => sum + factor * functions[n]!, 0);
      left += fit.weights[k]! * rest * rest;
      whole += fit.weights[k]! * values[k]! ** 2;
    });
    if (whole > 0) error = Math.max(error, Math.sqrt(left / whole));
    species.forEach((z, a) => row.set(b.map((value) => (elements[z] ?? 0) * value), a * nMax));
    last = { values, functions: fit.functions(l), row };
    return row;
  });
  return { weights, error };
}
