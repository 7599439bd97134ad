// Pair terms of a potential, which are given, not fitted: repulsive cores, Eq. (71), and functions as numbers, Eq. (70).
import type { PairFunction } from "./pair-function.js";
import { checkScreenedCoulomb, createRepulsion, type ScreenedCoulomb } from "./screened-coulomb.js";
import { checkTabulatedPairs, halfOf, type TabulatedPairs } from "./tabulated-pairs.js";

export type PairTerm = ScreenedCoulomb | TabulatedPairs;

/**
 * Checks a term for a potential of these elements (ascending).
 * @param path where it stands ("pairs.0."), for messages
 * @throws InputError naming the key, what was expected and what was got
 */
export function checkPairTerm(term: PairTerm, species: readonly number[], path: string): void {
  if (term.kind === "tabulated") checkTabulatedPairs(term, species, path);
  else checkScreenedCoulomb(term, species, path);
}

/** Å; no function of the term reaches farther. */
export function radiusOf(term: PairTerm): number {
  const radii = term.kind === "tabulated" ? term.pairs.map(({ step, nodes }) => step * (nodes.length / 2 - 1)) : term.pairs.map(({ outer }) => outer);
  return Math.max(0, ...radii);
}

/** Pairs of elements a ≤ b, and half of the function of each, the share of either atom. */
export function halvesOf(term: PairTerm): (readonly [readonly [number, number], PairFunction])[] {
  if (term.kind === "tabulated") return term.pairs.map((pair) => [pair.species, halfOf(pair)]);
  return term.pairs.map((pair) => [pair.species, createRepulsion(term.screening, pair)]);
}
