/** Crystals from a conventional cell with fractional sites, repeated over any supercell, in the orientation a ∥ x, b in the xy plane. */

/** Three numbers or three rows. */
export type Triple<T = number> = readonly [T, T, T];

export interface Crystal {
  /** Lattice vectors as rows, Å. */
  readonly cell: Triple<Triple>;
  /** Element symbol and fractional coordinates of each atom. */
  readonly sites: readonly (readonly [string, number, number, number])[];
}

/** Atoms with Cartesian positions, Å; `cell` rows flattened, null for a molecule. */
export interface Atoms {
  readonly symbols: string[];
  readonly positions: number[];
  readonly cell: number[] | null;
}

const BOUNDARY = 1e-7;

function determinant([a, b, c]: Triple<Triple>): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}

/** x with x·rows = target, by Cramer's rule. */
function solveRows(rows: Triple<Triple>, target: Triple): Triple {
  const volume = determinant(rows);
  const replaced = (row: number): Triple<Triple> => rows.map((old, k) => (k === row ? target : old)) as unknown as Triple<Triple>;
  return [determinant(replaced(0)) / volume, determinant(replaced(1)) / volume, determinant(replaced(2)) / volume];
}

export function combine(x: Triple, rows: Triple<Triple>): Triple {
  const component = (k: number): number => x[0] * rows[0][k] + x[1] * rows[1][k] + x[2] * rows[2][k];
  return [component(0), component(1), component(2)];
}

/** The same lattice turned to a ∥ x and b in the upper half of the xy plane, from lengths and angles. */
export function turned(rows: Triple<Triple>): Triple<Triple> {
  const dot = (p: Triple, q: Triple): number => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  const [a, b, c] = rows;
  const ax = Math.sqrt(dot(a, a));
  const bx = dot(a, b) / ax;
  const by = Math.sqrt(dot(b, b) - bx * bx);
  const cx = dot(a, c) / ax;
  const cy = (dot(b, c) - bx * cx) / by;
  const cz = Math.sqrt(dot(c, c) - cx * cx - cy * cy);
  return [[ax, 0, 0], [bx, by, 0], [cx, cy, cz]];
}

/**
 * The supercell spanned by the rows of `vectors`, in units of the crystal's own lattice vectors: translations of the lattice, whole or not.
 * `origin` (fractional in the supercell) shifts all atoms, and so chooses where a slab is cut.
 */
export function supercell(crystal: Crystal, vectors: Triple<Triple>, origin: Triple = [0, 0, 0]): Atoms {
  const span = 1 + Math.ceil(Math.max(...[0, 1, 2].map((k) => vectors.reduce((sum, row) => sum + Math.abs(row[k]), 0))));
  const cell = turned([combine(vectors[0], crystal.cell), combine(vectors[1], crystal.cell), combine(vectors[2], crystal.cell)]);
  const symbols: string[] = [];
  const positions: number[] = [];
  for (let i = -span; i <= span; i++) {
    for (let j = -span; j <= span; j++) {
      for (let k = -span; k <= span; k++) {
        for (const [symbol, x, y, z] of crystal.sites) {
          const s = solveRows(vectors, [x + i, y + j, z + k]).map((value, axis) => value + origin[axis]);
          if (!s.every((value) => value > -BOUNDARY && value < 1 - BOUNDARY)) continue;
          symbols.push(symbol);
          positions.push(...combine([s[0], s[1], s[2]], cell));
        }
      }
    }
  }
  return { symbols, positions, cell: cell.flat() };
}

/** `n` by `m` by `k` cells. */
export function repeat(crystal: Crystal, n: number, m: number, k: number): Atoms {
  return supercell(crystal, [[n, 0, 0], [0, m, 0], [0, 0, k]]);
}

/** Diamond of cubic lattice constant `a` (Å). */
export function diamond(symbol: string, a: number): Crystal {
  const fcc = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]];
  const sites = [0, 0.25].flatMap((shift) => fcc.map(([x, y, z]): [string, number, number, number] => [symbol, x + shift, y + shift, z + shift]));
  return { cell: [[a, 0, 0], [0, a, 0], [0, 0, a]], sites };
}
