// Pairs of environments that features of an order cannot tell apart (Pozdnyakov, Willatt, Bartók, Ortner, Csányi and Ceriotti, Phys. Rev. Lett. 125,
// 166001 (2020), doi:10.1103/PhysRevLett.125.166001), and what every kind of features has to forget: the order of the atoms.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, FitCenter, FitStructure } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { FeatureChoice, Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { withMultispectrum } from "../../../src/training/multispectrum.js";
import { largestMagnitude, relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

type Point = readonly [x: number, y: number, z: number];
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const cluster = (points: readonly Point[]): Structure => createStructure({ species: [6, ...points.map(() => 1)], positions: [0, 0, 0, ...points.flat()] });

/** All groups of so many neighbors, each by its distances and angles, whatever turns it, mirrors it or orders it. */
function groups(points: readonly Point[], size: number): string[] {
  const orders = (own: readonly Point[]): Point[][] => (own.length <= 1 ? [[...own]] : own.flatMap((first, k) => orders(own.filter((_, j) => j !== k)).map((rest) => [first, ...rest])));
  const subsets = (from: number, count: number): Point[][] =>
    count === 0 ? [[]] : points.slice(from).flatMap((first, k) => subsets(from + k + 1, count - 1).map((rest) => [first, ...rest]));
  return subsets(0, size).map((own) => orders(own).map((one) => one.flatMap((a, i) => one.slice(i).map((b) => (dot(a, b) + 0).toFixed(9).replace(/^-(0\.0+)$/, "$1"))).join(" ")).sort()[0]!).sort();
}

/** Points on the sphere of this radius about the center, by azimuth and height. */
const onSphere = (radius: number, [azimuth, z]: readonly [number, number]): Point => {
  const s = Math.sqrt(radius ** 2 - z ** 2);
  return [s * Math.cos(azimuth), s * Math.sin(azimuth), z];
};

/**
 * CH₄: one hydrogen at a pole, the others at the heights h, −h and 0. Moved to the other pole it has the same angles with the others, with other
 * ones of them: the triangles of four atoms differ.
 */
const methane = (pole: 1 | -1): Point[] => [...([[0, 0.5], [1.9, -0.5], [3.1, 0]] as const).map((point) => onSphere(1.09, point)), [0, 0, 1.09 * pole]];

/** Four neighbors in a plane at the angles 45, 45, 90, 135, 135, 180 degrees of each other, twice. */
const ring = (eighths: readonly number[]): Point[] => eighths.map((k) => [2.2 * Math.cos((Math.PI * k) / 4), 2.2 * Math.sin((Math.PI * k) / 4), 0]);

/**
 * Seven neighbors: three at the height h, the same three turned by ψ at −h, and one on the axis at ±H. Half a turn about an axis in the plane takes every
 * three neighbors of one to three of the other, but no turn or mirror takes every four.
 */
const rings = (side: 1 | -1): Point[] => {
  const [azimuths, psi, radius, height] = [[0, 0.9, 2.6], 0.55, 1.5, 0.6];
  const layer = (turn: number, z: number): Point[] => azimuths.map((azimuth) => [radius * Math.cos(azimuth + turn), radius * Math.sin(azimuth + turn), z]);
  return [...layer(0, height), ...layer(psi, -height), [0, 0, 1.4 * side]];
};

const settings = (features: FeatureChoice, basis: Partial<Hyperparameters["basis"]>): Hyperparameters => ({
  cutoff: { radius: 3, width: 0.5, function: "cosine" }, density: { kind: "gaussian", width: 0.35, centerWeight: 1, scaling: null },
  basis: { kind: "gto", nMax: 2, lMax: 4, accuracy: 1e-10, ...basis }, features,
});

/** Turned about no axis of the pairs: a coupling that is wrong in a way that their own symmetry forgives would not be seen. */
const turned = (points: readonly Point[]): Point[] => {
  const [c, s, d, t] = [Math.cos(0.7), Math.sin(0.7), Math.cos(-1.3), Math.sin(-1.3)];
  return points.map((r) => [dot([c, -s, 0], r), dot([d * s, d * c, -t], r), dot([t * s, t * c, d], r)]);
};

/** Largest difference between the features of the centers, over the largest feature. */
async function distance([x, y]: readonly [readonly Point[], readonly Point[]], features: Partial<FeatureChoice>, basis: Partial<Hyperparameters["basis"]> = {}): Promise<number> {
  const pair = [cluster(x), cluster(turned(y))];
  const hyper = await withMultispectrum(backend, pair, settings({ kind: "power-spectrum", normalize: false, ...features }, basis));
  const [one, other] = [await backend.computeFeatures([pair[0]!], hyper), await backend.computeFeatures([pair[1]!], hyper)];
  expect(one.values.subarray(0, one.size).some((value) => value !== 0)).toBe(true);
  return relativeDifference(one.values.subarray(0, one.size), other.values.subarray(0, other.size));
}

const multispectrum = (order: number): Partial<FeatureChoice> => ({ kind: "multispectrum", order, threshold: 0, maxComponents: 200, maxProducts: 1500 });

describe.each([
  { name: "CH₄, one hydrogen at either pole", pair: [methane(1), methane(-1)] as const },
  { name: "four neighbors in a plane", pair: [ring([0, 1, 3, 4]), ring([0, 1, 2, 5])] as const },
])("ν = 2: $name", ({ pair }) => {
  test("has the same distances and angles, other groups of three", () => {
    expect(groups(pair[0], 2)).toEqual(groups(pair[1], 2));
    expect(groups(pair[0], 3)).not.toEqual(groups(pair[1], 3));
  });

  test("is told apart by ν = 3, not by ν = 2", async () => {
    expect(await distance(pair, { kind: "radial-spectrum" })).toBeLessThan(1e-12);
    expect(await distance(pair, {}, { nMax: 4, lMax: 8 })).toBeLessThan(1e-12);
    expect(await distance(pair, multispectrum(2))).toBeLessThan(1e-10);
    expect(await distance(pair, { kind: "bispectrum" })).toBeGreaterThan(1e-3);
    expect(await distance(pair, multispectrum(3))).toBeGreaterThan(1e-3);
  });
});

describe("ν = 3: seven neighbors on two rings and their axis", () => {
  const pair = [rings(1), rings(-1)] as const;
  test("has the same groups of three, other groups of four", () => {
    expect(groups(pair[0], 2)).toEqual(groups(pair[1], 2));
    expect(groups(pair[0], 3)).toEqual(groups(pair[1], 3));
    expect(groups(pair[0], 4)).not.toEqual(groups(pair[1], 4));
  });

  test("is told apart by ν = 4, not by ν = 3, mirror images resolved or not", async () => {
    expect(await distance(pair, {}, { nMax: 4, lMax: 8 })).toBeLessThan(1e-12);
    expect(await distance(pair, { kind: "bispectrum" })).toBeLessThan(1e-12);
    expect(await distance(pair, { kind: "bispectrum", pseudoscalars: true })).toBeLessThan(1e-12);
    expect(await distance(pair, multispectrum(3))).toBeLessThan(1e-9);
    const small = { ...multispectrum(4), maxComponents: 40, maxProducts: 600 };
    expect(await distance(pair, small, { lMax: 3 })).toBeGreaterThan(1e-4);
    expect(await distance(pair, { ...small, order: 3 }, { lMax: 3 })).toBeLessThan(1e-9);
  });
});

const KINDS: readonly Partial<FeatureChoice>[] = [
  { kind: "power-spectrum" }, { kind: "radial-spectrum" }, { kind: "bispectrum", pseudoscalars: true }, { kind: "lambda-soap", lambda: 2 }, { kind: "lambda-soap", lambda: 1, parity: -1 },
  { kind: "multispectrum", order: 4, maxComponents: 8, maxProducts: 40, pseudoscalars: true },
];

test.each(KINDS)("%j: the order of the atoms is nowhere, and centers move with it", async (choice) => {
  for (const structure of [ethanol(), crystal([1, 6, 8], 7)]) {
    const atoms = structure.species.length;
    // Seven and nine are prime to 4.
    const order = Array.from({ length: atoms }, (_, k) => (4 * k + 3) % atoms);
    const permuted = { ...structure, species: Uint8Array.from(order, (k) => structure.species[k]!), positions: Float64Array.from(order.flatMap((k) => [...structure.positions.subarray(3 * k, 3 * k + 3)])) };
    const hyper = await withMultispectrum(backend, [structure], settings({ kind: "power-spectrum", normalize: true, ...choice }, { lMax: 2 }));
    const [before, after] = [await backend.computeFeatures([structure], hyper), await backend.computeFeatures([permuted], hyper)];
    const expected = order.flatMap((k) => [...before.values.subarray(k * before.size, (k + 1) * before.size)]);
    expect(relativeDifference(after.values, before.values)).toBeGreaterThan(1e-2);
    expect(relativeDifference(after.values, expected)).toBeLessThan(1e-11);
  }
});

test.each([[3, true], [4, false], [4, true]])("multispectrum of order %i, normalized %s: rows of forces and virial are differences of those of the energy", async (order, normalize) => {
  const structure = crystal([6, 14], 5);
  const choice = { kind: "multispectrum", normalize, order, maxComponents: 8, maxProducts: 30, pseudoscalars: true } as const;
  const hyper = await withMultispectrum(backend, [structure], hyperparameters({ basis: { nMax: 2, lMax: 2, accuracy: 1e-11 }, features: choice }));
  const { species, terms: [term] } = await randomPotential(backend, structure, hyper, { zeta: 2 });
  // With G = 1 the rows are those of L K themselves.
  const centers = term!.centers.map(({ weights, ...center }): FitCenter => {
    const factor = new Float64Array(weights.length ** 2);
    for (let k = 0; k < weights.length; k++) factor[k * weights.length + k] = 1;
    return { ...center, factor };
  });
  const points = centers.reduce((sum, { sparsePoints, size }) => sum + sparsePoints.length / size, 0);
  const rowsOf = async (one: Structure, derivatives: boolean): Promise<Float64Array> => {
    const label: FitStructure = {
      structure: one, energy: 0, forces: derivatives ? new Float64Array(one.positions.length) : null, virial: derivatives ? new Float64Array(9) : null, weights: { energy: 1, forces: 1, virial: 1 },
    };
    return (await backend.computeFitRows([label], species, [{ ...term!, centers }])).values;
  };
  const slope = async (moved: (t: number) => Structure): Promise<number[]> => {
    const h = 2e-4;
    const [a, b, c, d] = await Promise.all([-2, -1, 1, 2].map((n) => rowsOf(moved(n * h), false)));
    return Array.from({ length: points }, (_, m) => -(a![m]! - 8 * b![m]! + 8 * c![m]! - d![m]!) / (12 * h));
  };
  const rows = await rowsOf(structure, true);
  const components = structure.positions.length;
  const forces: number[] = [];
  for (let k = 0; k < components; k++) forces.push(...(await slope((t) => ({ ...structure, positions: structure.positions.map((x, j) => (j === k ? x + t : x)) }))));
  const virial: number[] = [];
  for (const [row, column] of [[0, 0], [1, 1], [2, 2], [1, 2], [0, 2], [0, 1]] as const) {
    const strained = (vectors: Float64Array, t: number): Float64Array => vectors.map((x, j) => (j % 3 === row ? x + t * vectors[j - row + column]! : x));
    virial.push(...(await slope((t) => ({ ...structure, positions: strained(structure.positions, t), cell: strained(structure.cell!, t) }))));
  }
  const [ownForces, ownVirial] = [rows.subarray(points, points * (1 + components)), rows.subarray(points * (1 + components))];
  expect(largestMagnitude(ownForces)).toBeGreaterThan(1e-3);
  expect(relativeDifference(ownForces, forces)).toBeLessThan(1e-6);
  expect(relativeDifference(ownVirial, virial)).toBeLessThan(1e-6);
});
