// Structures that occur more than once: same elements in the same order, same cell and positions, up to the rounding of files.
import type { LabeledStructure, Structure } from "../structure/structure.js";

/** Å; files have four decimals and more. */
const SAME_PLACE = 1e-4;
/** Structures that are compared with one at the most: a bound for data made to have equal sums. */
const MOST_COMPARED = 16;

/** A number that structures within the rounding share nearly: Σ a_k x_k with fixed a_k in [−1, 1) without pattern. */
function projection({ positions, cell }: Structure): { value: number; rounding: number } {
  let value = 0;
  let state = 1;
  const add = (x: number): void => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    value += x * (state / 2 ** 31);
  };
  positions.forEach(add);
  cell?.forEach(add);
  return { value, rounding: SAME_PLACE * (positions.length + 9) };
}

function areSame(a: Structure, b: Structure): boolean {
  const near = (p: Float64Array, q: Float64Array): boolean => p.every((value, k) => Math.abs(value - q[k]!) <= SAME_PLACE);
  if (!(a.cell && b.cell ? near(a.cell, b.cell) : a.cell === b.cell)) return false;
  return a.pbc.every((periodic, axis) => periodic === b.pbc[axis]) && near(a.positions, b.positions);
}

/**
 * Pairs [first, second] of equal structures, ascending by the second. A structure that occurs often is paired with its first occurrences. Single
 * atoms are left out: their place means nothing.
 */
export function repeatedFrames(data: readonly LabeledStructure[]): (readonly [number, number])[] {
  const groups = new Map<string, { index: number; value: number; rounding: number }[]>();
  data.forEach(({ structure }, index) => {
    if (structure.species.length < 2) return;
    const key = String.fromCharCode(...structure.species.subarray(0, 1000), structure.species.length);
    const group = groups.get(key) ?? [];
    group.push({ index, ...projection(structure) });
    groups.set(key, group);
  });
  const pairs: (readonly [number, number])[] = [];
  for (const group of groups.values()) {
    group.sort((a, b) => a.value - b.value || a.index - b.index);
    group.forEach((one, place) => {
      for (let next = place + 1; next < Math.min(group.length, place + MOST_COMPARED); next++) {
        const other = group[next]!;
        if (other.value - one.value > one.rounding) break;
        const [a, b] = [data[one.index]!.structure, data[other.index]!.structure];
        if (a.species.every((z, atom) => z === b.species[atom]) && areSame(a, b)) pairs.push([Math.min(one.index, other.index), Math.max(one.index, other.index)]);
      }
    });
  }
  return pairs.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
}
