/** Vectors that span the space of a structure whatever its periodic axes, their reciprocals, and the shortest vectors of its lattice. */

/**
 * The lattice vectors of the periodic axes as rows, and unit vectors orthogonal to all of these, and to each other, for the other axes, [3][3].
 * @param lattice rows in Å; those of axes that are not periodic are not looked at
 */
export function completeLattice(lattice: Float64Array, pbc: readonly boolean[]): Float64Array {
  const rows = lattice.slice();
  if (pbc[0] && pbc[1] && pbc[2]) return rows;
  const periodic = [0, 1, 2].filter((axis) => pbc[axis]);
  const open = [0, 1, 2].filter((axis) => !pbc[axis]);
  if (open.length === 3) return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  if (open.length === 2) {
    const along = rows.subarray(3 * periodic[0], 3 * periodic[0] + 3);
    const [x, y, z] = along.map(Math.abs);
    const least = x <= y && x <= z ? [1, 0, 0] : y <= z ? [0, 1, 0] : [0, 0, 1];
    rows.set(unit(cross(along, least)), 3 * open[0]);
    rows.set(unit(cross(along, rows.subarray(3 * open[0], 3 * open[0] + 3))), 3 * open[1]);
  } else if (open.length === 1) {
    rows.set(unit(cross(rows.subarray(3 * periodic[0], 3 * periodic[0] + 3), rows.subarray(3 * periodic[1], 3 * periodic[1] + 3))), 3 * open[0]);
  }
  return rows;
}

/** Rows b_k with b_k·a_l = δ_kl for the rows a_l, [3][3]. */
export function reciprocalVectors(rows: Float64Array): Float64Array {
  const reciprocal = new Float64Array(9);
  for (let axis = 0; axis < 3; axis++) {
    // Thousands of small structures in a row: no array for each product.
    const [own, a, b] = [3 * axis, 3 * ((axis + 1) % 3), 3 * ((axis + 2) % 3)];
    const x = rows[a + 1] * rows[b + 2] - rows[a + 2] * rows[b + 1];
    const y = rows[a + 2] * rows[b] - rows[a] * rows[b + 2];
    const z = rows[a] * rows[b + 1] - rows[a + 1] * rows[b];
    const volume = rows[own] * x + rows[own + 1] * y + rows[own + 2] * z;
    reciprocal[own] = x / volume;
    reciprocal[own + 1] = y / volume;
    reciprocal[own + 2] = z / volume;
  }
  return reciprocal;
}

/** Below this gain in length² a step of the reduction is rounding. */
const GAIN = 1e-9;

/**
 * Short vectors of the same lattice on the same periodic axes, [3][3]: no vector gets shorter by adding to it a multiple of another, or
 * one of each of the two others (Semaev, Cryptography and Lattices, 2001, https://doi.org/10.1007/3-540-44670-2_13).
 * A strongly sheared cell so becomes about as thick as its volume allows.
 */
export function reduceLattice(lattice: Float64Array, pbc: readonly boolean[]): Float64Array {
  return reduction(lattice, pbc).rows;
}

/** `reduceLattice`, with the whole numbers that make its vectors from the given ones: rows = transform · lattice, [3][3] both. */
export function reduction(lattice: Float64Array, pbc: readonly boolean[]): { rows: Float64Array; transform: Float64Array } {
  const rows = lattice.slice();
  const transform = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const periodic = [0, 1, 2].filter((axis) => pbc[axis]);
  const dot = (i: number, j: number): number => rows[3 * i] * rows[3 * j] + rows[3 * i + 1] * rows[3 * j + 1] + rows[3 * i + 2] * rows[3 * j + 2];
  /** Adds p a_j + q a_k to a_i if that makes it shorter. */
  const shorten = (i: number, j: number, p: number, k: number, q: number): boolean => {
    // The vector itself, as in most cells.
    if (p === 0 && q === 0) return false;
    const sum = [0, 1, 2].map((x) => rows[3 * i + x] + p * rows[3 * j + x] + q * rows[3 * k + x]);
    if (!(sum[0] ** 2 + sum[1] ** 2 + sum[2] ** 2 < (1 - GAIN) * dot(i, i))) return false;
    rows.set(sum, 3 * i);
    transform.set([0, 1, 2].map((x) => transform[3 * i + x] + p * transform[3 * j + x] + q * transform[3 * k + x]), 3 * i);
    return true;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const i of periodic) {
      const others = periodic.filter((axis) => axis !== i);
      for (const j of others) changed = shorten(i, j, -Math.round(dot(i, j) / dot(j, j)), j, 0) || changed;
      const [j, k] = others;
      if (k !== undefined) for (const p of [-1, 1]) for (const q of [-1, 1]) changed = shorten(i, j, p, k, q) || changed;
    }
  }
  return { rows, transform };
}

function cross(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: number[]): number[] {
  const length = Math.hypot(a[0], a[1], a[2]);
  return a.map((x) => x / length);
}
