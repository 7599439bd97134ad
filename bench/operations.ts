/**
 * Floating-point operations of the formulas of THEORY.md, counted by hand: one addition or one multiplication is one operation, divisions and
 * square roots are left out. Counted is what the mathematics asks for: no padding to SIMD widths, nothing that a program computes twice,
 * no neighbor search and no integer arithmetic. Rates from these counts are therefore lower bounds of what the processor did.
 *
 * Letters: n = nMax, L = lMax + 1, D = L², T = L(L+1)/2, F features of the environment, q components, M sparse points.
 */

/** Sizes of the expansion. */
export interface BasisSize {
  readonly nMax: number;
  readonly lMax: number;
}

/** What the counts need to know of one environment. */
export interface Environment {
  /** Neighbors within the cutoff. */
  readonly pairs: number;
  /** Elements in the density, the center's own included. */
  readonly elements: number;
  /** Atoms whose displacement changes the features: the center and its distinct neighbors. */
  readonly atoms: number;
}

/** Sizes of the kernel; without a projection `components` is null. */
export interface KernelSize {
  readonly components: number | null;
  readonly points: number;
  readonly zeta: number;
}

/** F of an environment, Eq. (12): n(n+1)/2 products per degree and element, n² per pair of elements. */
export function featureCount({ nMax, lMax }: BasisSize, { elements }: Environment): number {
  return (lMax + 1) * ((elements * nMax * (nMax + 1)) / 2 + ((elements * (elements - 1)) / 2) * nMax * nMax);
}

/** I_nl of one pair, Eq. (10): 4 products and 3 sums each; with dI_nl/dr 6 more. */
function radial({ nMax, lMax }: BasisSize, withSlopes: boolean): number {
  return nMax * (lMax + 1) * (withSlopes ? 13 : 7);
}

/** Y_lm of one direction, Eq. (9): 4 per step of the recurrence in l, 6 per step of that in m, one product per Y_lm. */
function harmonics({ lMax }: BasisSize): number {
  const L = lMax + 1;
  return 4 * ((L * (L + 1)) / 2 - L) + 6 * L + L * L;
}

/** Three derivatives besides: a product per ∂/∂x (those of ∂/∂y are the same up to sign) and ∂/∂z, and one per (l, m ≥ 0) for each factor. */
function harmonicsGradient(size: BasisSize): number {
  const L = size.lMax + 1;
  return harmonics(size) + 2 * L * L + L * (L + 1);
}

/** Eq. (5): I_nl and Y_lm of each pair, and n D products added up. */
export function expansionOperations(size: BasisSize, { pairs }: Environment): number {
  return pairs * (radial(size, false) + harmonics(size) + 2 * size.nMax * (size.lMax + 1) ** 2);
}

/** Eq. (12): for each stored (n, n') and l a sum of 2l + 1 products, one factor; Eq. (13): |p|² and a factor. */
export function spectrumOperations(size: BasisSize, environment: Environment, normalize: boolean): number {
  const F = featureCount(size, environment);
  return (F / (size.lMax + 1)) * 2 * (size.lMax + 1) ** 2 + F + (normalize ? 3 * F : 0);
}

/** Eqs. (14)–(16): projection, products with the sparse points, powers, weights. */
export function kernelOperations(size: BasisSize, environment: Environment, { components, points, zeta }: KernelSize): number {
  const F = featureCount(size, environment);
  return (components === null ? 0 : 2 * F * components) + 2 * points * (components ?? F) + points * (zeta + 1);
}

/** ∂ε/∂p̂: a factor per sparse point (the powers are those of the energy), and the two products of `kernelOperations` transposed. */
export function kernelAdjointOperations(size: BasisSize, environment: Environment, { components, points }: KernelSize): number {
  const F = featureCount(size, environment);
  return points + 2 * points * (components ?? F) + (components === null ? 0 : 2 * F * components);
}

/** ∂ε/∂p̂ → ∂ε/∂c: tangent to |p̂| = 1 (5 F), a factor per feature, and Σ_n' g_nn' c_n'lm for both elements of each block. */
export function spectrumAdjointOperations(size: BasisSize, environment: Environment, normalize: boolean): number {
  const F = featureCount(size, environment);
  const { elements } = environment;
  return (normalize ? 5 * F : 0) + F + elements * elements * 2 * size.nMax ** 2 * (size.lMax + 1) ** 2;
}

/** ∂ε/∂c → f_ij, Eq. (21): tables and harmonics with derivatives, two sums over n per (l, m), four sums over (l, m), the tangent plane. */
export function pairForceOperations(size: BasisSize, { pairs }: Environment): number {
  const D = (size.lMax + 1) ** 2;
  return pairs * (radial(size, true) + harmonicsGradient(size) + 4 * size.nMax * D + 8 * D + 17);
}

