import { vec3d } from "wgpu-matrix";
import { covalentRadiusOf, type Structure } from "../index.js";
import { latticeMatrix } from "./lattice-matrix.js";

/**
 * Two atoms are drawn as bonded when their distance is below 1.15 (R_a + R_b), R the covalent radii; images across periodic faces count.
 * Linear cost: atoms and the images near them are sorted into cubes as wide as the longest possible bond.
 */
export interface Bonds {
  /** Atoms i, j of every bond, [bond][2]; j may stand for a periodic image. */
  readonly atoms: Uint32Array;
  /** From atom i to (the image of) atom j in Å, [bond][xyz]. */
  readonly vectors: Float64Array;
  /** 1 where j is an image in another cell, [bond]. */
  readonly crossing: Uint8Array;
}

const TOLERANCE = 1.15;
/** Closer pairs are no bonds but a mistake in the data, and would be cylinders without direction. */
const SHORTEST = 0.1;

interface Site {
  readonly atom: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Rank of the lattice shift, 0 for the atom itself: each crossing bond is taken from one of its two ends. */
  readonly rank: number;
}

export function findBonds(structure: Structure): Bonds {
  const { species, positions } = structure;
  const radii = Float64Array.from(species, (number) => covalentRadiusOf(number));
  const reach = 2 * TOLERANCE * radii.reduce((largest, radius) => Math.max(largest, radius), 0);
  const cubes = sortIntoCubes(sitesNear(structure, reach), reach);
  const atoms: number[] = [];
  const vectors: number[] = [];
  const crossing: number[] = [];
  for (let i = 0; i < species.length; i++) {
    const [x, y, z] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
    for (const site of sitesAround(cubes, x, y, z, reach)) {
      if (site.rank < 0 || (site.rank === 0 && site.atom <= i)) continue;
      const distance = Math.hypot(site.x - x, site.y - y, site.z - z);
      if (distance < SHORTEST || distance >= TOLERANCE * (radii[i]! + radii[site.atom]!)) continue;
      atoms.push(i, site.atom);
      vectors.push(site.x - x, site.y - y, site.z - z);
      crossing.push(site.rank === 0 ? 0 : 1);
    }
  }
  return { atoms: Uint32Array.from(atoms), vectors: Float64Array.from(vectors), crossing: Uint8Array.from(crossing) };
}

/** The atoms and those of their images that lie within `reach` of the atoms' bounding box. */
function sitesNear(structure: Structure, reach: number): Site[] {
  const { species, positions } = structure;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let k = 0; k < positions.length; k++) {
    low[k % 3] = Math.min(low[k % 3]!, positions[k]! - reach);
    high[k % 3] = Math.max(high[k % 3]!, positions[k]! + reach);
  }
  const sites: Site[] = [];
  for (const { rank, shift } of latticeShifts(structure, low, high)) {
    for (let atom = 0; atom < species.length; atom++) {
      const [x, y, z] = [positions[3 * atom]! + shift[0]!, positions[3 * atom + 1]! + shift[1]!, positions[3 * atom + 2]! + shift[2]!];
      if (x < low[0]! || x > high[0]! || y < low[1]! || y > high[1]! || z < low[2]! || z > high[2]!) continue;
      sites.push({ atom, x, y, z, rank });
    }
  }
  return sites;
}

/** A lattice vector in Å, and its rank in lexicographic order. */
interface Shift {
  readonly rank: number;
  readonly shift: Float64Array;
}

/** Shifts that can move a point of the box low … high to another point of it. */
function latticeShifts({ cell, pbc }: Structure, low: readonly number[], high: readonly number[]): Shift[] {
  if (!cell) return [{ rank: 0, shift: vec3d.create() }];
  const rows = [0, 1, 2].map((axis) => cell.subarray(3 * axis, 3 * axis + 3));
  const edges = vec3d.subtract(high, low);
  const counts = rows.map((row, axis) => {
    if (!pbc[axis]) return 0;
    const periodic = rows.filter((_, other) => other !== axis && pbc[other]);
    return Math.ceil(vec3d.length(edges) / distanceFromSpan(row, periodic));
  });
  const lattice = latticeMatrix(cell);
  const shifts: Shift[] = [];
  const [na, nb, nc] = counts as [number, number, number];
  for (let a = -na; a <= na; a++) {
    for (let b = -nb; b <= nb; b++) {
      for (let c = -nc; c <= nc; c++) {
        const shift = vec3d.transformMat3([a, b, c], lattice);
        if (shift.some((component, k) => Math.abs(component) > edges[k]!)) continue;
        shifts.push({ rank: (a * (2 * nb + 1) + b) * (2 * nc + 1) + c, shift });
      }
    }
  }
  return shifts;
}

/** Length of the part of `row` that is perpendicular to the other periodic lattice vectors (Gram–Schmidt). */
function distanceFromSpan(row: Float64Array, others: readonly Float64Array[]): number {
  const basis: Float64Array[] = [];
  const orthogonal = (vector: Float64Array): Float64Array => basis.reduce((rest, unit) => vec3d.addScaled(rest, unit, -vec3d.dot(rest, unit)), vector);
  for (const other of others) basis.push(vec3d.normalize(orthogonal(other)));
  return vec3d.length(orthogonal(row));
}

/** 17 bits per axis stay exact in a float64; farther cubes may share a key, which costs time but no bond, as distances are checked. */
function cubeKey(x: number, y: number, z: number): number {
  return ((x + 65536) * 131072 + (y + 65536)) * 131072 + (z + 65536);
}

function sortIntoCubes(sites: readonly Site[], width: number): Map<number, Site[]> {
  const cubes = new Map<number, Site[]>();
  for (const site of sites) {
    const key = cubeKey(Math.floor(site.x / width), Math.floor(site.y / width), Math.floor(site.z / width));
    const cube = cubes.get(key);
    if (cube) cube.push(site);
    else cubes.set(key, [site]);
  }
  return cubes;
}

function* sitesAround(cubes: ReadonlyMap<number, Site[]>, x: number, y: number, z: number, width: number): Generator<Site> {
  const [cx, cy, cz] = [Math.floor(x / width), Math.floor(y / width), Math.floor(z / width)];
  for (let dx = -1; dx <= 1; dx++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dz = -1; dz <= 1; dz++) yield* cubes.get(cubeKey(cx + dx, cy + dy, cz + dz)) ?? [];
    }
  }
}
