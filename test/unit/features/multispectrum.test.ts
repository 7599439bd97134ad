// Multispectra: what does not turn, forces, what orders tell apart, and the other routes to orders 2 and 3.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { FeatureChoice, Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { withMultispectrum } from "../../../src/training/multispectrum.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const settings = (features: Partial<FeatureChoice>, basis: Partial<Hyperparameters["basis"]> = {}): Hyperparameters =>
  ({ ...hyperparameters({ basis: { nMax: 2, lMax: 2, ...basis } }), features: { kind: "multispectrum", normalize: true, ...features } });

const [c, s, d, t] = [Math.cos(0.7), Math.sin(0.7), Math.cos(-1.3), Math.sin(-1.3)];
const ROTATION = [[c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d]];
const transformed = (structure: Structure, matrix: readonly (readonly number[])[]): Structure => {
  const turn = (vectors: Float64Array): Float64Array =>
    vectors.map((_, k) => matrix[k % 3]!.reduce((sum, value, j) => sum + value * vectors[k - (k % 3) + j]!, 0));
  return { ...structure, positions: turn(structure.positions), cell: structure.cell && turn(structure.cell) };
};

test("does not turn; pseudoscalars change their sign in a mirror", async () => {
  const structures = [ethanol(), crystal([1, 6, 8], 7)];
  const hyper = await withMultispectrum(backend, structures, settings({ order: 4, pseudoscalars: true, maxComponents: 12, maxProducts: 60 }));
  const { values, size } = await backend.computeFeatures(structures, hyper);
  const rotated = await backend.computeFeatures(structures.map((structure) => transformed(structure, ROTATION)), hyper);
  expect(relativeDifference(rotated.values, values)).toBeLessThan(1e-10);
  const mirrored = await backend.computeFeatures(structures.map((structure) => transformed(structure, [[-1, 0, 0], [0, 1, 0], [0, 0, 1]])), hyper);
  const changed = Array.from({ length: size }, (_, f) => Array.from({ length: values.length / size }, (__, i) => Math.abs(mirrored.values[i * size + f]! - values[i * size + f]!)));
  const odd = changed.map((column) => Math.max(...column) > 1e-8);
  expect(odd.filter(Boolean).length).toBeGreaterThan(3);
  expect(relativeDifference(mirrored.values, values.map((value, k) => (odd[k % size] ? -value : value)))).toBeLessThan(1e-10);
});

test.each([[3, true], [4, false]])("order %i: forces are the derivative of the energy", async (order, normalize) => {
  const structure = ethanol();
  const hyper = await withMultispectrum(backend, [structure], settings({ order, normalize, maxComponents: 10, maxProducts: 40 }));
  const evaluator = await backend.createEvaluator(await randomPotential(backend, structure, hyper, { zeta: 2 }));
  const { forces } = (await evaluator.predict([structure]))[0]!;
  const numeric: number[] = [];
  for (let k = 0; k < structure.positions.length; k++) {
    const moved = [-2, -1, 1, 2].map((n) => ({ ...structure, positions: structure.positions.map((value, j) => (j === k ? value + 1e-4 * n : value)) }));
    const [a, b, e, f] = (await evaluator.predict(moved, { forces: false })).map(({ energy }) => energy) as [number, number, number, number];
    numeric.push(-(a - 8 * b + 8 * e - f) / 12e-4);
  }
  evaluator.destroy();
  expect(Math.hypot(...numeric)).toBeGreaterThan(1e-4);
  expect(relativeDifference(forces!, numeric)).toBeLessThan(1e-7);
});

