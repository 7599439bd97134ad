// Maps of structures and environments: rows against features of one structure at a time, points, properties, and a map that comes back from its file.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBackend, type Backend, type Structure } from "../../../src/index.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { fitMap, projectOnMap } from "../../../src/maps/low-dimensional-map.js";
import { formatMap, parseMap } from "../../../src/model/map-file.js";
import { annotateStructure } from "../../../src/structure/structure.js";
import { createMap, placeOnMap, type CreateMapOptions } from "../../../src/training/create-map.js";
import { crystal, ethanol, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const settings = hyperparameters({ basis: { nMax: 3, lMax: 2 }, cutoff: { radius: 3.5 } });
const structures: Structure[] = Array.from({ length: 9 }, (_, k) => {
  const structure = crystal([6, 14], 2 + (k % 4), k + 1);
  return annotateStructure(structure, {
    info: [["e", -3 * structure.species.length + 0.1 * k]],
    arrays: [["q", { kind: "R", width: 1, values: Float64Array.from(structure.species, (z, atom) => z + atom) }]],
  });
});
const species = [6, 14];

async function features(one: Structure): Promise<number[][]> {
  const { values, size } = await backend.computeFeatures([one], settings, { species });
  return Array.from(one.species, (_, atom) => [...values.subarray(atom * size, (atom + 1) * size)]);
}

const create = (options: Partial<CreateMapOptions>, of: readonly Structure[] = structures): ReturnType<typeof createMap> =>
  createMap(backend, of, settings, { method: "pca", by: "structure", ...options });

test("a structure stands where the mean of its features does, with its property", async () => {
  const { map, places } = await create({ property: "e", perAtom: true, components: 3 });
  const means = await Promise.all(structures.map(async (one) => {
    const rows = await features(one);
    return rows[0]!.map((_, f) => rows.reduce((sum, row) => sum + row[f]! / rows.length, 0));
  }));
  const algebra = await createLinearAlgebra();
  const [rows, size] = [Float64Array.from(means.flat()), means[0]!.length];
  const expected = await projectOnMap(algebra, await fitMap(algebra, rows, size, { method: "pca", components: 3 }), rows);
  places.scores.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 10));
  expect([...places.structures]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect([...places.atoms]).toEqual(new Array(9).fill(-1));
  places.values!.forEach((value, k) => expect(value).toBeCloseTo(-3 + (0.1 * k) / structures[k]!.species.length, 12));
  expect([places.predicted, map.map.regression, map.species]).toEqual([null, null, species]);
  // A column of atoms gives its mean.
  const { places: charges } = await create({ property: "q" });
  expect(charges.values![0]).toBeCloseTo((6 + 14 + 1) / 2, 12);
});

test("an environment stands where its features do, and has the number of its atom or its structure", async () => {
  const { places, map } = await create({ by: "environment", method: "kpcovr", property: "q", zeta: 2, mixing: 0.3 });
  const own = await features(structures[3]!);
  const algebra = await createLinearAlgebra();
  const expected = await projectOnMap(algebra, map.map, Float64Array.from(own.flat()));
  const first = places.structures.indexOf(3);
  expect([...places.atoms.subarray(first, first + own.length)]).toEqual(own.map((_, atom) => atom));
  expect([...places.centers.subarray(first, first + own.length)]).toEqual([...structures[3]!.species]);
  expected.forEach((value, k) => expect(places.scores[2 * first + k]).toBeCloseTo(value, 10));
  expect(places.values![first + 1]).toBe(structures[3]!.species[1]! + 1);
  expect(map.map.kernel!.points.length).toBe(places.structures.length * map.map.size);
  // Its charge is its element and its number, and of the element a map knows.
  expect(map.map.regression!.explained).toBeGreaterThan(0.8);
  const { places: energies } = await create({ by: "environment", property: "e" });
  expect(energies.values![first]).toBe(structures[3]!.info.get("e"));
});

