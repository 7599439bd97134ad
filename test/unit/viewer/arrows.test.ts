import { Matrix4, Vector3 } from "three";
import { expect, test } from "vitest";
import { createStructure, InputError, type AtomArray } from "../../../src/index.js";
import { createArrows } from "../../../src/viewer/arrow-meshes.js";
import { longestArrow } from "../../../src/viewer/arrows.js";
import { atomValues, atomVectors } from "../../../src/viewer/atom-columns.js";

const positions = Float64Array.of(1, 2, 3, 0, 0, 0, 5, 5, 5);
const radii = Float64Array.of(0.5, 0.25, 0.5);

/** Both ends of what an instance of a unit cylinder or cone along y becomes. */
function ends(matrix: Matrix4): [Vector3, Vector3] {
  return [new Vector3(0, -0.5, 0).applyMatrix4(matrix), new Vector3(0, 0.5, 0).applyMatrix4(matrix)];
}

function near(found: Vector3, x: number, y: number, z: number): void {
  expect(!(found.distanceTo(new Vector3(x, y, z)) > 1e-5), `${found.toArray()}`).toBe(true);
}

test("an arrow goes from the surface of its atom along its vector; zero and NaN have none", () => {
  const [shafts, heads] = createArrows(positions, radii, { vectors: Float64Array.of(0, 0, 4, 0, 0, 0, NaN, 0, 0), scale: 0.5 });
  expect([shafts!.count, heads!.count]).toEqual([1, 1]);
  const matrix = new Matrix4();
  shafts!.getMatrixAt(0, matrix);
  const [start, neck] = ends(matrix);
  heads!.getMatrixAt(0, matrix);
  const [base, tip] = ends(matrix);
  near(start, 1, 2, 3.5);
  near(tip, 1, 2, 5.5);
  near(base, neck.x, neck.y, neck.z);
});

test("without a scale the longest has 2 Å; a negative scale turns them round", () => {
  const vectors = Float64Array.of(0.3, 0, 0, 0, -0.6, 0, 0, 0, 0.1);
  const matrix = new Matrix4();
  createArrows(positions, radii, { vectors })[1]!.getMatrixAt(1, matrix);
  near(ends(matrix)[1], 0, -2.25, 0);
  createArrows(positions, radii, { vectors, scale: -1 })[1]!.getMatrixAt(1, matrix);
  near(ends(matrix)[1], 0, 0.85, 0);
  expect(longestArrow({ vectors }, 3)).toBe(0.6);
  expect(() => longestArrow({ vectors }, 2)).toThrow(/"arrows": .*expected 6 numbers, got 9/);
  expect(createArrows(new Float64Array(0), new Float64Array(0), { vectors: new Float64Array(0) })[0]!.count).toBe(0);
});

test("columns: numbers, lengths of vectors, vectors; what is none is refused with those that are there", () => {
  const arrays = new Map<string, AtomArray>([
    ["charge", { kind: "R", width: 1, values: Float64Array.of(1, -1) }],
    ["forces", { kind: "R", width: 3, values: Float64Array.of(3, 4, 0, 0, 0, 2) }],
    ["name", { kind: "S", width: 1, values: ["a", "b"] }],
  ]);
  const structure = createStructure({ species: [1, 8], positions: [0, 0, 0, 0, 0, 1], arrays });
  expect([...atomValues(structure, "charge")]).toEqual([1, -1]);
  expect([...atomValues(structure, "forces")]).toEqual([5, 2]);
  expect([...atomVectors(structure, "forces")]).toEqual([3, 4, 0, 0, 0, 2]);
  expect(() => atomVectors(structure, "charge")).toThrow(/expected three numbers per atom, got 1/);
  expect(() => atomValues(structure, "name")).toThrow(/"name": .*expected charge, forces, got name/);
  expect(() => atomValues(createStructure({ species: [], positions: [] }), "forces")).toThrow(InputError);
});
