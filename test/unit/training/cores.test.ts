// Repulsive cores in a fit: what is subtracted, what is left, what becomes of atoms that no training data show so close.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Prediction } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import type { Potential } from "../../../src/model/potential.js";
import { createStructure, type LabeledStructure, type Structure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { formatConfiguration, parseConfigurationText } from "../../../src/training/configuration-text.js";
import { coresOf } from "../../../src/training/core-settings.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const labeled = (structure: Structure): LabeledStructure => {
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default" } };
};
const frames = (first: number, count: number): LabeledStructure[] => Array.from({ length: count }, (_, k) => labeled(silicon(1, 0.03 + 0.008 * k, first + k)));
const settings = (terms: readonly object[] | null, more: object = {}): ReturnType<typeof parseFitConfiguration> =>
  parseFitConfiguration({ cutoff: { radius: 4 }, basis: { nMax: 4, lMax: 3 }, compression: null, sparse: { count: 40 }, terms, ...more });

async function predict(potential: Potential, structures: readonly Structure[]): Promise<Prediction[]> {
  const evaluator = await backend.createEvaluator(potential);
  try {
    return await evaluator.predict(structures);
  } finally {
    evaluator.destroy();
  }
}

test("silicon: atoms at 1 Å push each other away with a core, and what the data show stays as it was", async () => {
  const [train, held] = [frames(1, 10), frames(30, 4)];
  const [bare, cored] = [await fitPotential(backend, train, settings(null)), await fitPotential(backend, train, settings([{ kind: "zbl" }, {}]))];
  const structure = silicon(1, 0);
  const positions = structure.positions.slice();
  // Atom 4, at a quarter of the cell, to 1 Å from atom 0.
  for (let k = 0; k < 3; k++) positions[12 + k] = 1 / Math.sqrt(3);
  const close = [createStructure({ species: [14, 14], positions: [0, 0, 0, 1, 0, 0] }), { ...structure, positions }];
  const [ofBare, ofCored] = [await predict(bare.potential, close), await predict(cored.potential, close)];
  for (const { energy, forces } of [...ofBare, ...ofCored]) expect([energy, ...forces!].every((value) => Number.isFinite(value) && Math.abs(value) < 1e4)).toBe(true);
  const push = (prediction: Prediction): number => [0, 1, 2].reduce((sum, k) => sum + (prediction.forces![12 + k]! - prediction.forces![k]!) / (2 * Math.sqrt(3)), 0);
  // 207.6 eV/Å by the formula (Eqs. (71) and (72) at 1 Å); what is fitted extrapolates to a little attraction there.
  for (const force of [ofCored[0]!.forces![3]!, push(ofCored[1]!)]) expect(Math.abs(force - 207.63)).toBeLessThan(20);
  for (const force of [ofBare[0]!.forces![3]!, push(ofBare[1]!)]) expect(Math.abs(force)).toBeLessThan(20);
  const errors = async ({ potential }: typeof bare): Promise<number> => (await measureErrors(backend, potential, held)).errors.force_mae!;
  expect((await errors(cored)) / (await errors(bare))).toBeCloseTo(1, 6);
  expect(bare.diagnostics.core).toBeNull();
  expect(bare.potential.pairs).toBeUndefined();
  // No atoms of the training data are as close as 1.776 Å.
  expect(cored.diagnostics.core).toMatchObject({ structures: 0, energy: 0, force: 0 });
  const { inner, outer } = cored.diagnostics.core!.radii[0]!["Si–Si"]!;
  expect([inner, outer].map((r) => r.toFixed(3))).toEqual(["0.888", "1.776"]);
  expect(parseModel(formatModel(cored.potential))).toEqual({ ...cored.potential });
});

test("energies, forces and virials of the core are taken off the labels: what is fitted to labels with it is what is fitted to labels without", async () => {
  const core = { kind: "zbl", inner: 1.5, outer: 3.5 };
  const configuration = settings([core, {}, { features: { kind: "radial-spectrum", normalize: false }, kernel: { zeta: 1 } }], { baseline: { kind: "least-squares" } });
  const elements = coresOf(configuration, [14]);
  const train = frames(1, 6);
  const ofCore = await predict({ species: [14], baseline: new Map(), terms: [], pairs: elements, provenance: {} }, train.map(({ structure }) => structure));
  const withCore = train.map(({ structure, labels }, k): LabeledStructure => {
    const { energy, forces, virial } = ofCore[k]!;
    const plus = (label: Float64Array, own: Float64Array): Float64Array => label.map((value, at) => value + own[at]!);
    // One force is not known.
    const all = plus(labels.forces!, forces!);
    if (k === 2) all[4] = NaN;
    return { structure, labels: { ...labels, energy: labels.energy! + energy, forces: all, virial: plus(labels.virial!, virial!) } };
  });
  const without = train.map(({ structure, labels }, k): LabeledStructure => ({ structure, labels: { ...labels, forces: labels.forces!.map((value, at) => (k === 2 && at === 4 ? NaN : value)) } }));
  const [one, other] = [await fitPotential(backend, withCore, configuration), await fitPotential(backend, without, { ...configuration, terms: configuration.terms!.slice(1) })];
  const held = frames(20, 3).map(({ structure }) => structure);
  const [a, b, c] = [await predict(one.potential, held), await predict(other.potential, held), await predict({ ...one.potential, terms: [], baseline: new Map() }, held)];
  held.forEach((_, k) => {
    for (const key of ["localEnergies", "forces", "virial"] as const) expect(relativeDifference(a[k]![key]!, b[k]![key]!.map((value, at) => value + c[k]![key]![at]!))).toBeLessThan(1e-6);
  });
  expect(Math.max(...c[0]!.forces!)).toBeGreaterThan(0.5);
  const { core: report, baseline } = one.diagnostics;
  expect(baseline.energies["Si"]).toBeCloseTo(other.diagnostics.baseline.energies["Si"]!, 9);
  expect(report!.structures).toBe(6);
  expect(report!.energy).toBeCloseTo(Math.max(...ofCore.map(({ energy }) => energy / 8)), 12);
  expect(report!.force).toBe(Math.max(...ofCore.flatMap(({ forces }) => [...forces!].map(Math.abs))));
});

