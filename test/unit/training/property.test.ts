// Regression of scalars, vectors and tensors: on properties that are known exactly, and what must hold for any of them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { formatPropertyModel, isPropertyModel, parsePropertyModel } from "../../../src/model/property-file.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type InfoValue, type Structure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { solveByCrossValidation } from "../../../src/training/cross-validated-ridge.js";
import { fitProperty, type PropertyFit } from "../../../src/training/fit-property.js";
import { predictPropertyGradients } from "../../../src/training/property-gradients.js";
import { predictProperty, propertyErrors } from "../../../src/training/predict-property.js";
import { readProperty } from "../../../src/training/property-data.js";
import { eliminate } from "../../reference/elimination.js";
import { relativeDifference } from "../../reference/norms.js";
import { hyperparameters, randomPotential, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const CHARGES: Record<number, number> = { 1: 0.4, 8: -0.8 };
const random = createRandom(11);

/** A bent molecule of random shape and orientation. */
function water(info: (positions: readonly number[][]) => Record<string, InfoValue>): Structure {
  const axis = [random.normal(), random.normal(), random.normal()];
  const first = axis.map((value) => (value * (0.9 + 0.2 * random.uniform())) / Math.hypot(...axis));
  const other = [random.normal(), random.normal(), random.normal()];
  const along = other.reduce((sum, value, k) => sum + value * first[k]!, 0) / first.reduce((sum, value) => sum + value * value, 0);
  const normal = other.map((value, k) => value - along * first[k]!);
  const angle = 1.6 + 0.5 * random.uniform();
  const second = first.map((value, k) => (Math.cos(angle) * value) / Math.hypot(...first) + (Math.sin(angle) * normal[k]!) / Math.hypot(...normal));
  const positions = [[0, 0, 0], first, second];
  const structure = createStructure({ species: [8, 1, 1], positions: positions.flat() });
  return { ...structure, info: new Map(Object.entries(info(positions))) };
}

/** Dipole of point charges, quadrupole Σ q r rᵀ as nine numbers, size Σ q² r². */
function moments(positions: readonly number[][]): Record<string, InfoValue> {
  const charges = [8, 1, 1].map((z) => CHARGES[z]!);
  const sum = (of: (r: readonly number[]) => number): number => positions.reduce((total, r, atom) => total + charges[atom]! * of(r), 0);
  const quadrupole = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => sum((r) => r[a]! * r[b]!)));
  return {
    mu: [0, 1, 2].map((a) => sum((r) => r[a]!)), quadrupole, voigt: [0, 4, 8, 5, 2, 1].map((k) => quadrupole[k]!),
    size: 3 + sum((r) => r[0]! ** 2 + r[1]! ** 2 + r[2]! ** 2),
  };
}

const settings = parseFitConfiguration({
  cutoff: { radius: 3 }, basis: { nMax: 4, lMax: 3 }, kernel: { zeta: 2 }, compression: { threshold: 1e-9 }, sparse: { count: 60, method: "fps" }, solver: { jitter: 1e-10 },
});

const train = Array.from({ length: 60 }, () => water(moments));
const held = Array.from({ length: 15 }, () => water(moments));

async function fitted(name: string, options: { mean?: boolean } = {}): Promise<PropertyFit & { share: number; predictions: Float64Array[] }> {
  const fit = await fitProperty(backend, train, readProperty(train, name), settings, options);
  const predictions = await predictProperty(backend, fit.model, held);
  return { ...fit, predictions, share: propertyErrors(readProperty(held, name), predictions).property_relative_rmse! };
}

const ROTATION = (() => {
  const [c, s, d, t] = [Math.cos(0.9), Math.sin(0.9), Math.cos(-0.4), Math.sin(-0.4)];
  return [[c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d]];
})();
const apply = (r: ArrayLike<number>): number[] => ROTATION.map((row) => row[0]! * r[0]! + row[1]! * r[1]! + row[2]! * r[2]!);
const turned = (structure: Structure): Structure => ({
  ...structure, positions: Float64Array.from([0, 1, 2].flatMap((atom) => apply(structure.positions.subarray(3 * atom, 3 * atom + 3)))),
});

