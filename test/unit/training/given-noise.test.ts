// σ, weights and gaps that the data give, against rows scaled by hand: a fit's rows with unit weights are those of L K, and Λ^{−1/2} is a diagonal.
import { afterAll, expect, test } from "vitest";
import { CpuBackend } from "../../../src/backend/cpu/cpu-backend.js";
import type { FitCenter, FitStructure } from "../../../src/backend/backend.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { labelStructures } from "../../../src/structure/labels.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { countNoise, fitStructure } from "../../../src/training/fit-structure.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { measureErrors } from "../../../src/training/measure-errors.js";

const noise = parseFitConfiguration({ noise: { energy: 0.01, forces: 0.05, virial: 0.1, byConfigType: { soft: { forces: 0.5 } } } }).noise;
const NINE = "1 2 3 2 4 5 3 5 6";
const CELL = 'Lattice="3 0 0 0 3 0 0 0 3"';

function read(info: string, columns = "", values: readonly string[] = ["", ""], forces: readonly string[] = ["1 2 3", "4 5 6"]): LabeledStructure {
  const text = `2\n${CELL} Properties=species:S:1:pos:R:3:forces:R:3${columns} energy=2 virial="${NINE}" ${info}\n` +
    forces.map((force, k) => `Si ${k * 1.4} ${k * 1.3} ${k * 1.5} ${force} ${values[k]!}\n`).join("");
  return labelStructures(parseExtxyz(text, "t.xyz")).data[0]!;
}
const weights = (labeled: LabeledStructure): FitStructure["weights"] => fitStructure(labeled, new Map([[14, 0]]), noise).weights;

test("the nearest σ counts: component, atom, structure, config_type, all", () => {
  const plain = weights(read(""));
  expect(plain).toEqual({ energy: 1 / (0.01 * Math.sqrt(2)), forces: 1 / 0.05, virial: 1 / (0.1 * Math.sqrt(2)) });
  expect(weights(read("config_type=soft")).forces).toBe(2);
  // Absolute, as in gap_fit: no √N.
  const frame = "config_type=soft energy_sigma=0.25 force_sigma=0.5 virial_sigma=2";
  expect(weights(read(frame))).toEqual({ energy: 4, forces: 2, virial: 0.5 });
  expect(weights(read(frame, ":force_sigma:R:1", ["0.5", "4"])).forces).toEqual(Float64Array.of(2, 2, 2, 0.25, 0.25, 0.25));
  expect(weights(read(frame, ":force_atom_sigma:R:1", ["0.5", "4"])).forces).toEqual(Float64Array.of(2, 2, 2, 0.25, 0.25, 0.25));
  expect(weights(read(frame, ":force_atom_sigma:R:1:force_component_sigma:R:3", ["9 1 2 4", "9 8 16 32"])).forces)
    .toEqual(Float64Array.of(1, 0.5, 0.25, 0.125, 0.0625, 0.03125));
  // xx, yy, zz, yz, xz, xy
  expect(weights(read('virial_component_sigma="1 2 4 8 16 32"')).virial).toEqual(Float64Array.of(1, 0.5, 0.25, 0.125, 0.0625, 0.03125));
  expect(fitStructure(read("energy_sigma=0.25"), new Map([[14, 0]]), { ...noise, fromData: false }).weights).toEqual(plain);
});

test("a weight divides σ by its root; 0 leaves out", () => {
  expect(weights(read("energy_sigma=0.25 config_weight=4"))).toEqual({ energy: 8, forces: 40, virial: 2 / (0.1 * Math.sqrt(2)) });
  expect(weights(read("weight=4 forces_weight=0.25")).forces).toBe(20);
  const { energy, forces, virial } = fitStructure(read("forces_weight=0"), new Map([[14, 0]]), noise);
  expect([energy, forces, virial !== null]).toEqual([2, null, true]);
});

test("components that are nan have weight 0, and count nowhere", () => {
  const labeled = read("", "", ["", ""], ["nan 2 3", "4 5 6"]);
  const { forces, weights: own } = fitStructure(labeled, new Map([[14, 0]]), noise);
  expect(forces).toEqual(Float64Array.of(0, 2, 3, 4, 5, 6));
  expect(own.forces).toEqual(Float64Array.of(0, 20, 20, 20, 20, 20));
  expect(countNoise([labeled, read("energy_sigma=1 weight=2"), read("config_type=soft forces_weight=0")], noise)).toEqual({
    energy: { all: 2, frame: 1, weighted: 1 }, forces: { all: 11, weighted: 6 }, virial: { all: 18, weighted: 6 },
  });
});

