import { expect, test } from "vitest";
import { pickAtom } from "../../../src/viewer/picking.js";

/** Walks along the ray in small steps until it is inside a sphere. */
function walk(origin: readonly number[], direction: readonly number[], positions: ArrayLike<number>, radii: ArrayLike<number>): number {
  for (let t = 0; t < 60; t += 0.002) {
    for (let atom = 0; atom < radii.length; atom++) {
      let square = 0;
      for (let k = 0; k < 3; k++) square += (origin[k]! + t * direction[k]! - positions[3 * atom + k]!) ** 2;
      if (square < radii[atom]! ** 2) return atom;
    }
  }
  return -1;
}

test("meets the sphere that a walk along the ray meets first", () => {
  let state = 11;
  const next = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const positions = Float64Array.from({ length: 60 }, () => 10 * next());
  const radii = Float64Array.from({ length: 20 }, () => 0.4 + next());
  let hits = 0;
  for (let round = 0; round < 40; round++) {
    const origin = [-15 + next(), 10 * next(), 10 * next()];
    const aim = [30, 10 * next() - 5, 10 * next() - 5];
    const direction = aim.map((component) => component / Math.hypot(...aim));
    const expected = walk(origin, direction, positions, radii);
    expect(pickAtom(origin, direction, positions, radii)).toBe(expected);
    if (expected >= 0) hits++;
  }
  expect(hits).toBeGreaterThan(10);
});

test("a sphere behind the eye is not met", () => {
  expect(pickAtom([0, 0, 0], [0, 0, 1], [0, 0, -5], [1])).toBe(-1);
});

test("no atoms", () => {
  expect(pickAtom([0, 0, 0], [0, 0, 1], [], [])).toBe(-1);
});
