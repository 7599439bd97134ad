/**
 * Functions φ_ab(r) of pairs of atoms as numbers, Eq. (70): values and slopes at r = 0, h, 2h, …, between them the cubic with both, zero from the last
 * node on. E = Σ_pairs φ_ab(r_ij), half of it each atom's. What other codes give as splines or as sums of kernels of distances comes in so.
 */
import { CapacityError, InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { createPairFunction, type PairFunction } from "./pair-function.js";

/** φ of one pair of elements. */
export interface TabulatedPair {
  /** Atomic numbers a ≤ b. */
  readonly species: readonly [number, number];
  /** h in Å. */
  readonly step: number;
  /** φ in eV and dφ/dr in eV/Å at k·h, [node][2], two nodes or more. */
  readonly nodes: Float64Array;
}

/** Pair terms that are given, not fitted. */
export interface TabulatedPairs {
  readonly kind: "tabulated";
  /** In any order, a pair of elements as often as it has functions, whose sum counts. */
  readonly pairs: readonly TabulatedPair[];
}

/** Intervals that a table may have. */
const MOST_INTERVALS = 2 ** 16;
/** Å; a table that reaches farther is a mistake. */
export const farthest = 50;

/**
 * Checks tables for a potential of these elements.
 * @param path where they stand ("pairs.0."), for messages
 * @throws InputError naming the key, what was expected and what was got
 */
export function checkTabulatedPairs({ pairs }: TabulatedPairs, species: readonly number[], path: string): void {
  if (pairs.length === 0) throw new InputError("a pair term without pairs", { key: `${path}pairs`, expected: "one pair or more", got: "0" });
  pairs.forEach(({ species: [a, b], step, nodes }, k) => {
    const refuse = (key: string, expected: string, got: unknown): never => {
      throw new InputError("table of a pair", { key: `${path}pairs.${k}.${key}`, expected, got: String(got) });
    };
    if (!species.includes(a) || !species.includes(b) || a > b) refuse("species", `two of ${species.join(", ")}, ascending`, `${a} ${b}`);
    const intervals = nodes.length / 2 - 1;
    if (!(Number.isInteger(intervals) && intervals >= 1 && intervals <= MOST_INTERVALS)) refuse("nodes", `values and slopes of 2 to ${MOST_INTERVALS + 1} nodes`, `${nodes.length} numbers`);
    if (!(step > 0 && step * intervals <= farthest)) refuse("step", `a length above 0 Å, the last node at ${farthest} Å at most`, step);
    if (!nodes.every((value) => Number.isFinite(value))) refuse("nodes", "finite numbers", nodes.find((value) => !Number.isFinite(value)));
  });
}

/** Half of φ_ab, the share of either atom. */
export function halfOf({ step, nodes }: TabulatedPair): PairFunction {
  return createPairFunction(nodes.map((value) => value / 2), 0, step, step * (nodes.length / 2 - 1), false);
}

/**
 * A table of a function between 0 and `radius`, with more and more intervals until it is right at their middles.
 * @param exact value in eV and slope in eV/Å
 * @param intervals to begin with; a function that is a cubic between the nodes of these is met exactly
 * @param accuracy relative to the function, and in eV where it is small
 * @throws CapacityError when 65,536 intervals are too few.
 */
export function tabulate(species: readonly [number, number], radius: number, exact: (r: number) => [number, number], intervals = 128, accuracy = 1e-10): TabulatedPair {
  for (let count = intervals; count <= MOST_INTERVALS; count *= 2) {
    const step = radius / count;
    const nodes = new Float64Array(2 * count + 2);
    for (let k = 0; k <= count; k++) nodes.set(exact(k === count ? radius : k * step), 2 * k);
    if (isAccurate(nodes, step, exact, accuracy)) return { species, step, nodes };
  }
  throw new CapacityError("the table of a pair would be too large", {
    key: species.map(symbolOf).join("–"), expected: "a smoother function, or points on a regular grid", got: `${MOST_INTERVALS} intervals are too few`,
  });
}

/** At the middles of the intervals, where the error of a cubic is largest. */
function isAccurate(nodes: Float64Array, step: number, exact: (r: number) => [number, number], accuracy: number): boolean {
  for (let k = 0; 2 * k + 3 < nodes.length; k++) {
    const middle = (nodes[2 * k]! + nodes[2 * k + 2]!) / 2 + (step * (nodes[2 * k + 1]! - nodes[2 * k + 3]!)) / 8;
    const [value] = exact((k + 0.5) * step);
    if (!(Math.abs(middle - value) <= accuracy * (1 + Math.abs(value)))) return false;
  }
  return true;
}
