import type { Structure } from "../structure/structure.js";

/** Atoms per call when features or coefficients are looked at in passing: bounds the memory of a large dataset. */
const PORTION_ATOMS = 2048;

/** The structures in portions of about 2048 atoms, in order. */
export function* portions(structures: readonly Structure[]): Generator<Structure[]> {
  let open: Structure[] = [];
  let atoms = 0;
  for (const structure of structures) {
    open.push(structure);
    atoms += structure.species.length;
    if (atoms < PORTION_ATOMS) continue;
    yield open;
    open = [];
    atoms = 0;
  }
  if (open.length > 0) yield open;
}