describe("the other routes", () => {
  const random = createRandom(4);
  const clusters = Array.from({ length: 120 }, () =>
    createStructure({ species: [14, 14, 14, 14, 14], positions: [0, 0, 0, ...Array.from({ length: 12 }, () => 2.2 * (2 * random.uniform() - 1))] }));
  const whole = { threshold: 0, maxComponents: 10_000, maxProducts: 10_000, normalize: false };

  test("order 2 has the kernel of the power spectrum", async () => {
    const hyper = await withMultispectrum(backend, clusters, settings({ ...whole, order: 2 }));
    const { scales } = hyper.features.iteration!;
    const sample = clusters.slice(0, 6);
    const own = await backend.computeFeatures(sample, hyper);
    const power = await backend.computeFeatures(sample, { ...hyper, features: { kind: "power-spectrum", normalize: false } });
    const products = ({ values, size }: typeof own, skip: number): number[] =>
      Array.from({ length: 900 }, (_, k) => {
        const [i, j] = [Math.floor(k / 30), k % 30];
        return values.subarray(i * size + skip, (i + 1) * size).reduce((sum, value, f) => sum + value * values[j * size + skip + f]!, 0);
      });
    // Behind the two scalars of order 1, which have a scale of their own.
    expect(relativeDifference(products(own, 2), products(power, 0).map((value) => scales[1]! ** 2 * value))).toBeLessThan(1e-12);
  });

  test("an uncontracted order 3 and the bispectrum rebuild each other", async () => {
    const one = { nMax: 2, lMax: 2 };
    const hyper = await withMultispectrum(backend, clusters, settings({ ...whole, order: 3 }, one));
    const iterated = await backend.computeFeatures(clusters, hyper);
    const bispectrum = await backend.computeFeatures(clusters, { ...hyper, features: { kind: "bispectrum", normalize: false } });
    const first = hyper.features.iteration!.orders[1]![0]!;
    const third = first.matrix.length / (first.products.length / 4);
    // The last columns are those of order 3.
    const columns = Float64Array.from({ length: (iterated.values.length / iterated.size) * third }, (_, k) =>
      iterated.values[Math.floor(k / third) * iterated.size + iterated.size - third + (k % third)]!);
    const [a, b] = [{ values: columns, size: third }, { values: bispectrum.values, size: bispectrum.size }];
    const algebra = await createLinearAlgebra();
    for (const [x, y] of [[a, b], [b, a]] as const) {
      const count = x.values.length / x.size;
      // Least squares of y on x by the eigenvectors of XᵀX that are not rounding.
      const gram = algebra.multiply(x.values, x.values, { m: x.size, n: x.size, k: count, transA: true });
      const { values, vectors } = algebra.symmetricEigen(gram, x.size);
      const kept = values.filter((value) => value > 1e-12 * values[0]!).length;
      const along = algebra.multiply(x.values, vectors.slice(0, kept * x.size), { m: count, n: kept, k: x.size, transB: true });
      const right = algebra.multiply(along, y.values, { m: kept, n: y.size, k: count, transA: true });
      const solved = right.map((value, k) => value / values[Math.floor(k / y.size)]!);
      const back = algebra.multiply(along, solved, { m: count, n: y.size, k: kept });
      expect(relativeDifference(back, y.values)).toBeLessThan(1e-6);
    }
  });
});

test("the matrices do not depend on the threads, or on an element that never occurs", async () => {
  const structures = [ethanol(), crystal([1, 6, 8], 7)];
  const two = await createBackend("cpu", { threads: 2 });
  const given = settings({ order: 3, maxComponents: 8 });
  const [one, other] = [await withMultispectrum(backend, structures, given), await withMultispectrum(two, structures, given)];
  two.destroy();
  expect(other).toEqual(one);
  const wide = await withMultispectrum(backend, structures, given, { species: [1, 6, 8, 14] });
  expect((await backend.computeFeatures(structures, wide, { species: [1, 6, 8, 14] })).size).toBe((await backend.computeFeatures(structures, one)).size + 2);
});

test.each([[{ nMax: 1, lMax: 0 }, [ethanol()]], [{ nMax: 2, lMax: 1 }, [createStructure({ species: [8], positions: [0, 0, 0] })]]])("%j: small bases and single atoms", async (basis, structures) => {
  const hyper = await withMultispectrum(backend, structures, settings({ order: 4 }, basis));
  const { values } = await backend.computeFeatures(structures, hyper);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(values.some((value) => value !== 0)).toBe(true);
});

