import { completeLattice, reciprocalVectors, reduceLattice } from "./lattice.js";
import type { Structure } from "./structure.js";

/** Å: images whose distances differ by less are equally near. */
const EQUALLY_NEAR = 1e-4;

/**
 * Finds the shortest vectors that differ from a given one by lattice vectors of the periodic axes: one, or several of the same length.
 * The lattice is reduced first; the shortest then lie one vector at most from the one that rounding finds.
 */
export function createMinimumImage({ cell, pbc }: Pick<Structure, "cell" | "pbc">): (vector: ArrayLike<number>) => Float64Array[] {
  if (!cell || !pbc.some(Boolean)) return (vector) => [Float64Array.from(vector)];
  const lattice = completeLattice(reduceLattice(cell, pbc), pbc);
  const inverse = reciprocalVectors(lattice);
  const steps = [0, 1, 2].map((axis) => (pbc[axis] ? [-1, 0, 1] : [0]));
  const shifts = steps[0].flatMap((i) => steps[1].flatMap((j) => steps[2].map((k) => [i, j, k])));
  return (vector) => {
    const whole = [0, 1, 2].map((axis) => (pbc[axis] ? Math.round(inverse[3 * axis] * vector[0] + inverse[3 * axis + 1] * vector[1] + inverse[3 * axis + 2] * vector[2]) : 0));
    const candidates = shifts.map((shift) => {
      const [i, j, k] = shift.map((n, axis) => n + whole[axis]);
      return Float64Array.from({ length: 3 }, (_, x) => vector[x] - i * lattice[x] - j * lattice[3 + x] - k * lattice[6 + x]);
    });
    const lengths = candidates.map(([x, y, z]) => Math.hypot(x, y, z));
    const nearest = Math.min(...lengths);
    return candidates.filter((_, n) => lengths[n] < nearest + EQUALLY_NEAR);
  };
}
