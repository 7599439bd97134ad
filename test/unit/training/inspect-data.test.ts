// Each kind of doubtful data warns once, with the frame that shows it best; good data, and all good sets at hand, do not.
import { describe, expect, test } from "vitest";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { readAllStructures } from "../../../src/node/index.js";
import { speciesOf } from "../../../src/features/feature-layout.js";
import { findLabelKeys, readLabels } from "../../../src/structure/labels.js";
import { createStructure, type LabeledStructure, type Labels, type Structure } from "../../../src/structure/structure.js";
import { findBaseline } from "../../../src/training/baseline.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { inspectData, inspectErrors, inspectTestData } from "../../../src/training/inspect-data.js";
import { errorReport } from "../../../src/training/measure-errors.js";
import { describeShared } from "../../shared-data.js";
import { ethanol, silicon } from "../backend/systems.js";

function label(structure: Structure, change: Partial<Labels> = {}): LabeledStructure {
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default", ...change } };
}

/** Noisy diamond at different volumes. */
function scaled(factor: number, seed: number, noise = 0.05): Structure {
  const { species, positions, cell } = silicon(1, noise, seed);
  return createStructure({ species, positions: positions.map((x) => factor * x), cell: cell!.map((x) => factor * x) });
}

const good = Array.from({ length: 12 }, (_, k) => label(scaled(0.97 + 0.006 * k, k + 1)));
/** The good frames with one of them changed. */
const withChange = (frame: number, change: (one: LabeledStructure) => LabeledStructure): LabeledStructure[] =>
  good.map((one, k) => (k === frame ? change(one) : one));
const labels = (change: (labels: Labels) => Partial<Labels>) => (one: LabeledStructure): LabeledStructure => ({ ...one, labels: { ...one.labels, ...change(one.labels) } });
const positions = (change: (x: number, k: number) => number) => ({ structure, labels: own }: LabeledStructure): LabeledStructure => ({
  structure: { ...structure, positions: structure.positions.map(change) }, labels: own,
});
const brief = (data: readonly LabeledStructure[]): unknown[] => inspectData(data).map(({ code, frame }) => [code, frame]);

test("good data do not warn", () => {
  expect(inspectData(good)).toEqual([]);
  expect(inspectData([])).toEqual([]);
  expect(inspectData([label(createStructure({ species: [14], positions: [0, 0, 0] }))])).toEqual([]);
  // Perfect crystals, whose forces vanish and whose energies hardly differ, beside an ordinary one.
  expect(inspectData([...Array.from({ length: 9 }, (_, k) => label(scaled(1 + 1e-3 * k, 1, 0))), label(scaled(1, 2))])).toEqual([]);
});

test("every warning says file and frame as they were read", () => {
  const read = withChange(3, (one) => labels(({ energy }) => ({ energy: energy! + 800 }))({ ...one, structure: { ...one.structure, origin: { file: "b.xyz", line: 90, structure: 7 } } }));
  expect(inspectData(read)).toMatchObject([{ code: "energy-outlier", file: "b.xyz", frame: 7, text: expect.stringMatching(/100 eV per atom.*\(b\.xyz, frame 7\)$/) }]);
});

