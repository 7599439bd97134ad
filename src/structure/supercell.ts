/** Crystals made from a cell: repeated along its vectors, strained, or with their atoms shaken off their sites. */
import { InputError } from "../errors.js";
import { createRandom } from "../selection/random.js";
import { createStructure, type Structure } from "./structure.js";

/**
 * The cell `counts` times along its vectors: atom `a` of the cell that is moved by i, j, k vectors has the number ((i·n₂ + j)·n₃ + k)·N + a.
 * Entries and columns are left out.
 * @throws InputError without a cell, or on counts that are no whole numbers from 1 on.
 */
export function repeatStructure({ species, positions, cell, pbc, origin }: Structure, counts: readonly [number, number, number]): Structure {
  if (!cell) throw new InputError("only a cell can be repeated", { ...origin, key: "cell", expected: "a structure with a cell", got: "none" });
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1)) throw new InputError("the numbers of cells are wrong", { key: "counts", expected: "three whole numbers, 1 or more", got: counts.join(" ") });
  const [repeated, places]: [number[], number[]] = [[], []];
  for (let i = 0; i < counts[0]; i++) {
    for (let j = 0; j < counts[1]; j++) {
      for (let k = 0; k < counts[2]; k++) {
        repeated.push(...species);
        positions.forEach((x, n) => places.push(x + i * cell[n % 3] + j * cell[3 + (n % 3)] + k * cell[6 + (n % 3)]));
      }
    }
  }
  return createStructure({ species: repeated, positions: places, cell: cell.map((x, n) => x * counts[Math.floor(n / 3)]), pbc });
}

/** Positions and cell under r → (1 + ε) r, ε [3][3]. */
export function strainStructure(structure: Structure, strain: ArrayLike<number>): Structure {
  const apply = (vectors: Float64Array): Float64Array => vectors.map((x, k) => {
    const [first, row] = [k - (k % 3), 3 * (k % 3)];
    return x + strain[row] * vectors[first] + strain[row + 1] * vectors[first + 1] + strain[row + 2] * vectors[first + 2];
  });
  return { ...structure, positions: apply(structure.positions), cell: structure.cell && apply(structure.cell) };
}

/** Each coordinate moved by a normal deviate of `width` Å: takes a symmetry away that would keep a minimizer on a saddle. */
export function shakeStructure(structure: Structure, width: number, seed = 1): Structure {
  const random = createRandom(seed);
  return { ...structure, positions: structure.positions.map((x) => x + width * random.normal()) };
}