describe("moments of point charges", () => {
  test.each([["size", "scalar", 1], ["mu", "vector", 1], ["quadrupole", "full", 2], ["voigt", "symmetric", 2]])("%s, a %s, is learned", async (name, kind, parts) => {
    const { model, share, warnings } = await fitted(name);
    expect(model.kind).toBe(kind);
    // A symmetric tensor has no antisymmetric part, however it is written.
    expect(model.parts.length).toBe(parts);
    expect(warnings).toEqual([]);
    expect(share).toBeLessThan(0.02);
  });

  test("predictions turn with the structure", async () => {
    const mu = await fitted("mu");
    const quadrupole = await fitted("quadrupole");
    const [vectors, tensors] = [await predictProperty(backend, mu.model, held.map(turned)), await predictProperty(backend, quadrupole.model, held.map(turned))];
    held.forEach((_, s) => {
      expect(relativeDifference(vectors[s]!, apply(mu.predictions[s]!))).toBeLessThan(1e-9);
      const columns = [0, 1, 2].map((b) => apply([0, 1, 2].map((a) => quadrupole.predictions[s]![3 * a + b]!)));
      const expected = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => apply([0, 1, 2].map((k) => columns[k]![a]!))[b]!));
      expect(relativeDifference(tensors[s]!, expected)).toBeLessThan(1e-9);
    });
  });

  test("six and nine numbers of a tensor give the same", async () => {
    const [six, nine] = [await fitted("voigt"), await fitted("quadrupole")];
    held.forEach((_, s) => expect(relativeDifference(six.predictions[s]!, [0, 4, 8, 5, 2, 1].map((k) => nine.predictions[s]![k]!))).toBeLessThan(1e-9));
  });

  test("a mean is the sum over the atoms, over their number", async () => {
    const scaled = train.map((structure) => ({ ...structure, info: new Map([["size", (structure.info.get("size") as number) / 3]]) }));
    const { model } = await fitProperty(backend, scaled, readProperty(scaled, "size"), settings, { mean: true });
    const [means, { predictions: sums }] = [await predictProperty(backend, model, held), await fitted("size")];
    held.forEach((_, s) => expect(Math.abs(3 * means[s]![0]! - sums[s]![0]!)).toBeLessThan(1e-6));
  });

  test("pseudo-elements: as many as elements and unmixed give the same, and one does it too", async () => {
    const fitWith = async (matrix: Record<string, number[]>): Promise<{ predictions: Float64Array[]; share: number }> => {
      const { model } = await fitProperty(backend, train, readProperty(train, "mu"), { ...settings, pseudoElements: { channels: null, kind: "matrix", matrix } });
      const loaded = parsePropertyModel(formatPropertyModel(model));
      const predictions = await predictProperty(backend, loaded, held);
      return { predictions, share: propertyErrors(readProperty(held, "mu"), predictions).property_relative_rmse! };
    };
    const [plain, unmixed] = [await fitted("mu"), await fitWith({ H: [1, 0], O: [0, 1] })];
    expect(unmixed.share).toBeLessThan(0.02);
    held.forEach((_, s) => expect(relativeDifference(unmixed.predictions[s]!, plain.predictions[s]!)).toBeLessThan(1e-5));
    expect((await fitWith({ H: [1], O: [0.5] })).share).toBeLessThan(0.1);
  });

  test("a property of atoms, of which some structures have none", async () => {
    const withColumn = (structure: Structure): Structure => ({
      ...structure, arrays: new Map([["bond", { kind: "R" as const, width: 3, values: structure.positions.map((value, k) => CHARGES[structure.species[Math.floor(k / 3)]!]! * value) }]]),
    });
    const some = train.map((structure, s) => (s % 5 === 0 ? structure : withColumn(structure)));
    const { model } = await fitProperty(backend, some, readProperty(some, "bond"), settings);
    expect(model.perAtom).toBe(true);
    const test_ = held.map(withColumn);
    const predictions = await predictProperty(backend, model, test_);
    expect(propertyErrors(readProperty(test_, "bond"), predictions).property_relative_rmse).toBeLessThan(0.02);
  });

  test.each([["mu", {}], ["quadrupole", {}], ["voigt", {}], ["size", { mean: true }]])("derivatives of %s are those of differences", async (name, options) => {
    const { model } = await fitted(name, options);
    const [structure] = held;
    const [found] = await predictPropertyGradients(backend, model, [structure!]);
    const numeric = new Float64Array(found!.length);
    for (let k = 0; k < 9; k++) {
      const moved = [-2, -1, 1, 2].map((n) => ({ ...structure!, positions: structure!.positions.map((value, j) => (j === k ? value + 1e-4 * n : value)) }));
      const [a, b, c, d] = (await predictProperty(backend, model, moved)) as [Float64Array, Float64Array, Float64Array, Float64Array];
      for (let component = 0; component < a.length; component++) numeric[9 * component + k] = (a[component]! - 8 * b[component]! + 8 * c[component]! - d[component]!) / 12e-4;
    }
    expect(Math.hypot(...numeric)).toBeGreaterThan(0.1);
    expect(relativeDifference(found!, numeric)).toBeLessThan(1e-6);
    await expect(predictPropertyGradients(backend, { ...model, perAtom: true }, [structure!])).rejects.toThrow(/derivatives of a property of atoms/);
  });

  test("the model file gives back every bit, and is no potential", async () => {
    const { model, predictions } = await fitted("mu");
    const text = formatPropertyModel({ ...model, provenance: { train: "a.xyz" } });
    expect(isPropertyModel(text)).toBe(true);
    const back = parsePropertyModel(text, "M.json");
    expect(back).toEqual({ ...model, provenance: { train: "a.xyz" } });
    expect(await predictProperty(backend, back, held)).toEqual(predictions);
    expect(() => parseModel(text, "M.json")).toThrow(/M\.json: a model of a property/);
    const potential = formatModel(await randomPotential(backend, silicon(1, 0.1), hyperparameters()));
    expect(isPropertyModel(potential)).toBe(false);
    expect(() => parsePropertyModel(potential, "M.json")).toThrow(/M\.json: a potential, not a model of a property/);
    const [first] = model.parts;
    const broken = { ...model, parts: [{ ...first!, centers: first!.centers.map((center) => ({ ...center, weights: center.weights.slice(1) })) }] };
    expect(() => formatPropertyModel(broken)).toThrow(/parts\.0\.centers\.0/);
  });
});