test("from a file a map comes back to the bit, and places other structures as it placed its own", async () => {
  for (const options of [{ method: "kpcovr", zeta: 3 }, { method: "pcovr" }, { method: "kpca", points: 4 }, { method: "pca" }] as const) {
    const { map, places } = await create({ ...options, property: "e", perAtom: true });
    const text = formatMap(map, places);
    const back = parseMap(text, "m.json");
    expect(back).toEqual(map);
    const again = await placeOnMap(backend, structures, back);
    expect(again).toEqual(places);
    const { places: written } = JSON.parse(text) as { places: { structure: number[]; scores: number[][]; property: number[] } };
    expect(written.scores.flat()).toEqual([...places.scores]);
    expect(written.property).toEqual([...places.values!]);
    const [other] = (await placeOnMap(backend, [structures[5]!], back)).scores;
    expect(other).toBeCloseTo(places.scores[10]!, 10);
    expect(() => parseMap(text.replace('"perAtom":true', '"perAtom":false'), "m.json")).toThrow("m.json: the model file is damaged or was edited");
  }
  const { values } = await placeOnMap(backend, [crystal([6, 14], 3, 40)], (await create({ property: "e" })).map);
  expect(values).toBe(null);
});

test("a point of the kernel is a row, and the same ones for the same seed", async () => {
  const many = Array.from({ length: 30 }, (_, k) => silicon(1, 0.1, k + 1));
  const maps = await Promise.all([1, 1, 2].map((seed) => create({ method: "kpca", by: "environment", points: 12, zeta: 2, seed }, many)));
  expect(maps[0]!.places.scores).toEqual(maps[1]!.places.scores);
  expect(maps[0]!.places.scores).not.toEqual(maps[2]!.places.scores);
  const { size, kernel } = maps[0]!.map.map;
  expect(kernel!.points.length).toBe(12 * size);
  const { values } = await backend.computeFeatures(many, settings, { species: [14] });
  for (let p = 0; p < 12; p++) {
    const point = kernel!.points.subarray(p * size, (p + 1) * size);
    expect(Array.from({ length: 240 }, (_, row) => row).some((row) => point.every((value, f) => value === values[row * size + f]))).toBe(true);
  }
  // 24 are looked for among all rows: no row is farther from them than they are from one another.
  const { map: wide } = await create({ method: "kpca", by: "environment", points: 24, zeta: 1 }, many);
  const chosen = Array.from({ length: 24 }, (_, p) => wide.map.kernel!.points.subarray(p * size, (p + 1) * size));
  const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((value, f) => value - b[f]!));
  const nearest = (row: Float64Array, among: readonly Float64Array[]): number => Math.min(...among.map((other) => distance(row, other)));
  const apart = Math.min(...chosen.map((row, p) => nearest(row, chosen.filter((_, q) => q !== p))));
  for (let row = 0; row < 240; row++) expect(nearest(values.subarray(row * size, (row + 1) * size), chosen) <= apart + 1e-9).toBe(true);
  // Twelve of 240 points give nearly what all give.
  const { map } = await create({ method: "kpca", by: "environment", zeta: 2 }, many);
  expect(Math.abs(map.map.shares[0]! - maps[0]!.map.map.shares[0]!) < 0.1).toBe(true);
});

test("what makes no map of structures is refused", async () => {
  const missing = [...structures, crystal([6], 2, 9)];
  await expect(create({ method: "pcovr" })).rejects.toThrow('"property": principal covariates need a property');
  await expect(create({ method: "pcovr", property: "e" }, missing)).rejects.toThrow('structure 9, "e": a structure without the property: expected a number, got none');
  expect((await create({ property: "e" }, missing)).places.values![9]).toBe(NaN);
  await expect(create({ property: "nothing" })).rejects.toThrow("no structure has this property");
  await expect(create({ method: "kpca", points: 10 })).rejects.toThrow('"points": points of a map: expected a whole number from 1 to 9, got 10');
  const { map } = await create({});
  await expect(placeOnMap(backend, [ethanol()], map)).rejects.toThrow("element unknown to the features: expected C, Si, got O");
  const text = formatMap(map, (await create({})).places);
  expect(() => parseMap(text.slice(0, -40), "m.json")).toThrow("truncated or damaged");
});
