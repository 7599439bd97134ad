// The subsets of a committee and its equations, Eqs. (75) and (76): the members share sparse points and rows, so that each costs one more solution.
import type { Backend, FitStructure, FitTerm, JobOptions } from "../backend/backend.js";
import { createRandom, type Random } from "../selection/random.js";
import type { CommitteeSettings } from "./configuration.js";

/**
 * Blocks that the structures are dealt into at most; a block is drawn as a whole. With as many structures as blocks or fewer every structure is drawn
 * by itself. More blocks would not make the spread of a few members more certain, and would cost one addition of matrices each.
 */
const BLOCKS = 64;

/** n_k of Eq. (75): how often each member takes each structure. */
export interface Subsets {
  readonly members: number;
  /** Structures that all members take equally often, by index ascending. */
  readonly groups: readonly { readonly structures: readonly number[]; /** [member] */ readonly counts: readonly number[] }[];
}

function shuffled(length: number, random: Random): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** [block][member] */
function drawCounts(blocks: number, { members, fraction }: CommitteeSettings, random: Random): number[][] {
  const counts = Array.from({ length: blocks }, () => new Array<number>(members).fill(0));
  if (fraction === null) {
    for (let member = 0; member < members; member++) for (let draw = 0; draw < blocks; draw++) counts[random.integer(blocks)]![member]!++;
    return counts;
  }
  // Every block is left out by the same number of members, every member takes the same number of blocks as far as that goes: the members stand in a
  // circle of random order, and each block goes to the next `taking` of them; after one or more rounds that end where they began, the circle is new.
  const taking = Math.min(members, Math.max(1, Math.round(fraction * members)));
  let [circle, at] = [shuffled(members, random), 0];
  for (const block of counts) {
    for (let k = 0; k < taking; k++) block[circle[(at + k) % members]!] = 1;
    at = (at + taking) % members;
    if (at === 0) circle = shuffled(members, random);
  }
  return counts;
}

/** @param structures their number */
export function drawSubsets(structures: number, settings: CommitteeSettings): Subsets {
  const random = createRandom(settings.seed);
  const blocks = Math.min(structures, BLOCKS);
  const counts = drawCounts(blocks, settings, random);
  const order = shuffled(structures, random);
  const groups = new Map<string, { structures: number[]; counts: number[] }>();
  order.forEach((structure, position) => {
    const own = counts[position % blocks]!;
    const group = groups.get(own.join()) ?? { structures: [], counts: own };
    groups.set(own.join(), group);
    group.structures.push(structure);
  });
  for (const group of groups.values()) group.structures.sort((a, b) => a - b);
  return { members: settings.members, groups: [...groups.values()] };
}

/** ΦᵀΦ and Φᵀ Λ^{−1/2} y of one fit, Eq. (18). */
export interface Sums {
  readonly gram: Float64Array;
  readonly right: Float64Array;
}

/**
 * The sums of the fit to all structures and of every member, Eq. (76), each the sum over its groups in their order.
 * Memory: (members + 2) columns² numbers, whatever the number of groups.
 */
export async function accumulateSubsets(
  backend: Backend, data: readonly FitStructure[], subsets: Subsets, species: readonly number[], terms: readonly FitTerm[], options: JobOptions,
): Promise<{ all: Sums; members: Sums[]; rows: number }> {
  const { groups } = subsets;
  const sums = new Array<Sums | undefined>(subsets.members + 1);
  let [index, rows] = [0, 0];
  for await (const part of backend.accumulateGroups(groups.map(({ structures }) => structures.map((s) => data[s]!)), species, terms, options)) {
    [1, ...groups[index]!.counts].forEach((count, fit) => {
      const own = (sums[fit] ??= { gram: new Float64Array(part.gram.length), right: new Float64Array(part.right.length) });
      if (count === 0) return;
      for (let k = 0; k < own.gram.length; k++) own.gram[k]! += count * part.gram[k]!;
      for (let k = 0; k < own.right.length; k++) own.right[k]! += count * part.right[k]!;
    });
    rows += part.rows;
    index++;
  }
  const [all, ...members] = sums as Sums[];
  return { all: all!, members, rows };
}

/** n_k of every structure, [structure][member]. */
export function countsOf({ groups }: Subsets): number[][] {
  const counts: number[][] = [];
  for (const group of groups) for (const structure of group.structures) counts[structure] = [...group.counts];
  return counts;
}
