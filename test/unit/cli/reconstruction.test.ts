// GFRE curves and errors of the report: against sums over the covariance, a regression through the normal equations, and what must be zero.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measureReconstruction } from "../../../src/cli/report/reconstruction.js";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createOptimalBasis, type OptimalBasis } from "../../../src/training/optimal-basis.js";
import { trainTestSplit } from "../../../src/measures/reconstruction-error.js";
import { createStructure } from "../../../src/structure/structure.js";
import { eliminate } from "../../reference/elimination.js";
import { crystal, hyperparameters, silicon } from "../backend/systems.js";

const primitive = hyperparameters({ basis: { nMax: 5, lMax: 3 }, features: { normalize: false } });
const structures = [1, 2, 3, 4].map((seed) => crystal([6, 14], 6, seed));
const { signal } = new AbortController();
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const basisOf = (options: { channels: number; mixed?: boolean; centers?: number[] }): Promise<OptimalBasis> =>
  createOptimalBasis(backend, structures, primitive, options);

/** GFRE by the normal equations: columns minus their training means, both sides scaled to mean square 1. */
function gfre(x: number[][], y: number[][], train: Int32Array, test: Int32Array): number {
  const standardized = (rows: number[][]): number[][] => {
    const means = rows[0]!.map((_, k) => [...train].reduce((sum, row) => sum + rows[row]![k]!, 0) / train.length);
    const centered = rows.map((row) => row.map((value, k) => value - means[k]!));
    const square = [...train].reduce((sum, row) => sum + centered[row]!.reduce((part, value) => part + value * value, 0), 0) / train.length;
    return centered.map((row) => row.map((value) => value / Math.sqrt(square)));
  };
  const [from, to] = [standardized(x), standardized(y)];
  const width = from[0]!.length;
  const gram = Array.from({ length: width }, (_, i) => Array.from({ length: width }, (__, j) =>
    [...train].reduce((sum, row) => sum + from[row]![i]! * from[row]![j]!, 0)));
  const columns = to[0]!.map((_, k) => eliminate(gram,
    Array.from({ length: width }, (__, i) => [...train].reduce((sum, row) => sum + from[row]![i]! * to[row]![k]!, 0))));
  const squares = [...test].map((row) => to[row]!.reduce((sum, value, k) =>
    sum + (value - from[row]!.reduce((part, component, i) => part + component * columns[k]![i]!, 0)) ** 2, 0));
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}

describe("the reconstruction in a report", () => {
  test("is the regression of the coefficients of one degree", async () => {
    const basis = await basisOf({ channels: 3 });
    const { curves, environments } = await measureReconstruction(backend, structures, null, basis, signal);
    expect(environments).toBe(24);
    expect(curves.map(({ degree }) => degree)).toEqual([0, 2, 3]);
    const rowsOf = async (nMax: number, contracted: boolean, degree: number): Promise<number[][]> => {
      const chosen = contracted ? basis.hyperparameters : { ...primitive, basis: { ...primitive.basis, nMax } };
      const channels = contracted ? 3 : nMax;
      const { values, size } = await backend.computeDensityCoefficients(structures, chosen, { species: [6, 14] });
      return Array.from({ length: 24 * (2 * degree + 1) }, (_, row) => {
        const [center, m] = [Math.floor(row / (2 * degree + 1)), row % (2 * degree + 1)];
        return Array.from({ length: 2 * channels }, (__, k) => values[center * size + k * 16 + degree ** 2 + m]!);
      });
    };
    const split = trainTestSplit(24, 1);
    for (const { degree, optimal, primitive: smaller } of curves.filter((curve) => curve.degree > 0)) {
      const orders = 2 * degree + 1;
      const rows = (half: Int32Array): Int32Array =>
        Int32Array.from([...half].flatMap((center) => Array.from({ length: orders }, (_, m) => center * orders + m)));
      const whole = await rowsOf(5, false, degree);
      for (const [curve, contracted] of [[optimal, true], [smaller, false]] as const) {
        const [channels, error] = curve[curve.length - 1]!;
        expect(channels).toBe(6);
        const expected = gfre(await rowsOf(3, contracted, degree), whole, rows(split.train), rows(split.test));
        // The regression may leave out components; the normal equations leave out none.
        expect(Math.abs(error / expected - 1) <= 0.05, `l = ${degree}: ${error} and ${expected}`).toBe(true);
      }
    }
  });

  test("errors add up to the residual variance of each degree", async () => {
    for (const mixed of [false, true]) {
      const basis = await basisOf({ channels: 3, mixed });
      const { errors } = await measureReconstruction(backend, structures, null, basis, signal);
      const { blocks } = basis.directions;
      expect(errors.length).toBe(4);
      for (const { degree, rootMeanSquare, median, largest } of errors) {
        const own = blocks.flatMap((block, at) => (at % 4 === degree ? [{ block, kept: basis.kept[at]! }] : []));
        const left = own.reduce((sum, { block, kept }) => sum + block.variances.slice(kept).reduce((part, value) => part + value, 0), 0);
        const expected = Math.sqrt(left / own.reduce((sum, { block }) => sum + block.total, 0));
        expect(Math.abs(rootMeanSquare / expected - 1) <= 1e-6, `l = ${degree}: ${rootMeanSquare} and ${expected}`).toBe(true);
        expect(median < rootMeanSquare * 1.5 && rootMeanSquare < largest).toBe(true);
      }
    }
  });

  test("more optimal functions never know less, and they beat primitive ones where the basis is small", async () => {
    const { curves } = await measureReconstruction(backend, structures, null, await basisOf({ channels: 4 }), signal);
    for (const { degree, optimal, primitive: smaller } of curves) {
      for (let k = 1; k < optimal.length; k++) expect(optimal[k]![1] < 1.05 * optimal[k - 1]![1], `l = ${degree}`).toBe(true);
      expect(optimal[0]![1] < smaller[0]![1], `l = ${degree}: ${optimal[0]} and ${smaller[0]}`).toBe(true);
    }
  });

  test("looks at the centers asked for, and says nothing where nothing varies", async () => {
    const some = await measureReconstruction(backend, structures, [14], await basisOf({ channels: 2, centers: [14] }), signal);
    expect(some.environments).toBe(12);
    const perfect = [silicon(1, 0)];
    const single = await createOptimalBasis(backend, perfect, primitive, { channels: 2 });
    const { curves } = await measureReconstruction(backend, perfect, null, single, signal);
    expect(curves.some(({ degree }) => degree === 0)).toBe(false);
    const atom = [createStructure({ species: [14], positions: [0, 0, 0] })];
    const alone = await measureReconstruction(backend, atom, null, await createOptimalBasis(backend, atom, primitive, { channels: 1 }), signal);
    expect(alone).toMatchObject({ environments: 1, curves: [], errors: [{ degree: 0 }] });
  });
});