describe("distances", () => {
  test("two atoms closer than 0.6 of their covalent radii; images count", () => {
    const near = withChange(5, positions((x, k) => (k === 3 ? good[5]!.structure.positions[0]! + 0.9 : k === 4 || k === 5 ? good[5]!.structure.positions[k - 3]! : x)));
    expect(brief(near)).toEqual([["atoms-too-close", 5]]);
    const thin = label(createStructure({ species: [14], positions: [0, 0, 0], cell: [1.3, 0, 0, 0, 5, 0, 0, 0, 5] }), { energy: null, forces: null, virial: null });
    expect(brief([...good, thin])).toEqual([["atoms-too-close", 12]]);
    expect(inspectData([...good, thin])[0]!.text).toContain("smallest distance is 1.30 Å");
  });

  test("bonds of molecules are no doubt, of hydrogen in a box neither", () => {
    const hydrogen = createStructure({ species: [1, 1], positions: [0, 0, 0, 0.74, 0, 0], cell: [9, 0, 0, 0, 9, 0, 0, 0, 9] });
    const methane = createStructure({ species: [6, 1, 1, 1, 1], positions: [0, 0, 0, 0.63, 0.63, 0.63, -0.63, -0.63, 0.63, 0.63, -0.63, -0.63, -0.63, 0.63, -0.63], cell: [9, 0, 0, 0, 9, 0, 0, 0, 9] });
    const bare = { energy: null, forces: null, virial: null, configType: "default" };
    expect(inspectData([hydrogen, methane, ethanol()].map((structure) => ({ structure, labels: bare })))).toEqual([]);
  });

  test("fractional coordinates under a Cartesian name", () => {
    const fractional = good.map((one, k) => positions((x) => x / one.structure.cell![0]!)({ ...one, labels: { ...one.labels, virial: k === 0 ? null : one.labels.virial } }));
    expect(brief(fractional).map((one) => (one as string[])[0])).toEqual(["coordinates-fractional"]);
    expect(inspectData(fractional)[0]!.text).toMatch(/12 of 12 frames look like fractional coordinates/);
  });
});

describe("labels", () => {
  test("an energy and a force far from the rest; NaN is no number to compare", () => {
    expect(brief(withChange(4, labels(({ energy }) => ({ energy: energy! + 12 }))))).toEqual([["energy-outlier", 4]]);
    // Both signs, so that the sum stays zero.
    const pulled = labels(({ forces }) => ({ forces: forces!.map((value, k) => value + (k === 0 ? 40 : k === 3 ? -40 : 0)) }));
    expect(brief(withChange(2, pulled))).toEqual([["force-outlier", 2]]);
    const unknown = labels(({ forces }) => ({ forces: forces!.map(() => NaN) }));
    expect(brief(withChange(2, pulled).map((one, k) => (k > 3 ? unknown(one) : one)))).toEqual([["force-outlier", 2]]);
    expect(brief(good.map(unknown))).toEqual([]);
  });

  test("a wild energy among two elements is found although it bends the fitted baseline", () => {
    const mixed = Array.from({ length: 60 }, (_, k): LabeledStructure => ({
      structure: createStructure({ species: [14, k % 2 ? 14 : 6], positions: [0, 0, 0, 2 + 0.01 * k, 0, 0] }),
      labels: { energy: (k % 2 ? -320 : -310) + 0.01 * k + (k === 40 ? 1e4 : 0), forces: null, virial: null, configType: "default" },
    }));
    expect(brief(mixed)).toEqual([["energy-outlier", 40]]);
  });

  test("forces that do not sum to zero, but not the rounding of files", () => {
    expect(brief(withChange(7, labels(({ forces }) => ({ forces: forces!.map((value, k) => value + (k % 3 === 1 ? 0.5 : 0)) }))))).toEqual([["net-force", 7]]);
    expect(inspectData(good.map(labels(({ forces }) => ({ forces: forces!.map((value) => Math.round(100 * value) / 100) }))))).toEqual([]);
  });

  test("virials of the other sign, from strain of perfect and of noisy cells; a few frames of many prove nothing", () => {
    const flip = labels(({ virial }) => ({ virial: virial!.map((value) => -value) }));
    expect(inspectData(good.map(flip)).map(({ code }) => code)).toEqual(["virial-sign"]);
    const perfect = good.map((_, k) => label(scaled(0.97 + 0.006 * k, 1, 0), { forces: null }));
    expect(inspectData(perfect)).toEqual([]);
    expect(inspectData(perfect.map(flip)).map(({ code }) => code)).toEqual(["virial-sign"]);
    expect(inspectData(withChange(3, flip))).toEqual([]);
    // In every frame another atom is written in the next cell.
    const moved = good.map((one, k) => positions((x, at) => (at === 3 * (k % 8) ? x + one.structure.cell![0]! : x))(one));
    expect(inspectData(moved)).toEqual([]);
    expect(inspectData(moved.map(flip)).map(({ code }) => code)).toEqual(["virial-sign"]);
  });

  test("the other sign is found in sheared cells of one volume, too", () => {
    const sheared = Array.from({ length: 8 }, (_, k) => {
      const { species, positions: at, cell } = silicon(1, 0, 1);
      const shear = (values: Float64Array): Float64Array => values.map((x, i) => (i % 3 === 0 ? x + 0.012 * (k + 1) * values[i + 1]! : x));
      return label(createStructure({ species, positions: shear(at), cell: shear(cell!) }));
    });
    expect(inspectData(sheared)).toEqual([]);
    expect(inspectData(sheared.map(labels(({ virial }) => ({ virial: virial!.map((value) => -value) })))).map(({ code }) => code)).toEqual(["virial-sign"]);
  });
});