describe("environments that an order cannot tell apart", () => {
  /** Neighbors on a circle about a silicon atom at these angles in units of 2π/steps, closed by nothing: all at the same distance. */
  const ring = (angles: readonly number[], steps: number, species: readonly number[] = angles.map(() => 14)): Structure => createStructure({
    species: [14, ...species], positions: [0, 0, 0, ...angles.flatMap((angle) => [2.2 * Math.cos((2 * Math.PI * angle) / steps), 2.2 * Math.sin((2 * Math.PI * angle) / steps), 0])],
  });
  // Homometric sets of the circle of eight: the same distances between pairs, in another order.
  const [a, b] = [ring([0, 1, 3, 4], 8), ring([0, 1, 2, 5], 8)];
  const fine = { nMax: 2, lMax: 4 };

  /** Largest difference between the features of the first atoms, over their length. */
  async function distance(features: FeatureChoice, [x, y]: readonly [Structure, Structure], sample: readonly Structure[] = [x, y]): Promise<number> {
    const hyper = await withMultispectrum(backend, sample, { ...settings({}, fine), density: { kind: "gaussian", width: 0.3, centerWeight: 1, scaling: null }, cutoff: { radius: 3, width: 0.5, function: "cosine" }, features });
    const [one, other] = [await backend.computeFeatures([x], hyper), await backend.computeFeatures([y], hyper)];
    const own = (of: typeof one): Float64Array => of.values.subarray(0, of.size);
    return relativeDifference(own(one), own(other));
  }

  test("two rings with the same pairs of angles: not by ν = 2, by ν = 3", async () => {
    expect(await distance({ kind: "power-spectrum", normalize: false }, [a, b])).toBeLessThan(1e-10);
    expect(await distance({ kind: "bispectrum", normalize: false }, [a, b])).toBeGreaterThan(1e-3);
    expect(await distance({ kind: "multispectrum", normalize: false, order: 3, threshold: 0, maxComponents: 500, maxProducts: 4000 }, [a, b])).toBeGreaterThan(1e-4);
  });

  test("mirror images of a chiral molecule: by the pseudoscalars alone", async () => {
    const corners = [[1.1, 0.9, 1], [-1, -1.05, 0.95], [-0.9, 1.2, -1], [1, -1, -1.3]];
    const chiral = (species: readonly number[], side: 1 | -1): Structure => createStructure({ species: [6, ...species], positions: [0, 0, 0, ...corners.flatMap(([x, y, z]) => [side * x!, y!, z!])] });
    for (const species of [[1, 9, 17, 35], [1, 1, 1, 1]]) {
      const pair = [chiral(species, 1), chiral(species, -1)] as const;
      expect(await distance({ kind: "bispectrum", normalize: false }, pair)).toBeLessThan(1e-10);
      expect(await distance({ kind: "bispectrum", normalize: false, pseudoscalars: true }, pair)).toBeGreaterThan(1e-4);
    }
  });
});

test("a multispectrum without its matrices, and matrices that do not fit, are refused by name", async () => {
  const structures = [ethanol()];
  await expect(backend.computeFeatures(structures, settings({}))).rejects.toThrow(/"features\.iteration": a multispectrum without its matrices/);
  const made = await withMultispectrum(backend, structures, settings({ order: 3 }));
  const { orders, scales } = made.features.iteration!;
  const broken = [
    [{ orders, scales: scales.slice(1) }, /iteration\.scales/],
    [{ orders: [[{ ...orders[0]![0]!, matrix: orders[0]![0]!.matrix.slice(1) }], orders[1]!], scales }, /iteration\.orders\.0\.0\.matrix/],
    [{ orders: [orders[0]!, [{ ...orders[1]![0]!, products: [99, 0, 0, 0], matrix: [1] }]], scales }, /iteration\.orders\.1\.0\.products\.0/],
    [{ orders: [[{ ...orders[0]![0]!, products: [0, 0, 99, 0], matrix: [1] }]], scales: scales.slice(0, 2) }, /iteration/],
    [{ orders: [[{ ...orders[0]![0]!, products: [0, 0, -1, 0], matrix: [1] }]], scales: scales.slice(0, 2) }, /iteration\.orders\.0\.0\.products/],
    [{ orders: [[{ ...orders[0]![0]!, products: [0, 0, 0, -1], matrix: [1] }]], scales: scales.slice(0, 2) }, /iteration\.orders\.0\.0\.products/],
    [{ orders: [[{ ...orders[0]![0]!, products: [0, 0, 0.5, 0], matrix: [1] }]], scales: scales.slice(0, 2) }, /iteration\.orders\.0\.0\.products/],
    [{ orders: [[{ ...orders[0]![0]!, lambda: 0.5 }]], scales: scales.slice(0, 2) }, /iteration\.orders\.0\.0/],
  ] as const;
  for (const [iteration, message] of broken) {
    await expect(backend.computeFeatures(structures, { ...made, features: { ...made.features, iteration } })).rejects.toThrow(message);
  }
});
