/**
 * Descriptors of two and three bodies as linear maps of the radial and the power spectrum of δ densities, THEORY.md Eqs. (60)–(62).
 * A map is a matrix W [descriptor][feature]; a descriptor of center i is W p_i, its gradient comes from `computeFeatureAdjoints` with that row of W as g.
 */
import { gaussLegendre } from "../basis/gauss-legendre.js";
import { evaluateCutoff } from "../basis/cutoff.js";
import type { Cutoff } from "../basis/hyperparameters.js";
import { InputError } from "../errors.js";
import { featureLabels } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { legendrePolynomials } from "./legendre.js";
import { checkProjectable, createRadialFit, fitFunction, type FittedFunction, type NeighborFunction, type RadialFit } from "./neighbor-functions.js";

export interface ProjectionWeights {
  /** W, [descriptor][feature]. */
  readonly values: Float64Array;
  /** Features. */
  readonly size: number;
  /** Of each descriptor the largest error of a radial function in the basis, relative to the function; 1e-9 or less where the basis spans it. */
  readonly errors: Float64Array;
}

/**
 * W with W p = Σ_j w_{a_j} f_c(r_ij) g(r_ij), Eq. (60), for every function; p the radial spectrum.
 * @throws InputError on features that are no plain sums over neighbors.
 */
export function radialSpectrumWeights(hyperparameters: Hyperparameters, species: readonly number[], functions: readonly NeighborFunction[]): ProjectionWeights {
  checkProjectable(hyperparameters, "radial-spectrum");
  const { nMax } = hyperparameters.basis;
  const fit = createRadialFit(hyperparameters);
  const size = species.length * nMax;
  const values = new Float64Array(functions.length * size);
  const errors = functions.map((item, row) => {
    const { weights, error } = fitFunction(fit, species, 0, item, [0]);
    // p_{an} holds Y_00 = 1/√4π.
    values.set(weights[0]!.map((weight) => Math.sqrt(4 * Math.PI) * weight), row * size);
    return error;
  });
  return { values, size, errors: Float64Array.from(errors) };
}

/** Σ_{jk} [w g f_c](j) [w h f_c](k) A(cos θ_jik) over all ordered pairs of neighbors, j = k included, A = Σ_l a_l P_l. */
export interface PairSum {
  readonly functions: readonly [NeighborFunction, NeighborFunction];
  /** a_l, [l]; up to lMax of the hyperparameters. */
  readonly legendre: ArrayLike<number>;
}

/**
 * The terms j = k of a sum over pairs, as a function of one neighbor: w w' f_c g h A(1), whose own f_c is that of the hyperparameters again.
 * Descriptors that sum over j ≠ k are the pair sum minus this. Zero where no element is on both sides.
 */
export function selfPairs({ functions: [left, right], legendre }: PairSum, cutoff: Cutoff): NeighborFunction {
  const elements = Object.fromEntries(
    Object.entries(left.elements).flatMap(([z, weight]) => (right.elements[Number(z)] === undefined ? [] : [[z, weight * right.elements[Number(z)]!]])),
  );
  const radial = (r: number): number =>
    evaluateCutoff(cutoff, r).value * Array.from(legendre).reduce((sum, a, l) => sum + a * left.radial(r, l) * right.radial(r, l), 0);
  return { elements, radial };
}

function degreesOf(legendre: ArrayLike<number>, lMax: number): number[] {
  const degrees = Array.from(legendre, (a, l) => (a === 0 ? -1 : l)).filter((l) => l >= 0);
  const highest = degrees.at(-1) ?? 0;
  if (highest > lMax) throw new InputError("degree beyond the features", { key: "basis.lMax", expected: `${highest} or more`, got: `${lMax}` });
  return degrees;
}

/**
 * W with W p = the pair sums, Eq. (61), by the addition theorem P_l(r̂·r̂') = 4π/(2l+1) Σ_m Y_lm(r̂) Y_lm(r̂'); p the power spectrum.
 * @throws InputError on features that are no plain sums over neighbors, and for degrees beyond theirs.
 */
export function powerSpectrumWeights(hyperparameters: Hyperparameters, species: readonly number[], sums: readonly PairSum[]): ProjectionWeights {
  checkProjectable(hyperparameters, "power-spectrum");
  const { lMax } = hyperparameters.basis;
  const fit = createRadialFit(hyperparameters);
  const pairs = sums.map(({ functions, legendre }) => {
    const degrees = degreesOf(legendre, lMax);
    const [left, right] = functions.map((item) => fitFunction(fit, species, lMax, item, degrees)) as [FittedFunction, FittedFunction];
    return { left, right, legendre };
  });
  const { values, size } = fillPowerSpectrum(hyperparameters, species, sums.length, (row, l, x, y) => {
    const { left, right, legendre } = pairs[row]!;
    return l < legendre.length ? legendre[l]! * left.weights[l]![x]! * right.weights[l]![y]! : 0;
  });
  return { values, size, errors: Float64Array.from(pairs, ({ left, right }) => Math.max(left.error, right.error)) };
}

