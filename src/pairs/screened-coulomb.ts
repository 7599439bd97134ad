/**
 * Repulsion of screened nuclei, Eqs. (71) and (72), switched off between two radii:
 *   φ_ab(r) = k Z_a Z_b/r · Φ(r/a_ab) · S(r), Φ(x) = Σ_k c_k exp(−d_k x), S the polynomial of Eq. (3) from 1 at `inner` to 0 at `outer`.
 * The universal screening of Ziegler, Biersack and Littmark (The Stopping and Range of Ions in Solids, 1985) has a_ab = 0.8854 a₀/(Z_a^0.23 + Z_b^0.23).
 */
import { evaluateCutoff } from "../basis/cutoff.js";
import { CapacityError, InputError } from "../errors.js";
import { covalentRadiusOf, symbolOf } from "../structure/elements.js";
import { createPairFunction, type PairFunction } from "./pair-function.js";

export interface Screening {
  /** c, which sum up to 1: a bare nucleus at r = 0. */
  readonly coefficients: readonly number[];
  /** d, as many. */
  readonly exponents: readonly number[];
  /** a of all pairs in Å; null: the universal length of each pair. */
  readonly length: number | null;
}

/** Where the repulsion of two elements is switched off. */
export interface SwitchedPair {
  /** Atomic numbers a ≤ b. */
  readonly species: readonly [number, number];
  /** Å; unchanged up to `inner`, zero from `outer` on. */
  readonly inner: number;
  readonly outer: number;
}

/** The repulsive core of a potential: a term that is given, not fitted. */
export interface ScreenedCoulomb {
  readonly kind: "screened-coulomb";
  readonly screening: Screening;
  /** Every pair (a, b), a ≤ b, of the potential's elements, a major. */
  readonly pairs: readonly SwitchedPair[];
}

export const universalScreening: Screening = {
  coefficients: [0.18175, 0.50986, 0.28022, 0.02817], exponents: [3.1998, 0.94229, 0.4029, 0.20162], length: null,
};

/** e²/4πε₀ in eV Å and the Bohr radius in Å (CODATA 2018). */
const COULOMB = 14.3996454785;
const BOHR = 0.529177210903;
/** Of the sum of the covalent radii. The shortest bonds (N₂, C₂H₂) have 0.8, and so see nothing of the core. */
const DEFAULT_RADII = { inner: 0.4, outer: 0.8 };
const LIMITS = { terms: 16, coefficient: 100, exponent: 100, least: 0.01, outer: 10 };
/** Of the splines, relative to the unswitched repulsion at the same place. */
const ACCURACY = 1e-9;
/** eV Å that are nothing, wherever the screening has run out of digits. */
const NOTHING = 1e-30;
const MOST_INTERVALS = 2 ** 16;

/** a_ab of the universal screening, Å. */
export function universalLength(a: number, b: number): number {
  return (0.8854 * BOHR) / (a ** 0.23 + b ** 0.23);
}

/** All pairs a ≤ b of ascending elements, a major. */
function pairsOf(species: readonly number[]): [number, number][] {
  return species.flatMap((a, index) => species.slice(index).map((b): [number, number] => [a, b]));
}

/**
 * The core between these elements (ascending). A radius that is null is that of the covalent radii of each pair: inner 0.4, outer 0.8 of their sum.
 * @param path where its settings stand ("terms.0."), for messages
 * @throws InputError as `checkScreenedCoulomb`: a radius that is given may leave no room for the other.
 */
export function createScreenedCoulomb(
  screening: Screening, species: readonly number[], { inner, outer }: { readonly inner: number | null; readonly outer: number | null }, path: string,
): ScreenedCoulomb {
  const pairs = pairsOf(species).map((pair): SwitchedPair => {
    const bond = covalentRadiusOf(pair[0]) + covalentRadiusOf(pair[1]);
    return { species: pair, inner: inner ?? DEFAULT_RADII.inner * bond, outer: outer ?? DEFAULT_RADII.outer * bond };
  });
  const core: ScreenedCoulomb = { kind: "screened-coulomb", screening, pairs };
  checkScreenedCoulomb(core, species, path);
  return core;
}

/**
 * Checks every number of a screening.
 * @param path where it stands ("terms.0."), for messages
 * @throws InputError naming the key, what was expected and what was got
 */
export function checkScreening({ coefficients, exponents, length }: Screening, path: string): void {
  const refuse = (key: string, expected: string, got: unknown): never => {
    throw new InputError("screening out of range", { key: `${path}${key}`, expected, got: String(got) });
  };
  const { terms, coefficient, exponent, least, outer } = LIMITS;
  if (coefficients.length === 0 || coefficients.length > terms) refuse("coefficients", `1 to ${terms} numbers`, coefficients.length);
  if (exponents.length !== coefficients.length) refuse("exponents", `${coefficients.length} numbers, one for each coefficient`, exponents.length);
  coefficients.forEach((value, k) => Math.abs(value) <= coefficient || refuse(`coefficients.${k}`, `a number from −${coefficient} to ${coefficient}`, value));
  exponents.forEach((value, k) => (value > 0 && value <= exponent) || refuse(`exponents.${k}`, `a number above 0, at most ${exponent}`, value));
  const sum = coefficients.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - 1) <= 1e-3)) refuse("coefficients", "numbers whose sum is 1", `a sum of ${sum}`);
  if (length !== null && !(length >= least && length <= outer)) refuse("length", `a length from ${least} to ${outer} Å, or null`, length);
}

