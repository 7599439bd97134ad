import { InputError } from "../errors.js";
import { cellVolume, type Structure } from "../structure/structure.js";

/** Å³. @throws InputError when the structure is not periodic along three axes. */
export function volumeOf({ cell, pbc, origin }: Structure): number {
  if (cell && pbc.every(Boolean)) return Math.abs(cellVolume(cell));
  throw new InputError("this property is one of a crystal", { ...origin, key: "cell", expected: "a cell that is periodic along all three axes", got: cell ? `pbc ${pbc.join(" ")}` : "no cell" });
}
