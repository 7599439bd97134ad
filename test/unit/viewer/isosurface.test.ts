// Surfaces whose area, volume and normals are known, and that they are closed.
import { describe, expect, it } from "vitest";
import { isosurface, type Isosurface, type ScalarGrid } from "../../../src/viewer/isosurface.js";

function grid(points: number, halfWidth: number, value: (x: number, y: number, z: number) => number): ScalarGrid {
  const at = (k: number): number => -halfWidth + (2 * halfWidth * k) / (points - 1);
  const values = Float64Array.from({ length: points ** 3 }, (_, k) =>
    value(at(Math.floor(k / points ** 2)), at(Math.floor(k / points) % points), at(k % points)));
  return { values, points, halfWidth };
}

type Vector = [number, number, number];

function corners({ positions, triangles }: Isosurface): [Vector, Vector, Vector][] {
  const vertex = (k: number): Vector => [positions[3 * k]!, positions[3 * k + 1]!, positions[3 * k + 2]!];
  return Array.from({ length: triangles.length / 3 }, (_, t) =>
    [vertex(triangles[3 * t]!), vertex(triangles[3 * t + 1]!), vertex(triangles[3 * t + 2]!)]);
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** Area, and the volume inside by Gauss's theorem: negative when the triangles face inward. */
function measures(surface: Isosurface): { area: number; volume: number } {
  let [area, volume] = [0, 0];
  for (const [a, b, c] of corners(surface)) {
    const normal = cross(minus(b, a), minus(c, a));
    area += 0.5 * Math.sqrt(dot(normal, normal));
    volume += dot(a, cross(b, c)) / 6;
  }
  return { area, volume };
}

/** Directed edges that have no partner in the other direction. */
function openEdges({ triangles }: Isosurface): number {
  const edges = new Map<string, number>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (const [a, b] of [[0, 1], [1, 2], [2, 0]] as const) {
      const [from, to] = [triangles[t + a]!, triangles[t + b]!];
      const [key, sign] = from < to ? [`${from} ${to}`, 1] : [`${to} ${from}`, -1];
      edges.set(key, (edges.get(key) ?? 0) + sign);
    }
  }
  return [...edges.values()].filter((balance) => balance !== 0).length;
}

const ball = grid(40, 2, (x, y, z) => 1.5 - Math.hypot(x, y, z));

describe("the surface of constant density", () => {
  it("of a ball has its area, its volume and its normals", () => {
    const surface = isosurface(ball, 0);
    const { area, volume } = measures(surface);
    expect(Math.abs(area / (4 * Math.PI * 1.5 ** 2) - 1)).toBeLessThan(5e-3);
    expect(Math.abs(volume / ((4 / 3) * Math.PI * 1.5 ** 3) - 1)).toBeLessThan(5e-3);
    expect(surface.normals.length).toBe(surface.positions.length);
    for (let k = 0; k < surface.positions.length; k += 3) {
      const along = [0, 1, 2].reduce((sum, axis) => sum + surface.positions[k + axis]! * surface.normals[k + axis]!, 0);
      expect(along > 1.5 * 0.997 && along < 1.5 * 1.001, `vertex ${k / 3}: ${along}`).toBe(true);
    }
  });

  it("follows the level, along edges exactly where ρ is linear", () => {
    const plane = isosurface(grid(6, 1, (x, y, z) => x + 2 * y - 3 * z), 0.37);
    expect(plane.triangles.length).toBeGreaterThan(30);
    for (const [a] of corners(plane)) expect(Math.abs(a[0] + 2 * a[1] - 3 * a[2] - 0.37)).toBeLessThan(1e-6);
    // Every triangle faces smaller values, at the edge of the grid too.
    for (const [a, b, c] of corners(plane)) expect(dot(cross(minus(b, a), minus(c, a)), [1, 2, -3])).toBeLessThanOrEqual(1e-9);
    for (let k = 0; k < plane.normals.length; k += 3) {
      expect(Math.abs(plane.normals[k]! + 2 * plane.normals[k + 1]! - 3 * plane.normals[k + 2]! + Math.sqrt(14))).toBeLessThan(1e-5);
    }
  });

  it("of a Gaussian is a ball, with points a little over half of its width apart", () => {
    const surface = isosurface(grid(40, 6, (x, y, z) => Math.exp(-(x * x + y * y + z * z) / (2 * 0.5 ** 2))), 0.1);
    const radius = 0.5 * Math.sqrt(2 * Math.log(10));
    for (let k = 0; k < surface.positions.length; k += 3) {
      const distance = Math.hypot(surface.positions[k]!, surface.positions[k + 1]!, surface.positions[k + 2]!);
      expect(Math.abs(distance / radius - 1) <= 0.022, `vertex ${k / 3}: ${distance} and ${radius}`).toBe(true);
    }
  });

  it.each([[0.35], [0.6], [0.9]])("is closed where two Gaussians part or join (level %d)", (level) => {
    const two = isosurface(grid(24, 3, (x, y, z) => Math.exp(-((x - 1) ** 2 + y * y + z * z)) + Math.exp(-((x + 1) ** 2 + y * y + z * z))), level);
    expect(two.triangles.length).toBeGreaterThan(300);
    expect(openEdges(two)).toBe(0);
    expect(measures(two).volume).toBeGreaterThan(0);
    // Euler: each closed surface without handles adds 2.
    const edges = two.triangles.length / 2;
    expect(two.positions.length / 3 - edges + two.triangles.length / 3).toBe(level < 2 * Math.exp(-1) ? 2 : 4);
  });

  it("of a random field is closed inside the grid, its border below the level", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const noise = grid(9, 1, (x, y, z) => (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) > 0.99 ? -1 : random() - 0.5));
    expect(openEdges(isosurface(noise, 0))).toBe(0);
  });

  it("is empty above the largest and below the smallest value", () => {
    for (const level of [2, -5]) expect(isosurface(ball, level).triangles.length).toBe(0);
  });
});