/**
 * Checks the radii between which a pair is switched off.
 * @param where what stands there, for messages
 * @throws InputError naming the key
 */
export function checkSwitch({ inner, outer }: Pick<SwitchedPair, "inner" | "outer">, path: string, where = ""): void {
  const refuse = (key: string, expected: string, got: number): never => {
    throw new InputError(`switching radii of a core${where} out of range`, { key: `${path}${key}`, expected, got: String(got) });
  };
  if (!(inner >= 0 && inner < LIMITS.outer)) refuse("inner", `a length from 0 to below ${LIMITS.outer} Å`, inner);
  if (!(outer >= inner + LIMITS.least && outer <= LIMITS.outer)) refuse("outer", `a length from inner + ${LIMITS.least} = ${inner + LIMITS.least} to ${LIMITS.outer} Å`, outer);
}

/**
 * Checks a core for a potential of these elements (ascending), whoever made it: a fit, a program or a file.
 * @throws InputError naming the key, what was expected and what was got
 */
export function checkScreenedCoulomb({ screening, pairs }: ScreenedCoulomb, species: readonly number[], path: string): void {
  checkScreening(screening, `${path}screening.`);
  const expected = pairsOf(species).map((pair) => pair.map(symbolOf).join("–")).join(", ");
  const got = pairs.map((pair) => pair.species.map(symbolOf).join("–")).join(", ");
  if (got !== expected) throw new InputError("pairs of a core", { key: `${path}pairs`, expected, got });
  pairs.forEach((pair, k) => checkSwitch(pair, `${path}pairs.${k}.`, ` between ${pair.species.map(symbolOf).join(" and ")}`));
}

/** r φ_ab(r) and its derivative at r ≥ 0: [eV Å, eV]. */
function repulsion({ coefficients, exponents, length }: Screening, { species: [a, b], inner, outer }: SwitchedPair): (r: number) => [number, number] {
  const strength = COULOMB * a * b;
  const rates = exponents.map((exponent) => exponent / (length ?? universalLength(a, b)));
  return (r) => {
    let [value, slope] = [0, 0];
    coefficients.forEach((coefficient, k) => {
      const part = coefficient * Math.exp(-rates[k]! * r);
      value += part;
      slope -= rates[k]! * part;
    });
    const switched = evaluateCutoff({ radius: outer, width: outer - inner, function: "polynomial" }, r);
    return [strength * value * switched.value, strength * (slope * switched.value + value * switched.slope)];
  };
}

/**
 * Half of φ_ab, the share of either atom, as a spline: twice as many intervals until it is right to 1e-9 of the unswitched repulsion.
 * @throws CapacityError when 65,536 intervals are too few.
 */
export function createRepulsion(screening: Screening, pair: SwitchedPair): PairFunction {
  const exact = repulsion(screening, pair);
  const bare = repulsion({ ...screening, coefficients: screening.coefficients.map(Math.abs) }, { ...pair, inner: pair.outer, outer: 2 * pair.outer });
  for (let intervals = 256; intervals <= MOST_INTERVALS; intervals *= 2) {
    const step = pair.outer / intervals;
    const nodes = new Float64Array(2 * intervals + 2);
    for (let k = 0; k <= intervals; k++) nodes.set(k < intervals ? exact(k * step).map((half) => half / 2) : [0, 0], 2 * k);
    const spline = createPairFunction(nodes, 0, step, pair.outer, true);
    if (isAccurate(spline, exact, bare, step)) return spline;
  }
  throw new CapacityError("the spline of a core would be too large", {
    key: pair.species.map(symbolOf).join("–"), expected: "a smaller outer radius or slower screening", got: `${MOST_INTERVALS} intervals are too few`,
  });
}

/** At the middles of the intervals, where the error of a cubic is largest. */
function isAccurate({ coefficients, intervals }: PairFunction, exact: (r: number) => [number, number], bare: (r: number) => [number, number], step: number): boolean {
  for (let k = 0; k < intervals; k++) {
    const r = (k + 0.5) * step;
    const value = coefficients[4 * k]! + coefficients[4 * k + 1]! / 2 + coefficients[4 * k + 2]! / 4 + coefficients[4 * k + 3]! / 8;
    if (!(Math.abs(2 * value - exact(r)[0]) <= ACCURACY * bare(r)[0] + NOTHING)) return false;
  }
  return true;
}