/** W of Σ_l Σ_xy entry_lxy 4π/(2l+1) Σ_m c_xlm c_ylm over all ordered pairs of channels x, y = (element, n). */
function fillPowerSpectrum(
  hyperparameters: Hyperparameters, species: readonly number[], rows: number, entry: (row: number, l: number, x: number, y: number) => number,
): { values: Float64Array; size: number } {
  const { nMax } = hyperparameters.basis;
  const { values: labels } = featureLabels(hyperparameters, species);
  const size = labels.length / 5;
  const values = new Float64Array(rows * size);
  for (let f = 0; f < size; f++) {
    const [za, zb, l, n, k] = labels.subarray(5 * f, 5 * f + 5) as unknown as [number, number, number, number, number];
    const [x, y] = [species.indexOf(za) * nMax + n, species.indexOf(zb) * nMax + k];
    const factor = (4 * Math.PI) / Math.sqrt(2 * l + 1);
    for (let row = 0; row < rows; row++) {
      // An unordered pair stands for both orders, and holds √2 of either.
      values[row * size + f] = factor * (x === y ? entry(row, l, x, x) : (entry(row, l, x, y) + entry(row, l, y, x)) * Math.SQRT1_2);
    }
  }
  return { values, size };
}

/** A function of two neighbors that has no finite sum, such as one with a factor of their distance from each other. */
export interface PairFunction {
  /** Elements of j and k. */
  readonly elements: readonly [number, number];
  /** F(r_ij, r_ik, cos θ) without f_c(r_ij) f_c(r_ik). */
  readonly value: (r: number, s: number, cosine: number) => number;
}

/**
 * W with W p ≈ Σ_{jk} f_c(r_ij) f_c(r_ik) F(r_ij, r_ik, cos θ_jik), j = k included, Eq. (62): F expanded in R_nl R_n'l P_l. Not an identity: it converges
 * with nMax and lMax, as fast as F is smooth. `errors` are those of the double expansion in Legendre polynomials and radial functions at the points
 * of the quadrature, root mean squares relative to F; below 1e-8 they are rounding.
 * @throws InputError on features that are no plain sums over neighbors, and for tables, whose pieces would make the double quadrature too long.
 */
export function pairFunctionWeights(hyperparameters: Hyperparameters, species: readonly number[], functions: readonly PairFunction[]): ProjectionWeights {
  checkProjectable(hyperparameters, "power-spectrum");
  const { kind, lMax, nMax } = hyperparameters.basis;
  if (kind === "table") throw new InputError("functions of pairs need a smooth basis", { key: "basis.kind", expected: '"chebyshev" or another', got: '"table"' });
  const fit = createRadialFit(hyperparameters);
  const expanded = functions.map((item) => expandPairFunction(item, fit, lMax, nMax));
  const { values, size } = fillPowerSpectrum(hyperparameters, species, functions.length, (row, l, x, y) => {
    const [a, b] = functions[row]!.elements;
    const belongs = species[Math.floor(x / nMax)] === a && species[Math.floor(y / nMax)] === b;
    return belongs ? expanded[row]!.coefficients[(l * nMax + (x % nMax)) * nMax + (y % nMax)]! : 0;
  });
  return { values, size, errors: Float64Array.from(expanded, ({ error }) => error) };
}

/** Coefficients [l][n][n'] of R_nl(r) R_n'l(s) P_l(cos θ). */
function expandPairFunction(
  { value }: PairFunction, { points, weights, functions, fit }: RadialFit, lMax: number, nMax: number,
): { coefficients: Float64Array; error: number } {
  const count = points.length;
  const rule = gaussLegendre(2 * lMax + 24, -1, 1);
  const polynomials = Array.from(rule.points, (x) => legendrePolynomials(lMax, x));
  const moments = new Float64Array((lMax + 1) * count * count);
  let [whole, kept] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      for (const [k, x] of rule.points.entries()) {
        const f = value(points[i]!, points[j]!, x);
        whole += weights[i]! * weights[j]! * rule.weights[k]! * f * f;
        for (let l = 0; l <= lMax; l++) moments[(l * count + i) * count + j]! += (l + 0.5) * rule.weights[k]! * f * polynomials[k]![l]!;
      }
    }
  }
  const coefficients = new Float64Array((lMax + 1) * nMax * nMax);
  for (let l = 0; l <= lMax; l++) {
    const rows = Array.from({ length: count }, (_, i) => fit(moments.subarray((l * count + i) * count, (l * count + i + 1) * count), l));
    for (let k = 0; k < nMax; k++) {
      const column = fit(rows.map((row) => row[k]!), l);
      for (let n = 0; n < nMax; n++) coefficients[(l * nMax + n) * nMax + k] = column[n]!;
    }
    const basis = functions(l);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let model = 0;
        for (let n = 0; n < nMax; n++) for (let k = 0; k < nMax; k++) model += coefficients[(l * nMax + n) * nMax + k]! * basis[i]![n]! * basis[j]![k]!;
        // ⟨F, model⟩ is |model|² of the best approximation.
        kept += (weights[i]! * weights[j]! * model * moments[(l * count + i) * count + j]!) / (l + 0.5);
      }
    }
  }
  return { coefficients, error: Math.sqrt(Math.max(0, 1 - kept / whole)) };
}
