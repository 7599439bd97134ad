import { InputError, type AtomArray, type Structure } from "../index.js";

function numbersOf({ arrays }: Structure, name: string): AtomArray & { readonly values: Float64Array } {
  const array = arrays.get(name);
  if (array?.kind === "R" || array?.kind === "I") return array;
  const known = [...arrays].filter(([, { kind }]) => kind === "R" || kind === "I").map(([key]) => key);
  throw new InputError("no such column of numbers", { key: name, expected: known.length > 0 ? known.join(", ") : "a structure with per-atom columns", got: name });
}

/** A number per atom from a per-atom column, [atom]: the column itself, or the length of what has several numbers. @throws InputError when there is none. */
export function atomValues(structure: Structure, name: string): Float64Array {
  const { width, values } = numbersOf(structure, name);
  if (width === 1) return values;
  return Float64Array.from({ length: values.length / width }, (_, atom) => Math.hypot(...values.subarray(width * atom, width * (atom + 1))));
}

/** A vector per atom from a per-atom column, [atom][xyz]. @throws InputError when there is none, or its width is not 3. */
export function atomVectors(structure: Structure, name: string): Float64Array {
  const { width, values } = numbersOf(structure, name);
  if (width !== 3) throw new InputError("arrows need vectors", { key: name, expected: "three numbers per atom", got: `${width}` });
  return values;
}
