/** Checks of options that simulations, relaxations and elastic bands have in common. */
import { InputError } from "../errors.js";

/** @throws InputError unless `value` is a finite number and `valid`. */
export function checkRange(key: string, value: number, valid: boolean, expected: string): void {
  if (!(valid && Number.isFinite(value))) throw new InputError("option is out of range", { key, expected, got: String(value) });
}

/** @throws InputError unless every entry is the index of one of `size` atoms. */
export function checkFixedAtoms(fixedAtoms: readonly number[], size: number): void {
  for (const atom of fixedAtoms) {
    if (!(Number.isInteger(atom) && atom >= 0 && atom < size)) throw new InputError("there is no such atom", { key: "fixedAtoms", expected: `0 to ${size - 1}`, got: String(atom) });
  }
}
