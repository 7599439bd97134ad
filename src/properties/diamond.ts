/** The diamond structure: its cubic and its primitive cell, and slabs with (111) and (100) faces. Lattice constant a in Å. */
import { InputError } from "../errors.js";
import { createStructure, type Structure } from "../structure/structure.js";

const SITES = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();

/** Eight atoms in the cubic cell. */
export function diamondCell(species: number, a: number): Structure {
  return createStructure({ species: new Array<number>(8).fill(species), positions: SITES.map((x) => (x * a) / 4), cell: [a, 0, 0, 0, a, 0, 0, 0, a] });
}

/** Two atoms in the primitive cell. */
export function diamondPrimitiveCell(species: number, a: number): Structure {
  const h = a / 2;
  return createStructure({ species: [species, species], positions: [0, 0, 0, h / 2, h / 2, h / 2], cell: [0, h, h, h, 0, h, h, h, 0] });
}

export type DiamondFace =
  /** The smallest cell; the cut goes between the layers that one bond per atom connects, and leaves one dangling bond per surface atom. */
  | "111"
  /** Two smallest cells side by side, so that rows of dimers, the 2 × 1 reconstruction, can form. */
  | "100";

const VACUUM = 10;

/**
 * A slab of the ideal crystal, periodic in its plane (x and y), with two equal faces.
 * @param layers double layers for (111), single layers for (100), which must be even in number, else the dimers of the two faces are not parallel
 * @throws InputError on numbers of layers below 2, or odd for (100).
 */
export function diamondSlab(species: number, a: number, face: DiamondFace, layers: number): Structure {
  const s = a / Math.SQRT2;
  if (!(Number.isSafeInteger(layers) && layers >= 2 && (face === "111" || layers % 2 === 0))) {
    throw new InputError("a slab needs other layers", { key: "layers", expected: face === "100" ? "an even number, 2 or more" : "a whole number, 2 or more", got: String(layers) });
  }
  const positions: number[] = [];
  if (face === "111") {
    // The shift from one atom to the next one above is (u + 2v)/3, whether it is in the same double layer or starts the next one.
    const shift = s / Math.sqrt(3);
    for (let layer = 0; layer < layers; layer++) {
      const z = (layer * a) / Math.sqrt(3);
      positions.push(0, layer * shift, z, 0, (layer + 1) * shift, z + a / (4 * Math.sqrt(3)));
    }
  } else {
    const sites = [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]];
    for (let layer = 0; layer < layers; layer++) {
      const [x, y] = sites[layer % 4];
      for (const row of [0, 1]) positions.push(x * s, (y + row) * s, (layer * a) / 4);
    }
  }
  const height = positions[positions.length - 1] + VACUUM;
  const plane = face === "111" ? [s, 0, 0, -s / 2, (s * Math.sqrt(3)) / 2, 0] : [s, 0, 0, 0, 2 * s, 0];
  return createStructure({ species: new Array<number>(positions.length / 3).fill(species), positions, cell: [...plane, 0, 0, height], pbc: [true, true, false] });
}

/**
 * The 2 × 1 reconstruction of a (100) slab as a start for its relaxation: the two atoms of each face at the distance of a bond, one raised and one
 * lowered by a tenth of it, since the dimers of real crystals are buckled.
 */
export function dimerizedSlab(slab: Structure): Structure {
  const positions = slab.positions.slice();
  const size = slab.species.length;
  const apart = positions[4] - positions[1];
  const bond = apart * Math.sqrt(3 / 8);
  for (const [first, second] of [[0, 1], [size - 2, size - 1]]) {
    for (const [atom, sign] of [[first, 1], [second, -1]]) {
      positions[3 * atom + 1] += (sign * (apart - bond)) / 2;
      positions[3 * atom + 2] += (sign * bond) / 10;
    }
  }
  return { ...slab, positions };
}
