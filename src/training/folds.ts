// Folds of a cross-validation: every structure is tested once, by a fit to the other folds.
import { InputError } from "../errors.js";
import { createRandom } from "../selection/random.js";
import { symbolOf } from "../structure/elements.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";

export interface FoldOptions {
  /** How many; 5 by default, or the number of groups where there are fewer. "all": every structure, or every group, is a fold of its own. */
  readonly folds?: number | "all" | undefined;
  /**
   * "random" (default); "blocks": contiguous, in the order of the structures, for frames of a trajectory, whose neighbors are nearly the same; or a
   * comment-line key, "config_type" for one, whose groups stay whole.
   */
  readonly by?: string | undefined;
  /** Of the random choices; 1 by default. */
  readonly seed?: number | undefined;
}

export interface Fold {
  /** Indices of the structures, ascending. */
  readonly members: Int32Array;
  /** Values of the key that its structures have; null where folds are not by groups. */
  readonly groups: readonly string[] | null;
}

const DEFAULT_FOLDS = 5;

/** 0 … n − 1 in random order (Fisher and Yates). */
export function permutation(n: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const order = Int32Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** The value of a comment-line key as the name of a group. */
function groupOf({ structure, labels }: LabeledStructure, key: string, index: number): string {
  if (key === "config_type") return labels.configType;
  const value = structure.info.get(key);
  if (value !== undefined) return typeof value === "object" ? JSON.stringify(value) : String(value);
  const known = [...structure.info.keys()].map((name) => `"${name}"`).join(", ");
  throw new InputError("the structure has no entry by which to group it", {
    ...originOf(structure, index), key, expected: `"random", "blocks", "config_type" or a key of every comment line${known === "" ? "" : ` (here ${known})`}`, got: "none",
  });
}

function checkCount(folds: number, most: number, of: string): void {
  if (Number.isSafeInteger(folds) && folds >= 2 && folds <= most) return;
  throw new InputError("this number of folds is not possible", { key: "folds", expected: most < 2 ? `2 ${of} at least` : `2 to ${most}, the number of ${of}`, got: most < 2 ? String(most) : String(folds) });
}

/** Groups shared out so that the folds have about the same number of structures: the largest first, each to the smallest fold so far. */
function groupFolds(data: readonly LabeledStructure[], indices: readonly number[], key: string, folds: number | "all" | undefined, seed: number): Fold[] {
  const groups = new Map<string, number[]>();
  for (const index of indices) {
    const name = groupOf(data[index]!, key, index);
    const group = groups.get(name);
    if (group) group.push(index);
    else groups.set(name, [index]);
  }
  const count = folds === "all" ? groups.size : (folds ?? Math.min(DEFAULT_FOLDS, groups.size));
  checkCount(count, groups.size, `groups by ${key}`);
  const all = [...groups];
  const shuffled = Array.from(permutation(all.length, seed), (at) => all[at]!).sort((a, b) => b[1].length - a[1].length);
  const parts = Array.from({ length: count }, () => ({ members: [] as number[], groups: [] as string[] }));
  for (const [name, members] of shuffled) {
    const smallest = parts.reduce((least, part) => (part.members.length < least.members.length ? part : least));
    smallest.members.push(...members);
    smallest.groups.push(name);
  }
  return parts.map((part) => ({ members: Int32Array.from(part.members).sort(), groups: part.groups }));
}

/**
 * Shares structures out to folds.
 * @param indices of the structures that are tested; all by default
 * @throws InputError when there are fewer structures or groups than folds, fewer than two, or a structure lacks the key.
 */
export function assignFolds(
  data: readonly LabeledStructure[], { folds, by = "random", seed = 1 }: FoldOptions = {}, indices: readonly number[] = data.map((_, index) => index),
): Fold[] {
  if (by !== "random" && by !== "blocks") return groupFolds(data, indices, by, folds, seed);
  const n = indices.length;
  const count = folds === "all" ? n : (folds ?? DEFAULT_FOLDS);
  checkCount(count, n, "structures");
  const order = by === "blocks" ? Int32Array.from({ length: n }, (_, at) => at) : permutation(n, seed);
  // Sizes differ by one at the most.
  return Array.from({ length: count }, (_, f) => {
    const [first, end] = [Math.floor((f * n) / count), Math.floor(((f + 1) * n) / count)];
    return { members: Int32Array.from(order.subarray(first, end), (at) => indices[at]!).sort(), groups: null };
  });
}

/**
 * @param what is wrong, for the message
 * @param key of the option that could mend it
 * @throws InputError when structures that are tested hold an element that no training structure has.
 */
export function checkElements(train: readonly LabeledStructure[], test: readonly LabeledStructure[], what: string, key: string): void {
  const known = new Set(train.flatMap(({ structure }) => [...new Set(structure.species)]));
  test.forEach(({ structure }, index) => {
    const strange = structure.species.find((z) => !known.has(z));
    if (strange === undefined) return;
    throw new InputError(what, {
      ...originOf(structure, index), key, expected: [...known].sort((a, b) => a - b).map((z) => symbolOf(z)).join(", "), got: symbolOf(strange),
    });
  });
}
