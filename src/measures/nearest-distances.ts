/**
 * Nearest neighbors between two sets of feature vectors, tile by tile: d² = |x|² + |x'|² − 2 x·x', Eq. (19) with ζ = 1, and what such distances say of
 * two sets, Eqs. (82) and (83). A matrix of all pairs is never formed.
 */
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Feature vectors with a group each, for example their frame. */
export interface GroupedRows {
  /** [row][size] */
  readonly values: Float64Array;
  readonly size: number;
  /** [row] */
  readonly groups: Int32Array;
}

/** The nearest of the other set seen so far. */
export interface Nearest {
  /** d, [row]; Infinity where none has been seen. */
  readonly distances: Float64Array;
  /** Its group, [row]; −1 where none has been seen. */
  readonly groups: Int32Array;
}

/** Rows and columns of a tile of products: 2 MB, and products large enough for the kernels to be fast. */
const TILE = 512;
/** Below this share of |x|² + |x'|² the rounding of the three terms shows in d, and the difference is taken itself. */
const CANCELLED = 1e-6;

export function createNearest(rows: number): Nearest {
  return { distances: new Float64Array(rows).fill(Infinity), groups: new Int32Array(rows).fill(-1) };
}

function squaredLengths({ values, size }: GroupedRows): Float64Array {
  const squares = new Float64Array(values.length / size);
  for (let i = 0; i < values.length; i++) squares[Math.floor(i / size)]! += values[i]! ** 2;
  return squares;
}

function distanceOf(a: GroupedRows, i: number, b: GroupedRows, j: number): number {
  const { size } = a;
  let square = 0;
  for (let f = 0; f < size; f++) square += (a.values[i * size + f]! - b.values[j * size + f]!) ** 2;
  return Math.sqrt(square);
}

/**
 * Looks for nearer neighbors: of the rows of `a` among those of `b`, and, where `nearestB` is given, the other way round as well.
 * @param nearestA of the rows of `a` so far; updated
 * @param apart whether rows of one group are left out, for distances within one set
 * @throws InputError when the two sets differ in features; NumericalError for features that are not finite.
 */
export function updateNearest(
  algebra: LinearAlgebra, a: GroupedRows, b: GroupedRows, nearestA: Nearest, nearestB: Nearest | null, apart = false,
): void {
  const { size } = a;
  if (b.size !== size) throw new InputError("the two sets differ in features", { key: "features", expected: String(size), got: String(b.size) });
  const [squaresA, squaresB] = [squaredLengths(a), squaredLengths(b)];
  const [rowsA, rowsB] = [squaresA.length, squaresB.length];
  for (let fromA = 0; fromA < rowsA; fromA += TILE) {
    const m = Math.min(TILE, rowsA - fromA);
    const tileA = a.values.subarray(fromA * size, (fromA + m) * size);
    for (let fromB = 0; fromB < rowsB; fromB += TILE) {
      const n = Math.min(TILE, rowsB - fromB);
      const products = algebra.multiply(tileA, b.values.subarray(fromB * size, (fromB + n) * size), { m, n, k: size, transB: true });
      for (let i = 0; i < m; i++) {
        const row = fromA + i;
        for (let j = 0; j < n; j++) {
          const column = fromB + j;
          if (apart && a.groups[row] === b.groups[column]) continue;
          const both = squaresA[row]! + squaresB[column]!;
          const square = both - 2 * products[i * n + j]!;
          const distance = square > CANCELLED * both ? Math.sqrt(square) : distanceOf(a, row, b, column);
          if (distance < nearestA.distances[row]!) {
            nearestA.distances[row] = distance;
            nearestA.groups[row] = b.groups[column]!;
          }
          if (nearestB && distance < nearestB.distances[column]!) {
            nearestB.distances[column] = distance;
            nearestB.groups[column] = a.groups[row]!;
          }
        }
      }
    }
  }
}

/** What nearest neighbors say of two sets A and B, Eqs. (82) and (83). */
export interface SetDistances {
  /** max_b min_a d and max_a min_b d; the larger one is the Hausdorff distance. */
  readonly farthest: { readonly bFromA: number; readonly aFromB: number };
  readonly hausdorff: number;
  /** Means of min_a d over b, and of min_b d over a. */
  readonly mean: { readonly bFromA: number; readonly aFromB: number };
  /** Share of b with some a within the radius, and of a with some b; null without a radius. */
  readonly coverage: { readonly bByA: number; readonly aByB: number } | null;
}

/** @param fromB min_b d of every a; @param fromA min_a d of every b */
export function setDistances(fromA: Float64Array, fromB: Float64Array, radius: number | null): SetDistances {
  const most = (distances: Float64Array): number => distances.reduce((a, b) => Math.max(a, b), 0);
  const mean = (distances: Float64Array): number => distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const within = (distances: Float64Array, r: number): number => distances.reduce((count, d) => count + (d <= r ? 1 : 0), 0) / distances.length;
  const farthest = { bFromA: most(fromA), aFromB: most(fromB) };
  return {
    farthest,
    hausdorff: Math.max(farthest.bFromA, farthest.aFromB),
    mean: { bFromA: mean(fromA), aFromB: mean(fromB) },
    coverage: radius === null ? null : { bByA: within(fromA, radius), aByB: within(fromB, radius) },
  };
}

/** The smallest value that at least this share of the values does not exceed; null where there are none. */
export function quantile(values: Float64Array, share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.slice().sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
