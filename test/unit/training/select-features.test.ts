// Selection of columns against the selection of rows of the transposed matrix, where every environment is a coordinate.
import { beforeAll, describe, expect, test } from "vitest";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { subsetReconstructionError } from "../../../src/measures/reconstruction-error.js";
import { curPoints, leverageSpace } from "../../../src/selection/cur.js";
import { farthestPoints } from "../../../src/selection/fps.js";
import { createRandom } from "../../../src/selection/random.js";
import { selectFeatures } from "../../../src/training/select-features.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

const [height, size] = [40, 15];

/** Columns of falling variance, correlated and with means of their own. */
function features(rank = size): Float64Array {
  const random = createRandom(7);
  const latent = Float64Array.from({ length: height * rank }, (_, k) => random.normal() / (1 + (k % rank)));
  const map = Float64Array.from({ length: rank * size }, () => random.normal());
  return algebra.multiply(latent, map, { m: height, n: size, k: rank }).map((value, k) => value + 3 * ((k % size) - 4));
}

/** Columns as rows, without their means. */
function transposed(rows: Float64Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let f = 0; f < size; f++) {
    const column = Float64Array.from({ length: height }, (_, i) => rows[i * size + f]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / height;
    out.set(column.map((value) => value - mean), f * height);
  }
  return out;
}

async function all(indices: AsyncGenerator<number>): Promise<number[]> {
  const out: number[] = [];
  for await (const index of indices) out.push(index);
  return out;
}

test("farthest columns are the farthest rows of the transposed matrix", async () => {
  const rows = features();
  const first = createRandom(5).integer(size);
  const expected = await all(farthestPoints(algebra, transposed(rows), height, 9, 1, first));
  const [few, many] = await selectFeatures(rows, size, [4, 9], { method: "fps", seed: 5 });
  expect([...many!]).toEqual(expected);
  expect([...few!]).toEqual(expected.slice(0, 4));
});

test("CUR takes the rows of the transposed matrix by their leverage in as many directions as columns", async () => {
  const rows = features();
  for (const count of [1, 3, 8]) {
    const expected = await all(curPoints(algebra, leverageSpace(algebra, transposed(rows), height, count), count));
    const [columns] = await selectFeatures(rows, size, [count], { method: "cur" });
    expect([...columns!]).toEqual(expected);
  }
});

describe.each(["fps", "cur"] as const)("%s", (method) => {
  const gfre = async (rows: Float64Array, count: number): Promise<number> => {
    const [columns] = await selectFeatures(rows, size, [count], { method });
    return subsetReconstructionError(algebra, { values: rows, size }, columns!).value;
  };

  test("as many columns as the rank have everything, fewer have not", async () => {
    const rows = features(4);
    expect(await gfre(rows, 4)).toBeLessThan(1e-6);
    expect(await gfre(rows, 3)).toBeGreaterThan(0.01);
  });

  test("constant columns are the last to be taken", async () => {
    const rows = features().map((value, k) => (k % size >= 6 ? 2 : value));
    const [columns] = await selectFeatures(rows, size, [6], { method, seed: 3 });
    expect([...columns!].filter((column) => column >= 6).length).toBeLessThanOrEqual(method === "fps" ? 1 : 0);
  });

  test("refuses what is not there", async () => {
    for (const count of [0, 1.5, size + 1]) await expect(selectFeatures(features(), size, [count], { method })).rejects.toThrow(/"count".*from 1 to 15/);
    await expect(selectFeatures(Float64Array.of(1, NaN), 2, [1], { method })).rejects.toThrow(/row 0, column 1/);
  });
});

test("a column that is not there has no error", () => {
  const whole = { values: features(), size };
  for (const columns of [[size], [-1], [0.5], []]) expect(() => subsetReconstructionError(algebra, whole, columns)).toThrow(/"columns".*0 to 14/);
});
