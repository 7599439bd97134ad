// Principal components: what they leave out, from both sides of the singular value decomposition.
import { beforeAll, expect, test } from "vitest";
import { principalComponents } from "../../../src/features/principal-components.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";

let algebra: LinearAlgebra;
beforeAll(async () => {
  algebra = await createLinearAlgebra();
});

/** Rows whose variance falls by 10 from one direction to the next. */
function rowsOf(count: number, size: number): Float64Array {
  const random = createRandom(9);
  const mixing = Float64Array.from({ length: size * size }, () => random.normal());
  const raw = Float64Array.from({ length: count * size }, (_, k) => random.normal() * 10 ** (-(k % size) / 2));
  return algebra.multiply(raw, mixing, { m: count, n: size, k: size });
}

/** Σ|row − V Vᵀ row|² / Σ|row|². */
function leftOut(rows: Float64Array, size: number, projection: Float64Array, count: number): number {
  const total = rows.length / size;
  const z = algebra.multiply(rows, projection, { m: total, n: count, k: size });
  const back = algebra.multiply(z, projection, { m: total, n: size, k: count, transB: true });
  const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
  return square(rows.map((value, k) => value - back[k]!)) / square(rows);
}

// More rows than features, and fewer: the second goes through the products between rows.
test.each([
  [80, 12],
  [12, 40],
])("%i environments of %i features", (count, size) => {
  const rows = rowsOf(count, size);
  let before = 0;
  for (const threshold of [1e-1, 1e-3, 1e-6]) {
    const { projection, count: kept, residual } = principalComponents(algebra, rows, size, threshold, Infinity);
    expect(residual).toBeLessThanOrEqual(threshold);
    expect(Math.abs(leftOut(rows, size, projection, kept) - residual)).toBeLessThan(1e-9);
    expect(kept).toBeGreaterThan(before);
    // One fewer would leave too much.
    expect(principalComponents(algebra, rows, size, threshold, kept - 1).residual).toBeGreaterThan(threshold);
    const gram = algebra.multiply(projection, projection, { m: kept, n: kept, k: size, transA: true });
    gram.forEach((value, k) => expect(Math.abs(value - (k % (kept + 1) === 0 ? 1 : 0))).toBeLessThan(1e-9));
    before = kept;
  }
});