test.each([
  ["energy_sigma=0", "", ["", ""], '"energy_sigma": σ is not above 0'],
  ["energy_sigma=nan", "", ["", ""], '"energy_sigma": σ is not above 0'],
  ["virial_sigma=-1", "", ["", ""], "got -1"],
  ["", ":force_sigma:R:1", ["1", "0"], 'atom 1, "force_sigma": σ is not above 0'],
  ["", ":force_component_sigma:R:3", ["1 1 nan", "1 1 1"], 'atom 0, "force_component_sigma"'],
  ["", ":force_atom_sigma:R:3", ["1 1 1", "1 1 1"], "expected force_atom_sigma:R:1"],
  ["config_weight=-1", "", ["", ""], '"config_weight": weight of a structure is out of range'],
])("%s%s %j is an error", (info, columns, values, message) => {
  expect(() => read(info, columns, values)).toThrow(message);
  expect(() => read(info, columns, values)).toThrow("t.xyz:1, structure 0");
});

const backend = await CpuBackend.create(1);
afterAll(() => backend.destroy());
const SMALL = { cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 }, kernel: { zeta: 2 }, sparse: { count: 4 } };

test("rows with σ of their own are the rows of weight 1, scaled", async () => {
  const configuration = parseFitConfiguration(SMALL);
  const { potential } = await fitPotential(backend, [read(""), read("", "", ["", ""], ["0 0 1", "0 1 0"])], configuration);
  const [term] = potential.terms;
  const centers = term!.centers.map((center): FitCenter => {
    const points = center.weights.length;
    return { ...center, factor: Float64Array.from({ length: points * points }, (_, k) => Number(k % (points + 1) === 0)) };
  });
  const one = fitStructure(read(""), potential.baseline, noise);
  const rows = async (own: FitStructure["weights"]): Promise<[number[], number[]]> => {
    const { values, targets } = await backend.computeFitRows([{ ...one, weights: own }], [14], [{ ...term!, centers }]);
    return [[...values], [...targets]];
  };
  const [unit, labels] = await rows({ energy: 1, forces: 1, virial: 1 });
  const scales = [3, 1, 0.5, 0, 2, 4, 8, 1, 2, 3, 4, 5, 0];
  const columns = unit.length / labels.length;
  const [values, targets] = await rows({ energy: 3, forces: Float64Array.from(scales.slice(1, 7)), virial: Float64Array.from(scales.slice(7)) });
  expect(targets).toEqual(labels.map((label, row) => label * scales[row]!));
  values.forEach((value, k) => expect(Math.abs(value - unit[k]! * scales[Math.floor(k / columns)]!)).toBeLessThan(1e-13));
  expect(unit.some((value) => Math.abs(value) > 1e-3)).toBe(true);
});

test("a force that is not there changes nothing, whatever stands in its place; errors leave it out", async () => {
  const configuration = parseFitConfiguration({ ...SMALL, sparse: { count: 2 } });
  const gap = [read("", "", ["", ""], ["nan 2 3", "4 5 6"])];
  const loose = [read("", ":force_component_sigma:R:3", ["1e12 0.05 0.05", "0.05 0.05 0.05"], ["77 2 3", "4 5 6"])];
  const [a, b] = [await fitPotential(backend, gap, configuration), await fitPotential(backend, loose, configuration)];
  expect([a.diagnostics.rows, b.diagnostics.rows]).toEqual([12, 13]);
  const [ours, theirs] = [a, b].map(({ potential }) => potential.terms[0]!.centers[0]!.weights) as [Float64Array, Float64Array];
  ours.forEach((weight, k) => expect(Math.abs(weight - theirs[k]!)).toBeLessThan(1e-6 * Math.abs(weight)));
  const { errors, predictions } = await measureErrors(backend, a.potential, gap);
  const missed = [1, 2, 3, 4, 5].map((k) => Math.abs(predictions[0]!.forces![k]! - (k + 1)));
  expect(errors.force_mae).toBeCloseTo(missed.reduce((sum, error) => sum + error / 5, 0), 12);
});
