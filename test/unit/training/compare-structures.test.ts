// Comparison of two sets against all pairs written out, on sets whose answer is known, and in parts against as a whole.
import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBackend, parseExtxyz, type Backend, type Structure } from "../../../src/index.js";
import { compareStructures } from "../../../src/training/compare-structures.js";
import { createStructure } from "../../../src/structure/structure.js";
import { crystal, ethanol, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const settings = hyperparameters({ basis: { nMax: 3, lMax: 2 }, cutoff: { radius: 3.5 } });

function embedded(name: string): Structure[] {
  const text = gunzipSync(readFileSync(new URL(`../../../public/silicon-sw-${name}.xyz.gz`, import.meta.url))).toString();
  return [...parseExtxyz(text)];
}

const typeOf = ({ info }: Structure): string => String(info.get("config_type"));

/** All environments with element and structure, and the means, from one call each. */
async function plainly(structures: readonly Structure[], species: readonly number[]): Promise<{ rows: { p: number[]; z: number; structure: number }[]; means: number[][] }> {
  const rows: { p: number[]; z: number; structure: number }[] = [];
  const means: number[][] = [];
  for (const [structure, one] of structures.entries()) {
    const { values, size } = await backend.computeFeatures([one], settings, { species });
    const own = [...one.species].map((z, atom) => ({ p: [...values.subarray(atom * size, (atom + 1) * size)], z, structure }));
    rows.push(...own);
    means.push(Array.from({ length: size }, (_, f) => own.reduce((sum, { p }) => sum + p[f]!, 0) / own.length));
  }
  return { rows, means };
}

const distance = (p: readonly number[], q: readonly number[]): number => Math.hypot(...p.map((value, k) => value - q[k]!));

test("distances of sets are those of all pairs, whatever is held at once", async () => {
  // Three elements, of which 8 is in B alone, and structures of one to nine atoms.
  const a = [crystal([6, 14], 5, 1), crystal([6, 14], 4, 2), crystal([14], 3, 3), crystal([6], 1, 4)];
  const b = [crystal([14, 6], 6, 5), ethanol(), crystal([6], 2, 6)];
  const species = [1, 6, 8, 14];
  const [ofA, ofB] = [await plainly(a, species), await plainly(b, species)];
  const nearest = (from: typeof ofA, to: typeof ofA): number[] => from.rows.map(({ p, z }) =>
    Math.min(Math.SQRT2, ...to.rows.filter((other) => other.z === z).map(({ p: q }) => distance(p, q))));
  const [minA, minB] = [nearest(ofA, ofB), nearest(ofB, ofA)];
  for (const held of [undefined, 1]) {
    const { environments, structures, frames, features } = await compareStructures(backend, a, b, settings, { held, radius: 0.4 });
    expect(features).toBe(ofA.means[0]!.length);
    const close = (value: number, expected: number): void => expect(value).toBeCloseTo(expected, 12);
    close(environments.hausdorff, Math.max(...minA, ...minB));
    close(environments.farthest.aFromB, Math.max(...minA));
    close(environments.mean.bFromA, minB.reduce((x, y) => x + y, 0) / minB.length);
    close(environments.mean.aFromB, minA.reduce((x, y) => x + y, 0) / minA.length);
    close(environments.coverage!.bByA, minB.filter((d) => d <= 0.4).length / minB.length);
    close(environments.coverage!.aByB, minA.filter((d) => d <= 0.4).length / minA.length);
    const fromMeans = ofB.means.map((p) => ofA.means.map((q) => distance(p, q)));
    close(structures.farthest.bFromA, Math.max(...fromMeans.map((row) => Math.min(...row))));
    close(structures.mean.aFromB, ofA.means.map((_, i) => Math.min(...fromMeans.map((row) => row[i]!))).reduce((x, y) => x + y, 0) / a.length);
    for (const [index, frame] of frames.entries()) {
      const own = minB.filter((_, row) => ofB.rows[row]!.structure === index);
      close(frame.largest, Math.max(...own));
      close(own[frame.atom]!, frame.largest);
      close(frame.distance, Math.min(...fromMeans[index]!));
      expect(frame.nearest).toBe(fromMeans[index]!.indexOf(Math.min(...fromMeans[index]!)));
      expect(frame.isNew).toBe(frame.largest > 0.4);
    }
  }
});

test("the scale of a set is what its structures have from one another", async () => {
  const a = [crystal([6, 14], 5, 1), crystal([6, 14], 4, 2), crystal([14], 3, 3)];
  const { rows, means } = await plainly(a, [6, 14]);
  const own = rows.map((row) => Math.min(...rows.filter(({ z, structure }) => z === row.z && structure !== row.structure).map(({ p }) => distance(row.p, p))));
  const { radii } = await compareStructures(backend, a, a, settings, { quantile: 1 });
  expect(radii.environments).toBeCloseTo(Math.max(...own), 12);
  expect(radii.largest).toBeCloseTo(Math.max(...own), 12);
  expect(radii.structures).toBeCloseTo(Math.max(...means.map((p, i) => Math.min(...means.filter((_, j) => j !== i).map((q) => distance(p, q))))), 12);
  const { radii: median } = await compareStructures(backend, a, a, settings, { quantile: 0.5 });
  expect(median.environments).toBeCloseTo([...own].sort((x, y) => x - y)[Math.ceil(own.length / 2) - 1]!, 12);
  const alone = await compareStructures(backend, a.slice(0, 1), a, settings);
  expect([alone.radii.largest, alone.frames[2]!.isNew, alone.structures.coverage]).toEqual([null, null, null]);
});

test("two overlapping sets: what both have is found, turned, renumbered and repeated too", async () => {
  const all = Array.from({ length: 12 }, (_, k) => silicon(1, 0.08, k + 1));
  const [a, b] = [all.slice(0, 8), all.slice(5)];
  const turned = (structure: Structure): Structure => {
    const turn = ([x, y, z]: readonly number[]): number[] => [0.6 * x! - 0.8 * y!, 0.8 * x! + 0.6 * y!, z!];
    const rows = (values: Float64Array): number[] => Array.from({ length: values.length / 3 }, (_, k) => turn([...values.subarray(3 * k, 3 * k + 3)])).flat();
    const positions = rows(structure.positions);
    return createStructure({ species: [...structure.species], positions: [...positions.slice(3), ...positions.slice(0, 3)], cell: rows(structure.cell!) });
  };
  const doubled = ({ species, positions, cell }: Structure): Structure => createStructure({
    species: [...species, ...species], positions: [...positions, ...Array.from(positions, (x, k) => x + cell![k % 3]!)],
    cell: Array.from(cell!, (x, k) => (k < 3 ? 2 * x : x)),
  });
  const { shared } = await compareStructures(backend, a, [...b, turned(all[2]!), doubled(all[3]!)], settings);
  expect(shared.map(({ a: one, b: other, identical }) => [one, other, identical])).toEqual([
    [5, 0, true], [6, 1, true], [7, 2, true], [2, 7, false], [3, 8, false],
  ]);
  for (const pair of shared) expect(pair.distance <= 1e-12).toBe(true);
});

test("alike means do not make structures the same", async () => {
  const [a, b] = [[silicon(1, 0.03, 1), silicon(1, 0.03, 2)], [silicon(1, 0.8, 50)]];
  const { shared, frames } = await compareStructures(backend, a, b, settings, { tolerance: 0.2 });
  expect(frames[0]!.distance < 0.2 && frames[0]!.largest > 0.2).toBe(true);
  expect(shared).toEqual([]);
});

test("liquids are new to crystals, other crystals are not", async () => {
  const [train, held] = [embedded("train"), embedded("test")];
  const crystals = train.filter((structure) => ["crystal", "strained"].includes(typeOf(structure)));
  const others = held.filter((structure) => ["crystal", "strained", "liquid"].includes(typeOf(structure)));
  const { frames } = await compareStructures(backend, crystals, others, settings);
  const liquids = others.map((structure) => typeOf(structure) === "liquid");
  expect(liquids.filter(Boolean).length).toBe(4);
  expect(frames.filter((_, k) => liquids[k]).map(({ isNew }) => isNew)).toEqual([true, true, true, true]);
  // A share of 95 % of the known has room for one of 13.
  expect(frames.filter(({ isNew }, k) => isNew && !liquids[k]).length <= 1).toBe(true);
  const [known, unknown] = [false, true].map((is) => frames.filter((_, k) => liquids[k] === is).map(({ largest }) => largest));
  expect(Math.min(...unknown!)).toBeGreaterThan(3 * Math.max(...known!));
});

test("what cannot be compared is refused", async () => {
  const lambda = { ...settings, features: { kind: "lambda-soap" as const, normalize: true, lambda: 1, parity: 1 as const } };
  await expect(compareStructures(backend, [ethanol()], [ethanol()], lambda)).rejects.toThrow('"features.kind": features that turn with the structure: expected scalar features');
  await expect(compareStructures(backend, [ethanol()], [], settings)).rejects.toThrow('"b": nothing to compare');
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(compareStructures(backend, [ethanol()], [ethanol()], settings, { signal })).rejects.toThrow("enough");
});
