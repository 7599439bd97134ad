// A property of structures or atoms as a file has it: a comment-line entry, or a per-atom column, of 1, 3, 6, 9 or 27 numbers.
import { InputError } from "../errors.js";
import { propertySizes, type PropertyKind } from "../model/property-model.js";
import { originOf } from "../structure/origin.js";
import type { InfoValue, Structure } from "../structure/structure.js";

export interface PropertyData {
  readonly name: string;
  readonly kind: PropertyKind;
  readonly perAtom: boolean;
  /** Numbers as they stand in the file, [structure]: one value, or [atom][number]; null where a structure has none. */
  readonly values: readonly (Float64Array | null)[];
}

function numbersOf(value: InfoValue | undefined): number[] | null {
  if (typeof value === "number") return [value];
  if (!Array.isArray(value)) return null;
  const parts = (value as readonly InfoValue[]).map(numbersOf);
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

function names(structures: readonly Structure[]): string {
  const all = new Set(structures.flatMap(({ info, arrays }) => [
    ...[...info].filter(([, value]) => numbersOf(value) !== null).map(([name]) => name),
    ...[...arrays].filter(([, { kind }]) => kind === "R" || kind === "I").map(([name]) => name),
  ]));
  return [...all].join(", ") || "a property; there is none";
}

/** The kind that so many numbers make, unless another of the same number is asked for. */
function kindOf(count: number, wanted: PropertyKind | undefined): PropertyKind | null {
  const kinds = Object.entries(propertySizes).filter(([, size]) => size === count).map(([kind]) => kind as PropertyKind);
  return wanted === undefined ? (kinds[0] ?? null) : kinds.includes(wanted) ? wanted : null;
}

/**
 * The property under a name; an entry of the comment line goes before a column of the same name.
 * @param wanted its kind; by the number of its numbers when not given
 * @throws InputError when no structure has it, or one has something else than the first.
 */
export function readProperty(structures: readonly Structure[], name: string, wanted?: PropertyKind): PropertyData {
  let kind: PropertyKind | null = null;
  let perAtom = false;
  let first = true;
  const values = structures.map((structure, index): Float64Array | null => {
    const entry = structure.info.get(name);
    const column = structure.arrays.get(name);
    if (entry === undefined && column === undefined) return null;
    const where = { ...originOf(structure, index), key: name };
    const expected = `${wanted ? `a ${wanted} of ${propertySizes[wanted]}` : "1 (scalar), 3 (vector), 6 (symmetric tensor), 9 (tensor) or 27"} numbers`;
    const found = entry !== undefined ? numbersOf(entry) : column!.kind === "R" || column!.kind === "I" ? [...column!.values] : null;
    if (found === null || !found.every(Number.isFinite)) {
      throw new InputError("not a property", { ...where, expected, got: entry !== undefined ? JSON.stringify(entry) : "a column without numbers, or one that is not finite" });
    }
    const count = entry !== undefined ? found.length : column!.width;
    const own = kindOf(count, wanted);
    if (own === null) throw new InputError("a property of an unknown form", { ...where, expected, got: `${count} numbers` });
    if (first) [kind, perAtom, first] = [own, entry === undefined, false];
    if (own !== kind || perAtom !== (entry === undefined)) {
      const form = (is: PropertyKind, atoms: boolean): string => `${is} per ${atoms ? "atom" : "structure"}`;
      throw new InputError("a property changes its form", { ...where, expected: form(kind!, perAtom), got: form(own, entry === undefined) });
    }
    return Float64Array.from(found);
  });
  if (kind === null) throw new InputError("no structure has this property", { key: name, expected: names(structures), got: "nothing" });
  return { name, kind, perAtom, values };
}
