import { describe, expect, test } from "vitest";
import { addPart, partOf, tensorParts } from "../../../src/angular/cartesian-tensor.js";
import { createRandom } from "../../../src/selection/random.js";
import { largestDifference } from "../../reference/norms.js";

const random = createRandom(5);
const [c, s] = [Math.cos(0.9), Math.sin(0.9)];
const [d, t] = [Math.cos(-0.4), Math.sin(-0.4)];
const ROTATION = [[c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d]];

/** R ⊗ R ⊗ … T, index by index. */
function turned(tensor: Float64Array, rank: number, matrix: readonly (readonly number[])[]): Float64Array {
  let out = tensor;
  for (let index = 0; index < rank; index++) {
    const stride = 3 ** (rank - 1 - index);
    out = out.map((_, k) => {
      const a = Math.floor(k / stride) % 3;
      return [0, 1, 2].reduce((sum, b) => sum + matrix[a]![b]! * out[k + (b - a) * stride]!, 0);
    });
  }
  return out;
}

describe.each([0, 1, 2, 3])("rank %i", (rank) => {
  const parts = tensorParts(rank);
  const tensor = Float64Array.from({ length: 3 ** rank }, () => random.normal());

  test("the parts are an orthonormal basis of all components", () => {
    const rows = parts.flatMap((part) => Array.from({ length: 2 * part.lambda + 1 }, (_, mu) => part.rows.subarray(mu * 3 ** rank, (mu + 1) * 3 ** rank)));
    expect(rows.length).toBe(3 ** rank);
    rows.forEach((a, i) => rows.forEach((b, j) => expect(Math.abs(a.reduce((sum, value, k) => sum + value * b[k]!, 0) - Number(i === j))).toBeLessThan(1e-14)));
    const back = new Float64Array(3 ** rank);
    for (const part of parts) addPart(part, partOf(part, tensor), back);
    expect(largestDifference(back, tensor)).toBeLessThan(1e-14);
  });

  test("no part mixes with another when the tensor turns, and σ tells what an inversion does", () => {
    const after = turned(tensor, rank, ROTATION);
    for (const part of parts) {
      const alone = new Float64Array(3 ** rank);
      addPart(part, partOf(part, tensor), alone);
      expect(largestDifference(partOf(part, turned(alone, rank, ROTATION)), partOf(part, after))).toBeLessThan(1e-14);
      // Under inversion a tensor of this rank changes by (−1)^rank, which is σ (−1)^λ.
      expect(part.parity * (-1) ** part.lambda).toBe((-1) ** rank);
    }
  });
});

test("rank 2: trace, vector product and the traceless symmetric rest", () => {
  const parts = tensorParts(2);
  expect(parts.map(({ path, lambda, parity }) => [path, lambda, parity])).toEqual([[[1, 0], 0, 1], [[1, 1], 1, -1], [[1, 2], 2, 1]]);
  const [trace, antisymmetric] = parts;
  expect(partOf(trace!, [1, 0, 0, 0, 2, 0, 0, 0, 6])[0]).toBeCloseTo(9 / Math.sqrt(3), 14);
  expect([...partOf(antisymmetric!, [1, 4, 5, 4, 2, 6, 5, 6, 3])].every((value) => Math.abs(value) < 1e-14)).toBe(true);
});
