import type { Structure } from "../../src/structure/structure.js";

/** What a structure says, without where it was read: for comparisons of what two readings give. */
export function contentOf({ species, positions, cell, pbc, info, arrays }: Structure): Structure {
  return { species, positions, cell, pbc, info, arrays };
}