/** Features of an environment. */
export function featureOperations(size: BasisSize, environment: Environment, normalize: boolean): number {
  return expansionOperations(size, environment) + spectrumOperations(size, environment, normalize);
}

/** Energy, forces and virial of an environment. */
export function energyForceOperations(size: BasisSize, environment: Environment, normalize: boolean, kernel: KernelSize): number {
  const forward = featureOperations(size, environment, normalize) + kernelOperations(size, environment, kernel);
  const spectrum = spectrumAdjointOperations(size, environment, normalize);
  return forward + kernelAdjointOperations(size, environment, kernel) + spectrum + pairForceOperations(size, environment);
}

/** ∂c/∂r of one pair along x, y and z: tables, harmonics, the tangent plane (5 + 3 + 9 per Y_lm), and 3 operations per number. */
export function coefficientGradientOperations(size: BasisSize): number {
  const D = (size.lMax + 1) ** 2;
  return radial(size, true) + harmonicsGradient(size) + 17 * D + 9 * size.nMax * D;
}

/**
 * Of all pairs, Σ_m c Y_lm and Σ_m c ∂Y_lm/∂r of every density, n and l, Eq. (23): tables, harmonics, the tangent plane (5 + 3 + 3 + 3 per Y_lm), and
 * four products added up per coefficient.
 */
export function pairContractionOperations(size: BasisSize, { pairs, elements }: Environment): number {
  const D = (size.lMax + 1) ** 2;
  return pairs * (radial(size, true) + harmonicsGradient(size) + 14 * D + 8 * elements * size.nMax * D);
}

/**
 * Of all pairs, ∂p̂/∂r from these sums: 10 for each factor that moves (both in the blocks of one element, which are added), a weight, and where
 * p̂ is normalized its product with ∂p, of the features that move, and 9 for each feature.
 */
export function contractedGradientOperations(size: BasisSize, environment: Environment, normalize: boolean): number {
  const { pairs, elements } = environment;
  const L = size.lMax + 1;
  const [both, one] = [(L * size.nMax * (size.nMax + 1)) / 2, L * (elements - 1) * size.nMax ** 2];
  const tangent = normalize ? 6 * (both + one) + 9 * featureCount(size, environment) : 0;
  return pairs * (both * (2 * 10 + 3 + 3) + one * (10 + 3) + tangent);
}

/** ∂p/∂r of one pair along one axis: Σ_m c ∂c in the blocks of the moving element, symmetrized within it; added to the neighbor and to the center. */
export function spectrumGradientOperations({ nMax, lMax }: BasisSize, { elements }: Environment): number {
  const L = lMax + 1;
  const same = 2 * nMax * nMax * L * L + (L * nMax * (nMax - 1)) / 2 + (L * nMax * (nMax + 1)) / 2;
  const other = (elements - 1) * (2 * nMax * nMax * L * L + L * nMax * nMax);
  const touched = L * ((nMax * (nMax + 1)) / 2 + (elements - 1) * nMax * nMax);
  return same + other + 2 * touched;
}

/** An environment's share of K_NM, Eq. (23): forward pass, ζ s^{ζ−1}, gradients of all pairs, and per atom and axis the way to the sparse points. */
export function fitRowOperations(size: BasisSize, environment: Environment, normalize: boolean, kernel: KernelSize): number {
  const F = featureCount(size, environment);
  const q = kernel.components ?? F;
  const perRow = (normalize ? 5 * F : 0) + (kernel.components === null ? 0 : 2 * F * q) + 2 * q * kernel.points + 3 * kernel.points;
  const pair = coefficientGradientOperations(size) + 3 * spectrumGradientOperations(size, environment);
  const forward = featureOperations(size, environment, normalize) + kernelOperations(size, environment, kernel) + kernel.points;
  return forward + environment.pairs * pair + 3 * environment.atoms * perRow;
}

/** One row of a fit behind K_NM, Eq. (18): whitening with G (M²), its part of the lower triangle of ΦᵀΦ (M(M+1)), and of Φᵀy. */
export function normalEquationOperations(points: number): number {
  return points * points + points * (points + 1) + 2 * points;
}

/** Farthest points, Eq. (19): distances of all environments to each point taken. */
export function farthestPointOperations(environments: number, components: number, points: number, zeta: number): number {
  return environments * points * (2 * components + zeta + 2);
}

/** K_MM and its factor, and the factor of the normal equations, Eq. (18). */
export function solveOperations(components: number, points: number, zeta: number): number {
  return points * points * (2 * components + zeta - 1) + (2 * points ** 3) / 3;
}

/**
 * Bytes that have to pass through memory for one environment, as a caller sees it: position, element and neighbor vectors in, and the results
 * (features, or energy, force and a virial's share) out; matrices that all environments share are taken to stay in a cache.
 */
export function trafficBytes({ pairs }: Environment, resultNumbers: number): number {
  return 8 * (3 + 4 * pairs + resultNumbers) + 1 + 4 * pairs;
}