test("cores of two elements, two cores, a core of given screening", async () => {
  const structure = crystal([6, 14], 6);
  const energy = (k: number): LabeledStructure => ({ structure: crystal([6, 14], 6, k), labels: { energy: -20 + k, forces: null, virial: null, configType: "default" } });
  const other = { kind: "screened-coulomb", coefficients: [0.35, 0.55, 0.1], exponents: [0.3, 1.2, 6], inner: 0.5, outer: 2 };
  const { potential, diagnostics } = await fitPotential(backend, [energy(2), energy(3), energy(4)], settings([{ kind: "zbl" }, { sparse: { count: 8 } }, other]));
  expect(potential.pairs!.map(({ pairs }) => pairs.map(({ species }) => species))).toEqual([[[6, 6], [6, 14], [14, 14]], [[6, 6], [6, 14], [14, 14]]]);
  expect(Object.keys(diagnostics.core!.radii[1]!)).toEqual(["C–C", "C–Si", "Si–Si"]);
  expect(diagnostics.core!.structures).toBe(3);
  expect(Number.isFinite((await predict(potential, [structure]))[0]!.energy)).toBe(true);
});

describe("settings", () => {
  test("what is left out is null, and a configuration comes back from its text", () => {
    const configuration = settings([{}, { kind: "zbl", outer: 2 }]);
    expect(configuration.terms![1]).toEqual({ kind: "zbl", inner: null, outer: 2 });
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration(configuration)))).toEqual(configuration);
    expect(parseFitConfiguration(configuration)).toEqual(configuration);
  });

  test.each([
    [[{ kind: "zbll" }, {}], "terms.0.kind", '"zbll"'],
    [[{}, { kind: "zbl", outer: "2" }], "terms.1.outer", '"2"'],
    [[{}, { kind: "zbl", outer: 11 }], "terms.1.outer", "11"],
    [[{}, { kind: "zbl", inner: -1 }], "terms.1.inner", "-1"],
    [[{}, { kind: "zbl", inner: 2, outer: 2 }], "terms.1.outer", "2"],
    [[{}, { kind: "screened-coulomb", coefficients: [1], exponents: [0] }], "terms.1.exponents.0", "0"],
    [[{}, { kind: "screened-coulomb", coefficients: [0.5], exponents: [1] }], "terms.1.coefficients", "a sum of 0.5"],
    [[{}, { kind: "screened-coulomb", coefficients: [1], exponents: ["1"] }], "terms.1.exponents.0", '"1"'],
    [[{ kind: "zbl" }], "terms", "1 of cores"],
  ])("%j is refused by name", (terms, key, got) => {
    expect(() => settings(terms)).toThrow(expect.objectContaining({ name: "InputError", details: expect.objectContaining({ key, got }) }));
  });

  test("unknown keys have a hint, missing ones a name", () => {
    expect(() => settings([{}, { kind: "zbl", outter: 2 }])).toThrow('unknown key "terms.1.outter": did you mean "terms.1.outer"?');
    expect(() => settings([{ kind: "screened-coulomb", exponents: [1] }, {}])).toThrow('"terms.0.coefficients": missing');
    expect(() => settings([{ kind: "zbl" }, { kernel: { zetta: 2 } }])).toThrow('"terms.1.kernel.zetta"');
    expect(() => parseFitConfiguration({ terms: [{ kind: "zbl", outer: 99 }, {}] }, "my.json")).toThrow("my.json");
  });

  test("radii that leave no room are refused when the elements are known", async () => {
    await expect(fitPotential(backend, frames(1, 2), settings([{ kind: "zbl", inner: 1.9 }, {}]))).rejects.toThrow('"terms.0.pairs.0.outer": switching radii of a core between Si and Si');
  });
});
