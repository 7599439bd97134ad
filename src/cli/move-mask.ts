import type { Structure } from "../index.js";

/** Atoms that a column move_mask holds, as ASE writes its FixAtoms: F for those that do not move. */
export function fixedAtomsOf({ arrays }: Structure): number[] {
  const mask = arrays.get("move_mask");
  return mask?.kind === "L" && mask.width === 1 ? mask.values.flatMap((moves, atom) => (moves ? [] : [atom])) : [];
}
