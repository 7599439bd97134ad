/** Cells as the formats have them: fractional coordinates, and the lower triangle that LAMMPS asks for. */
import { reciprocalVectors } from "../structure/lattice.js";
import { cellVolume } from "../structure/structure.js";

/** r = Σ f_k a_k for triples one after the other, in place of a copy: [atom][xyz] from [atom][axis]. */
export function toCartesian(fractions: Float64Array, cell: Float64Array): Float64Array {
  const positions = new Float64Array(fractions.length);
  for (let i = 0; i < fractions.length; i += 3) {
    for (let x = 0; x < 3; x++) positions[i + x] = fractions[i]! * cell[x]! + fractions[i + 1]! * cell[3 + x]! + fractions[i + 2]! * cell[6 + x]!;
  }
  return positions;
}

/** f_k = b_k·r with b_k·a_l = δ_kl, [atom][axis]. */
export function toFractional(positions: Float64Array, cell: Float64Array): Float64Array {
  const b = reciprocalVectors(cell);
  const fractions = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    for (let k = 0; k < 3; k++) fractions[i + k] = positions[i]! * b[3 * k]! + positions[i + 1]! * b[3 * k + 1]! + positions[i + 2]! * b[3 * k + 2]!;
  }
  return fractions;
}

/**
 * The cell turned so that a lies along x and b in the plane of x and y: rows (ax 0 0), (bx by 0), (cx cy cz) with a positive diagonal. `turn` takes
 * vectors [n][xyz] into the same frame. A left-handed cell is turned from −a, −b, −c, which span the same lattice.
 */
export function lowerTriangle(cell: Float64Array): { cell: Float64Array; turn: (vectors: Float64Array) => Float64Array } {
  const upper = cell[1] === 0 && cell[2] === 0 && cell[5] === 0;
  if (upper && cell[0]! > 0 && cell[4]! > 0 && cell[8]! > 0) return { cell, turn: (vectors) => vectors };
  const sign = cellVolume(cell) < 0 ? -1 : 1;
  const rows = cell.map((value) => sign * value);
  const [a, b, c] = [rows.subarray(0, 3), rows.subarray(3, 6), rows.subarray(6, 9)];
  const dot = (u: ArrayLike<number>, v: ArrayLike<number>): number => u[0]! * v[0]! + u[1]! * v[1]! + u[2]! * v[2]!;
  const x = a.map((value) => value / Math.sqrt(dot(a, a)));
  const inPlane = b.map((value, axis) => value - dot(b, x) * x[axis]!);
  const y = inPlane.map((value) => value / Math.sqrt(dot(inPlane, inPlane)));
  const z = [x[1]! * y[2]! - x[2]! * y[1]!, x[2]! * y[0]! - x[0]! * y[2]!, x[0]! * y[1]! - x[1]! * y[0]!];
  return {
    cell: Float64Array.of(dot(a, x), 0, 0, dot(b, x), dot(b, y), 0, dot(c, x), dot(c, y), dot(c, z)),
    turn: (vectors) => {
      const turned = new Float64Array(vectors.length);
      for (let i = 0; i < vectors.length; i += 3) {
        const vector = vectors.subarray(i, i + 3);
        turned.set([dot(vector, x), dot(vector, y), dot(vector, z)], i);
      }
      return turned;
    },
  };
}