describe("repetitions", () => {
  const again = positions((x) => Math.round(x * 1e5) / 1e5);

  test("a structure that occurs twice, written with other digits", () => {
    expect(brief([...good, again(good[8]!)])).toEqual([["repeated-frames", 12]]);
    expect(inspectData([...good, again(good[8]!)])[0]!.text).toMatch(/1 of 13 frames repeats.*repeats frame 8 \(frame 12\)/);
    expect(brief([...good, labels(({ energy }) => ({ energy: energy! + 0.2 }))(good[8]!)])).toEqual([["repeated-frames-differ", 12]]);
    expect(brief([...good, positions((x, k) => x + (k === 5 ? 0.003 : 0))(good[8]!)])).toEqual([]);
  });

  test("test structures among the training structures", () => {
    const test = [label(scaled(1, 50)), again(good[3]!), good[9]!];
    expect(inspectTestData(good, test)).toMatchObject([{ code: "test-in-train", frame: 1, text: expect.stringMatching(/2 of 3 test frames occur in the training data; test frame 1 is frame 3 there/) }]);
    expect(inspectTestData(good, test.slice(0, 1))).toEqual([]);
    // Repetitions within one set are another matter.
    expect(inspectTestData([...good, good[0]!], [test[0]!, test[0]!])).toEqual([]);
  });
});

test("σ that the errors exceed by far, for the config_type in which it is worst", () => {
  const data = good.map((one, k) => labels(() => ({ configType: k < 3 ? "a" : "b" }))(one));
  const predictions = data.map(({ labels: own }) => ({ energy: own.energy! + 0.8, localEnergies: new Float64Array(8), forces: own.forces, virial: own.virial }));
  const errors = errorReport(data, predictions);
  expect(inspectErrors(errors, parseFitConfiguration({}))).toEqual([]);
  expect(inspectErrors(errors, parseFitConfiguration({ noise: { byConfigType: { b: { energy: 0.001 } } } }))).toMatchObject([
    { code: "noise-too-small", key: "noise.energy", text: expect.stringMatching(/config_type b are 100 times/) },
  ]);
});

const SETS = [
  "zuo2020/Si_train", "zuo2020/Si_test", "silicon/Si_tiny", "silicon/testing_database", "rmd17/ethanol_train_01", "rmd17/aspirin_test_01",
  "molecules/qm9_subset_600", "molecules/zundel",
].map((name) => `data/${name}.xyz`);

describeShared("sets that people have fitted", SETS, (...paths) => {
  test.each(paths)("%s is not doubted", async (path) => {
    const structures = await readAllStructures(path);
    const keys = findLabelKeys(structures);
    const data = structures.map((structure) => ({ structure, labels: readLabels(structure, keys) }));
    expect(inspectData(data)).toEqual([]);
    expect(findBaseline(data, speciesOf(structures), parseFitConfiguration({})).warnings).toEqual([]);
    const flipped = data.map(labels(({ virial }) => ({ virial: virial?.map((value) => -value) ?? null })));
    const expected = /Si_train|Si_tiny/.test(path) ? ["virial-sign"] : [];
    expect(inspectData(flipped).map(({ code }) => code)).toEqual(expected);
  });
});
