/**
 * The surface ρ = level of numbers on a cubic grid, by marching tetrahedra (Doi and Koide, IEICE Trans. E74, 214 (1991)). Every cube of the grid is
 * cut along its diagonal into the six tetrahedra 0 → a → a + b → a + b + c over the orders (a, b, c) of the axes (Kuhn); neighboring cubes cut the
 * face between them the same way, so that the surface has no gaps. A vertex lies where the cubic through values and slopes at the ends of an edge,
 *
 *   p(t) = (1 + 2t)(1 − t)² ρ_0 + t(1 − t)² ρ'_0 + t²(3 − 2t) ρ_1 − t²(1 − t) ρ'_1,
 *
 * has the level: along a straight line Gaussians would bulge from point to point. Slopes are central differences; a vertex's normal is −∇ρ
 * between the ends of its edge.
 */

export interface ScalarGrid {
  /** [x][y][z] */
  readonly values: ArrayLike<number>;
  /** Points along each axis, at −halfWidth … halfWidth. */
  readonly points: number;
  readonly halfWidth: number;
}

export interface Isosurface {
  /** In the unit of halfWidth, [vertex][xyz]. */
  readonly positions: Float32Array;
  /** Unit vectors toward smaller ρ, [vertex][xyz]. */
  readonly normals: Float32Array;
  /** Vertices of each triangle, counterclockwise seen from where ρ is smaller, [triangle][3]. */
  readonly triangles: Uint32Array;
}

/** Corners of a cube, as sums of x = 4, y = 2, z = 1, along the six ways from 0 to 7, and the handedness of their tetrahedra. */
const TETRAHEDRA = [
  [0, 4, 6, 7, 1], [0, 2, 3, 7, 1], [0, 1, 5, 7, 1], [0, 4, 5, 7, -1], [0, 2, 6, 7, -1], [0, 1, 3, 7, -1],
] as const;

/** Edges (pairs of a right-handed tetrahedron's corners) that the triangles' vertices lie on, for each set of corners above the level (bits). */
const CUTS: readonly (readonly (readonly [number, number])[])[] = Array.from({ length: 16 }, (_, mask) => {
  const corners = [0, 1, 2, 3];
  const [above, below] = [corners.filter((k) => (mask >> k) & 1), corners.filter((k) => !((mask >> k) & 1))];
  const order = [...above, ...below];
  const swaps = order.flatMap((first, k) => order.slice(k + 1).filter((second) => second < first)).length;
  const cut = (): [number, number][] => {
    const [i, j, k, l] = order as [number, number, number, number];
    switch (above.length) {
      case 1:
        return [[i, j], [i, k], [i, l]];
      case 2:
        return [[i, k], [i, l], [j, l], [i, k], [j, l], [j, k]];
      case 3:
        return [[i, l], [j, l], [k, l]];
      default:
        return [];
    }
  };
  const pairs = cut();
  // An odd permutation of the corners mirrors the tetrahedron.
  return swaps % 2 === 0 ? pairs : pairs.map((_pair, at) => pairs[at % 3 === 0 ? at : at % 3 === 1 ? at + 1 : at - 1]!);
});

/** Steps of the search for the level; the first one is exact where ρ is linear. */
const SEARCH_STEPS = 4;

/** Where between 0 and 1 the cubic has the level, by false position; the ends lie on either side of it. */
function crossing(level: number, start: number, startSlope: number, end: number, endSlope: number): number {
  let [low, high, atLow, atHigh] = [0, 1, start - level, end - level];
  let t = 0;
  for (let step = 0; step < SEARCH_STEPS; step++) {
    t = low + ((high - low) * atLow) / (atLow - atHigh);
    const rest = 1 - t;
    const value = (1 + 2 * t) * rest * rest * start + t * rest * rest * startSlope + t * t * (3 - 2 * t) * end - t * t * rest * endSlope - level;
    if (value > 0 === atLow > 0) [low, atLow] = [t, value];
    else [high, atHigh] = [t, value];
  }
  return t;
}

export function isosurface({ values, points, halfWidth }: ScalarGrid, level: number): Isosurface {
  const strides = [points * points, points, 1] as const;
  const step = (2 * halfWidth) / (points - 1);
  const offsets = Array.from({ length: 8 }, (_, corner) => (corner >> 2) * strides[0] + ((corner >> 1) & 1) * strides[1] + (corner & 1));
  const [positions, normals, triangles]: [number[], number[], number[]] = [[], [], []];
  // An edge goes from its first point by one of seven sums of axes; vertices are shared by all tetrahedra round it.
  const vertices = new Int32Array(7 * points ** 3).fill(-1);

  const coordinate = (point: number, axis: number): number => Math.floor(point / strides[axis]!) % points;
  /** ∂ρ/∂x along an axis times the step; one-sided at the ends. */
  const slope = (point: number, axis: number): number => {
    const at = coordinate(point, axis);
    const [back, ahead] = [at > 0 ? strides[axis]! : 0, at < points - 1 ? strides[axis]! : 0];
    return ((values[point + ahead]! - values[point - back]!) * strides[axis]!) / (ahead + back);
  };
  const vertexOn = (base: number, from: number, to: number): number => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const [start, end] = [base + offsets[first]!, base + offsets[last]!];
    const key = 7 * start + (last - first) - 1;
    if (vertices[key]! >= 0) return vertices[key]!;
    const [before, after] = [0, 1].map((at) => [0, 1, 2].map((axis) => slope(at === 0 ? start : end, axis))) as [number[], number[]];
    const along = (slopes: number[]): number => slopes.reduce((sum, value, axis) => sum + (((last - first) >> (2 - axis)) & 1) * value, 0);
    const t = crossing(level, values[start]!, along(before), values[end]!, along(after));
    const normal = before.map((value, axis) => -(1 - t) * value - t * after[axis]!);
    const length = Math.hypot(...normal) || 1;
    for (let axis = 0; axis < 3; axis++) {
      const [a, b] = [coordinate(start, axis), coordinate(end, axis)];
      positions.push((a + t * (b - a)) * step - halfWidth);
      normals.push(normal[axis]! / length);
    }
    return (vertices[key] = positions.length / 3 - 1);
  };
  const march = (base: number): void => {
    for (const [a, b, c, d, hand] of TETRAHEDRA) {
      const corners = hand > 0 ? [a, b, c, d] : [b, a, c, d];
      let mask = 0;
      for (let k = 0; k < 4; k++) if (values[base + offsets[corners[k]!]!]! > level) mask |= 1 << k;
      for (const [from, to] of CUTS[mask]!) triangles.push(vertexOn(base, corners[from]!, corners[to]!));
    }
  };
  for (let x = 0; x < points - 1; x++) {
    for (let y = 0; y < points - 1; y++) {
      for (let z = 0; z < points - 1; z++) {
        const base = x * strides[0] + y * strides[1] + z;
        let above = 0;
        for (let corner = 0; corner < 8; corner++) if (values[base + offsets[corner]!]! > level) above++;
        if (above > 0 && above < 8) march(base);
      }
    }
  }
  return { positions: Float32Array.from(positions), normals: Float32Array.from(normals), triangles: Uint32Array.from(triangles) };
}
