// Subspaces: orthonormality over many steps, against projectors made by Gram and Schmidt.
import { beforeAll, expect, test } from "vitest";
import { horizontalPart, principalAxes, retract, type SubspaceShape } from "../../../src/basis/grassmann.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { largestDifference, largestMagnitude } from "../../reference/norms.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const shapes: readonly SubspaceShape[] = [{ rows: 2, columns: 5 }, { rows: 0, columns: 5 }, { rows: 1, columns: 5 }, { rows: 5, columns: 5 }];
const length = shapes.reduce((sum, { rows, columns }) => sum + rows * columns, 0);

/** Rows of each matrix. */
function matricesOf(flat: Float64Array): number[][][] {
  let at = 0;
  return shapes.map(({ rows, columns }) => Array.from({ length: rows }, () => [...flat.subarray(at, (at += columns))]));
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

function gramSchmidt(rows: readonly (readonly number[])[]): number[][] {
  const found: number[][] = [];
  for (const row of rows) {
    let rest = [...row];
    for (const other of found) rest = rest.map((value, k) => value - dot(row, other) * other[k]!);
    found.push(rest.map((value) => value / Math.sqrt(dot(rest, rest))));
  }
  return found;
}

/** UᵀU, flat. */
function projector(rows: readonly (readonly number[])[]): number[] {
  return Array.from({ length: 25 }, (_, index) => rows.reduce((sum, row) => sum + row[Math.floor(index / 5)]! * row[index % 5]!, 0));
}

function randomPoint(random = createRandom(3)): Float64Array {
  const flat = Float64Array.from({ length }, () => random.normal());
  return Float64Array.from(matricesOf(flat).flatMap((rows) => gramSchmidt(gramSchmidt(rows)).flat()));
}

function orthonormality(point: Float64Array): number {
  return Math.max(...matricesOf(point).map((rows) => {
    const gram = rows.flatMap((one) => rows.map((other) => dot(one, other)));
    return gram.length === 0 ? 0 : largestDifference(gram, gram.map((_, index) => (index % (rows.length + 1) === 0 ? 1 : 0)));
  }));
}

test("rows stay orthonormal over many steps, long ones too", () => {
  const random = createRandom(4);
  let point = randomPoint(random);
  for (let step = 0; step < 300; step++) {
    const z = horizontalPart(algebra, shapes, point, point.map(() => random.normal() * 10 ** (3 * random.uniform() - 2)));
    point = retract(algebra, shapes, point, z);
    expect(orthonormality(point)).toBeLessThan(1e-13);
  }
});

test("a step spans what U + Z spans, and starts in the direction Z", () => {
  const random = createRandom(5);
  const point = randomPoint(random);
  const z = horizontalPart(algebra, shapes, point, point.map(() => random.normal()));
  const moved = matricesOf(point.map((value, index) => value + z[index]!));
  matricesOf(retract(algebra, shapes, point, z)).forEach((rows, k) => {
    expect(largestDifference(projector(rows), projector(gramSchmidt(moved[k]!)))).toBeLessThan(1e-13);
  });
  const h = 1e-6;
  const [ahead, behind] = [h, -h].map((t) => retract(algebra, shapes, point, z.map((value) => t * value)));
  expect(largestDifference(ahead!.map((value, index) => (value - behind![index]!) / (2 * h)), z)).toBeLessThan(1e-8);
});

test("a horizontal direction leaves the subspaces at right angles; in the whole space there is none", () => {
  const random = createRandom(6);
  const point = randomPoint(random);
  const z = horizontalPart(algebra, shapes, point, point.map(() => random.normal()));
  const [points, directions] = [matricesOf(point), matricesOf(z)];
  directions.forEach((rows, k) => rows.forEach((row) => points[k]!.forEach((u) => expect(Math.abs(dot(row, u))).toBeLessThan(1e-14))));
  expect(largestMagnitude(directions[0]!.flat())).toBeGreaterThan(0.1);
  expect(largestMagnitude(directions[3]!.flat())).toBeLessThan(1e-13);
  expect(largestDifference(horizontalPart(algebra, shapes, point, z), z)).toBeLessThan(1e-14);
});

test("principal axes belong to the subspace, not to the rows that span it, and are uncorrelated", () => {
  const random = createRandom(7);
  const vectors = gramSchmidt(Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => random.normal())));
  const variances = Float64Array.from([7, 3, 0.5, 0.01]);
  const whole = { vectors: Float64Array.from(vectors.flat()), variances, total: 10.51 };
  const rows = gramSchmidt(Array.from({ length: 2 }, () => Array.from({ length: 5 }, () => random.normal())));
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const turned = [rows[0]!.map((value, k) => c * value + s * rows[1]![k]!), rows[1]!.map((value, k) => s * rows[0]![k]! - c * value)];
  const [axes, others] = [rows, turned].map((own) => principalAxes(algebra, Float64Array.from(own.flat()), whole));
  expect(largestDifference(axes!.vectors, others!.vectors)).toBeLessThan(1e-12);
  const found = [[...axes!.vectors.subarray(0, 5)], [...axes!.vectors.subarray(5)]];
  expect(largestDifference(projector(found), projector(rows))).toBeLessThan(1e-13);
  const covariance = (a: readonly number[], b: readonly number[]): number =>
    vectors.reduce((sum, v, k) => sum + variances[k]! * dot(a, v) * dot(b, v), 0);
  expect(Math.abs(covariance(found[0]!, found[1]!))).toBeLessThan(1e-13);
  found.forEach((row, q) => {
    expect(Math.abs(covariance(row, row) - axes!.variances[q]!)).toBeLessThan(1e-13);
    expect(Math.max(...row)).toBe(largestMagnitude(row));
  });
  expect(axes!.variances[0]).toBeGreaterThan(axes!.variances[1]!);
  expect(axes!.total).toBe(10.51);
});

test("a block that keeps nothing has no axes", () => {
  const none = new Float64Array(0);
  expect(principalAxes(algebra, none, { vectors: none, variances: none, total: 0 })).toEqual({ vectors: none, variances: none, total: 0 });
});