describe("what a file may have under the name", () => {
  const atom = (info: Record<string, InfoValue>): Structure => ({ ...createStructure({ species: [8], positions: [0, 0, 0] }), info: new Map(Object.entries(info)) });

  test.each([
    [[atom({ q: 1 })], "p", /"p": no structure has this property: expected q, got nothing/],
    [[atom({ p: [1, 2] })], "p", /structure 0.*"p": a property of an unknown form.*got 2 numbers/],
    [[atom({ p: "much" })], "p", /not a property.*got "much"/],
    [[atom({ p: 1 }), atom({ p: [1, 2, 3] })], "p", /structure 1.*a property changes its form: expected scalar per structure, got vector per structure/],
    [[atom({ p: [1, 2, Number.NaN] })], "p", /not a property/],
  ])("%#: refused by name", (structures, name, message) => expect(() => readProperty(structures, name)).toThrow(message));

  test("a kind that is asked for must fit", () => {
    expect(readProperty([atom({ p: [[1, 2, 3], [2, 4, 5], [3, 5, 6]] })], "p").kind).toBe("full");
    expect(() => readProperty([atom({ p: [1, 2, 3] })], "p", "symmetric")).toThrow(/a symmetric of 6 numbers, got 3 numbers/);
  });
});

test("the noise of generalized cross-validation is that of the formula, and w the ridge solution", async () => {
  const algebra = await createLinearAlgebra();
  const [count, columns] = [40, 6];
  const rows = Float64Array.from({ length: count * columns }, () => random.normal());
  const truth = Array.from({ length: columns }, () => random.normal());
  const targets = Float64Array.from({ length: count }, (_, row) => truth.reduce((sum, value, k) => sum + value * rows[row * columns + k]!, 0.5 * random.normal()));
  const { weights, noise } = solveByCrossValidation(algebra, rows, columns, targets);
  const scoreOf = (ridge: number): { score: number; solution: number[] } => {
    const gram = Array.from({ length: columns }, (_, i) =>
      Array.from({ length: columns }, (__, j) => Number(i === j) * ridge + targets.reduce((sum, ___, row) => sum + rows[row * columns + i]! * rows[row * columns + j]!, 0)));
    const solve = (right: number[]): number[] => eliminate(gram.map((line) => [...line]), right);
    const solution = solve(Array.from({ length: columns }, (_, i) => targets.reduce((sum, target, row) => sum + rows[row * columns + i]! * target, 0)));
    let [residual, trace] = [0, 0];
    targets.forEach((target, row) => {
      const own = Array.from(rows.subarray(row * columns, (row + 1) * columns));
      residual += (target - own.reduce((sum, value, k) => sum + value * solution[k]!, 0)) ** 2;
      trace += solve(own).reduce((sum, value, k) => sum + value * own[k]!, 0);
    });
    return { score: (count * residual) / (count - trace) ** 2, solution };
  };
  const mean = rows.reduce((sum, value) => sum + value * value, 0) / count;
  const best = Array.from({ length: 53 }, (_, k) => scoreOf(10 ** (-12 + k / 4) * mean)).reduce((a, b) => (b.score < a.score ? b : a));
  expect(relativeDifference(weights, best.solution)).toBeLessThan(1e-10);
  const square = targets.reduce((sum, value) => sum + value * value, 0) / count;
  expect(Math.abs(noise - Math.sqrt(best.score / square))).toBeLessThan(1e-10);
});
