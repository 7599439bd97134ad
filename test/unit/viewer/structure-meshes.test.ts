import { expect, test } from "vitest";
import { cellCorners, createCellBox } from "../../../src/viewer/structure-meshes.js";

const vectors = [[3, 0.5, -0.25], [0, 2, 1], [-1, 0, -4]] as const;
const cell = Float64Array.from(vectors.flat());

test("the corners of a sheared cell are the sums of its vectors", () => {
  const sums = Array.from({ length: 8 }, (_, corner) => vectors.filter((_vector, axis) => (corner >> axis) & 1).reduce<number[]>((sum, vector) => sum.map((x, k) => x + vector[k]!), [0, 0, 0]));
  expect([...cellCorners(cell)]).toEqual(sums.flat());
});

test("its box has each of its vectors four times", () => {
  const points = createCellBox(cell).geometry.getAttribute("position").array;
  const edges = Array.from({ length: points.length / 6 }, (_, edge) => [0, 1, 2].map((k) => points[6 * edge + 3 + k]! - points[6 * edge + k]!).join(" "));
  for (const vector of vectors) expect(edges.filter((edge) => edge === vector.join(" ")).length).toBe(4);
});
