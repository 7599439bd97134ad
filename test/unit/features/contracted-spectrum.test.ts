// Features as a function of the contraction: against the backend's, and the adjoint against finite differences.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import {
  addContractionGradient, contractedLayout, contractSpectrum, primitiveBlocks, takeCenters,
} from "../../../src/features/contracted-spectrum.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, hyperparameters } from "../backend/systems.js";

let backend: Backend;
let algebra: LinearAlgebra;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
  algebra = await createLinearAlgebra();
});
afterAll(() => backend.destroy());

const structures = [1, 2].map((seed) => crystal([6, 14], 5, seed));
const [nMax, lMax, channels] = [4, 3, 3];

/** U of any rows; blocks keep 3, but one element (or all together) only 2 of l = 1 and nothing of l = 2. */
function contraction(mixed: boolean) {
  const primitive = { species: 2, nMax, lMax, mixed, centers: null };
  const counts = mixed ? [3, 2, 0, 3] : [3, 2, 0, 3, 3, 3, 3, 3];
  const layout = contractedLayout(lMax, counts.map((rows) => ({ rows, columns: mixed ? 2 * nMax : nMax })));
  const random = createRandom(9);
  const u = Float64Array.from({ length: layout.blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0) }, () => random.normal());
  const matrix: number[] = [];
  for (let a = 0; a < 2; a++) {
    for (let l = 0; l <= lMax; l++) {
      const { start, rows, columns } = layout.blocks[mixed ? l : a * (lMax + 1) + l]!;
      for (let q = 0; q < channels; q++) {
        for (let n = 0; n < nMax; n++) matrix.push(q < rows ? u[start + q * columns + (mixed ? a * nMax : 0) + n]! : 0);
      }
    }
  }
  return { primitive, layout, u, hyper: { mixed, channels, species: [6, 14], matrix } };
}

describe.each([[false, true], [true, true], [false, false], [true, false]])("mixed: %s, normalized: %s", (mixed, normalize) => {
  const { primitive, layout, u, hyper } = contraction(mixed);
  const hyperparametersOf = (own: object) => hyperparameters({ basis: { nMax, lMax, ...own }, features: { normalize } });

  test("the scalar products are those of the backend's features", async () => {
    const { values, centers } = await backend.computeDensityCoefficients(structures, hyperparametersOf({}));
    const picked = [0, 3, 4, 9];
    const blocks = primitiveBlocks(values, primitive, picked);
    expect(centers.length).toBe(10);
    const own = contractSpectrum(algebra, layout, u, blocks, picked.length, normalize);
    const full = await backend.computeFeatures(structures, hyperparametersOf({ contraction: hyper }));
    const product = (rows: Float64Array, size: number, i: number, j: number): number =>
      rows.subarray(i * size, (i + 1) * size).reduce((sum, value, f) => sum + value * rows[j * size + f]!, 0);
    const gram = (rows: Float64Array, size: number, indices: readonly number[]): number[] =>
      indices.flatMap((i) => indices.map((j) => product(rows, size, i, j)));
    // The backend reads the contraction from tables, which interpolate.
    expect(relativeDifference(gram(own.values, layout.size, [0, 1, 2, 3]), gram(full.values, full.size, picked))).toBeLessThan(1e-7);
  });

  test("the adjoint is the derivative", async () => {
    const { values } = await backend.computeDensityCoefficients(structures, hyperparametersOf({}));
    const blocks = primitiveBlocks(values, primitive, [0, 3, 4]);
    const random = createRandom(11);
    const gradient = Float64Array.from({ length: 3 * layout.size }, () => random.normal());
    const change = u.map(() => random.normal());
    const spectrum = contractSpectrum(algebra, layout, u, blocks, 3, normalize);
    const total = new Float64Array(u.length).fill(1);
    addContractionGradient(algebra, layout, blocks, spectrum, normalize, gradient.slice(), total);
    const slope = change.reduce((sum, value, k) => sum + value * (total[k]! - 1), 0);
    const h = 1e-5;
    const at = (t: number): number => contractSpectrum(algebra, layout, u.map((value, k) => value + t * change[k]!), blocks, 3, normalize)
      .values.reduce((sum, value, f) => sum + value * gradient[f]!, 0);
    expect(Math.abs((at(h) - at(-h)) / (2 * h) / slope - 1)).toBeLessThan(1e-8);
  });
});

test("an environment without anything in its subspaces has zero features and no gradient", () => {
  const { layout, u, primitive } = contraction(false);
  const blocks = primitiveBlocks(new Float64Array(2 * nMax * (lMax + 1) ** 2), primitive, [0]);
  const spectrum = contractSpectrum(algebra, layout, u, blocks, 1, true);
  expect(spectrum.values).toEqual(new Float64Array(layout.size));
  const total = new Float64Array(u.length);
  addContractionGradient(algebra, layout, blocks, spectrum, true, new Float64Array(layout.size).fill(1), total);
  expect(total).toEqual(new Float64Array(u.length));
});

test("environments of some centers are theirs, block by block", () => {
  const layout = contractedLayout(1, [1, 1].map((rows) => ({ rows, columns: 2 })));
  const primitive = [Float64Array.from([1, 2, 3, 4]), Float64Array.from({ length: 12 }, (_, k) => k)];
  expect(takeCenters(primitive, layout, [1]).map((block) => [...block])).toEqual([[3, 4], [6, 7, 8, 9, 10, 11]]);
});
