// Positions as the neighbor search of the GPU reads them: r = Σ_k s_k a_k with s_k in units of 2⁻³². A difference of two such integers is exact, so that
// vectors between atoms have the accuracy of float32 however wide the box is; float32 positions would lose 1e-5 Å in a box of 150 Å.
import { CapacityError } from "../../errors.js";
import { MAX_SHIFT, planBins, positionError } from "../../structure/bins.js";
import { completeLattice, reciprocalVectors, reduceLattice } from "../../structure/lattice.js";
import { cellVolume, checkCell, type Structure } from "../../structure/structure.js";

export interface BoxCoordinates {
  /** a_k as rows in Å, [3][3]: short vectors of the lattice along periodic axes, a little more than the extent of the atoms along the others. */
  readonly vectors: Float64Array;
  readonly pbc: readonly boolean[];
  /** 2³² s_k and a word that is the batch's, [atom][4]: as the GPU reads them, so that a batch of one structure copies nothing. */
  readonly coordinates: Uint32Array<ArrayBuffer>;
  /** Bins along each axis, and how many to look at on either side. */
  readonly counts: readonly [number, number, number];
  readonly reach: readonly [number, number, number];
  /** Pairs of a density that is the same everywhere in the box. */
  readonly expectedPairs: number;
}

/** So much (relative) farther than the cutoff is looked, for what float32 rounds. */
const MARGIN = 1 + 1e-6;
/** A bin is told from 16 bits of s; this part of the box, twice that, is looked at in addition. It also keeps the bins of an axis below 2¹⁶. */
const BIN_RESOLUTION = 2 ** -15;
/** Å; 2⁻³² of it is 1e-5 Å. */
const MAX_WIDTH = 40000;
/** Images that ten bits hold, on either side. */
const MAX_IMAGES = 510;

/**
 * @throws InputError on a position that is not finite or a periodic axis without volume; CapacityError where the box is too wide or too thin for
 * the integers.
 */
export function boxCoordinates(structure: Structure, cutoff: number): BoxCoordinates {
  checkCell(structure);
  const { positions, species, cell, pbc } = structure;
  const size = species.length;
  const lattice = new Float64Array(9);
  for (let k = 0; k < 9; k++) if (pbc[Math.floor(k / 3)]) lattice[k] = cell![k]!;
  const vectors = completeLattice(reduceLattice(lattice, pbc), pbc);
  const directions = reciprocalVectors(vectors);
  const coordinates = new Uint32Array(4 * size);
  const heights = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const at = 3 * axis;
    const [dx, dy, dz] = [directions[at]!, directions[at + 1]!, directions[at + 2]!];
    const [least, most] = pbc[axis] ? [0, 1] : extent(positions, dx, dy, dz);
    // Wider than the extent, so that no coordinate rounds up to the end of the box.
    const width = pbc[axis] ? 1 : Math.max(cutoff, MARGIN * (most - least));
    scale(positions, dx, dy, dz, least, width, pbc[axis] ? MAX_SHIFT : Infinity, coordinates, axis);
    for (let k = at; k < at + 3; k++) vectors[k]! *= width;
    heights[axis] = width / Math.hypot(dx, dy, dz);
    checkWidth(axis, Math.hypot(vectors[at]!, vectors[at + 1]!, vectors[at + 2]!), heights[axis]!, cutoff);
  }
  const distances = heights.map((height) => cutoff * MARGIN + height * BIN_RESOLUTION);
  const uniform = (size ** 2 * (4 / 3) * Math.PI * cutoff ** 3) / Math.abs(cellVolume(vectors));
  const expectedPairs = Math.ceil(pbc.some(Boolean) ? uniform : Math.min(uniform, size * (size - 1)));
  return { vectors, pbc, coordinates, expectedPairs, ...planBins(heights, distances, pbc, 4 * size + 64) };
}

/** Least and largest d·r, which are infinite without an atom. @throws InputError on a position that is not finite. */
function extent(positions: Float64Array, dx: number, dy: number, dz: number): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let k = 0; k < positions.length; k += 3) {
    const s = dx * positions[k]! + dy * positions[k + 1]! + dz * positions[k + 2]!;
    if (!Number.isFinite(s)) throw positionError(positions, k / 3);
    if (s < least) least = s;
    if (s > most) most = s;
  }
  return [least, most];
}

/** (d·r − origin) / width in units of 2⁻³² into every fourth word from `first` on. @throws InputError on |d·r| that is not below `limit`. */
function scale(
  positions: Float64Array, dx: number, dy: number, dz: number, origin: number, width: number, limit: number, words: Uint32Array, first: number,
): void {
  for (let k = 0, word = first; k < positions.length; k += 3, word += 4) {
    const r = dx * positions[k]! + dy * positions[k + 1]! + dz * positions[k + 2]!;
    if (!(Math.abs(r) < limit)) throw positionError(positions, k / 3);
    const s = (r - origin) / width;
    // Rounded, since a word takes the whole part; Math.round would take five times as long as all else here. 2³² itself is 0 again, as it should be: it
    // occurs along periodic axes only.
    words[word] = (s - Math.floor(s)) * 2 ** 32 + 0.5;
  }
}

function checkWidth(axis: number, width: number, height: number, cutoff: number): void {
  if (width > MAX_WIDTH) {
    throw new CapacityError("a structure is too wide for the coordinates of the GPU", {
      key: "positions",
      expected: `at most ${MAX_WIDTH} Å along axis ${axis}, or the CPU backend`,
      got: `${width} Å`,
    });
  }
  if (!(cutoff <= MAX_IMAGES * height)) {
    throw new CapacityError("a cell is too thin for the cutoff", {
      key: "cutoff",
      expected: `at most ${MAX_IMAGES} times the thickness of the cell along axis ${axis}, ${height} Å, or the CPU backend`,
      got: `${cutoff} Å`,
    });
  }
}
