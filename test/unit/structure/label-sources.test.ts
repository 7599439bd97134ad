// Labels of several names, units and gaps in one set: what is used, what is counted, and what is warned of.
import { describe, expect, test } from "vitest";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { describeLabels, type LabelCount } from "../../../src/structure/label-report.js";
import type { LabelOverrides } from "../../../src/structure/label-survey.js";
import { parseUnit } from "../../../src/structure/label-units.js";
import { labelStructures, type LabeledData } from "../../../src/structure/labels.js";

const CELL = 'Lattice="2 0 0 0 3 0 0 0 4"';
/** Two atoms in 24 Å³, with a column of three numbers per atom under the name given. */
const frame = (info: string, column = "", cell = CELL, forces = ["1 2 3", "4 5 6"]): string =>
  `2\n${cell} Properties=species:S:1:pos:R:3${column === "" ? "" : `:${column}:R:3`} ${info}\n` +
  forces.map((force, atom) => `Si ${atom} 0 0${column === "" ? "" : ` ${force}`}\n`).join("");
const label = (frames: readonly string[], overrides?: LabelOverrides): LabeledData => labelStructures(parseExtxyz(frames.join(""), "t.xyz"), overrides);
const energies = (data: LabeledData): (number | null)[] => data.data.map(({ labels }) => labels.energy);
const countOf = ({ labels }: LabeledData, key: string): LabelCount => labels[0]!.names.find((name) => name.key === key)!;

describe("names by structure", () => {
  test("sources that mean the same are used together", () => {
    const found = label([...[1, 2, 3].map((e) => frame(`energy=${e}`, "forces")), frame("dft_energy=4", "dft_forces")]);
    expect(energies(found)).toEqual([1, 2, 3, 4]);
    expect(found.data.every(({ labels }) => labels.forces?.[5] === 6)).toBe(true);
    expect(found.warnings).toEqual([]);
    expect(found.labels[0]!.names.map(({ key, used, unused }) => [key, used, unused])).toEqual(
      [["dft_energy", 1, 0], ["energy", 3, 0], ["dft_forces", 1, 0], ["forces", 3, 0]],
    );
    expect(found.labels.map(describeLabels)).toEqual([['energy from "energy" in 3 and "dft_energy" in 1, forces from "forces" in 3 and "dft_forces" in 1, no virial']]);
  });

  test("a plain energy that is a copy of the reference fills gaps; one that differs is a prediction and is warned of", () => {
    const copies = label([frame("energy=-1.00001 dft_energy=-1"), frame("energy=-2")]);
    expect(energies(copies)).toEqual([-1, -2]);
    expect(countOf(copies, "energy")).toMatchObject({ structures: 2, used: 1, unused: 1 });
    expect(copies.warnings).toEqual([]);
    const predicted = label([frame("energy=-1.01 dft_energy=-1"), frame("energy=-2"), frame("energy=-3")]);
    expect(energies(predicted)).toEqual([-1, null, null]);
    expect(predicted.warnings).toMatchObject([{ code: "labels-unused", file: "t.xyz", frame: 1, key: "energy" }]);
    expect(predicted.warnings[0]!.text).toMatch(/^t\.xyz: "energy" of 2 structures, the first of them structure 1, .*looks like a prediction/);
    expect(countOf(predicted, "energy")).toMatchObject({ structures: 3, used: 0, unused: 3, reason: "differs" });
  });

  test.each([
    ["another kind of energy", "energy=-1", "free_energy=-2", "kind"],
    ["another level of theory", "pbe_energy=-1", "scan_energy=-2", "level"],
    ["a prediction alone", "energy=-1", "gap_energy=-2", "prediction"],
  ])("%s fills no gap, and is warned of", (_, one, other, reason) => {
    const found = label([frame(one), frame(one), frame(other)]);
    expect(energies(found)).toEqual([-1, -1, null]);
    expect(countOf(found, other.split("=")[0]!).reason).toBe(reason);
    expect(found.warnings.map(({ code, frame: at }) => [code, at])).toEqual([["labels-unused", 2]]);
  });

  test("a total and a value per atom, a virial and a stress, are converted each by its name", () => {
    const found = label([frame('energy=-6 virial="24 0 0 0 24 0 0 0 24"'), frame('energy_per_atom=-3 stress="-1 -1 -1 0 0 0"')]);
    expect(energies(found)).toEqual([-6, -6]);
    expect(found.data[1]!.labels.virial).toEqual(found.data[0]!.labels.virial);
  });

  test("a name asked for is the only one; others are warned of; false leaves out without a word", () => {
    const frames = [frame("energy=-1 gap_energy=-9"), frame("dft_energy=-2 gap_energy=-8")];
    const asked = label(frames, { energy: "energy" });
    expect(energies(asked)).toEqual([-1, null]);
    expect(asked.warnings).toMatchObject([{ key: "dft_energy", frame: 1 }]);
    expect(label([frame("energy=-1", "forces")], { forces: false }).warnings).toEqual([]);
  });
});

describe("labels that are not there", () => {
  test("nan is no label, by structure and by component, and is counted", () => {
    const found = label([
      frame("energy=nan", "forces", CELL, ["1 nan 3", "4 5 6"]), frame('energy=1 virial="1 0 0 nan 2 0 nan nan nan"', "forces", CELL, ["nan nan nan", "nan nan nan"]),
    ]);
    expect(found.data.map(({ labels }) => labels.forces)).toEqual([Float64Array.of(1, NaN, 3, 4, 5, 6), null]);
    expect(found.data[1]!.labels.virial).toEqual(Float64Array.of(1, 0, 0, 0, 2, 0, 0, 0, NaN));
    expect(energies(found)).toEqual([null, 1]);
    expect(found.labels.flatMap(describeLabels)).toEqual([
      'energy from "energy" in 1, forces from "forces" in 1, virial from "virial" in 1', 'not there (nan): "energy" in 1, "forces" in 1',
      'some components nan: "forces" in 1, "virial" in 1',
    ]);
  });

  test("a reference that is nan gives way to a copy under another name", () => {
    expect(energies(label([frame("dft_energy=nan energy=-1"), frame("dft_energy=-2 energy=-2")]))).toEqual([-1, -2]);
  });

  test("a stress without a cell is counted; one of other numbers than 0 is warned of", () => {
    const zeros = label([frame('energy=1 stress="0 0 0 0 0 0"', "", "")]);
    expect(countOf(zeros, "stress")).toMatchObject({ structures: 1, used: 0, unused: 1, withoutCell: 1 });
    expect(zeros.labels.flatMap(describeLabels)).toEqual(['energy from "energy" in 1, no forces, virial from "stress" (stress): 0 used, 1 without a cell']);
    expect(zeros.warnings).toEqual([]);
    expect(label([frame('energy=1 stress="1 0 0 0 0 0"', "", "")]).warnings).toMatchObject([{ key: "stress", frame: 0 }]);
  });

  test("a stress beside a cell without volume names file, line and structure; a virial is taken", () => {
    const slab = 'Lattice="2 0 0 0 3 0 0 0 0" pbc="T T F"';
    expect(() => label([frame("energy=1"), frame('stress="1 1 1 0 0 0"', "", slab)])).toThrow('t.xyz:5, structure 1, "stress": a stress needs a volume');
    expect(label([frame('virial="1 1 1 0 0 0"', "", slab)]).data[0]!.labels.virial![0]).toBe(1);
  });
});

describe("units", () => {
  // Values of other tables: ASE 3.23 units (CODATA 2014): GPa 0.0062415091 eV/Å³, Hartree 27.2113860 eV, kcal/mol 0.0433641 eV, Bohr 0.5291772 Å.
  test.each([
    ["energy_Ha=1", 27.211386], ["energy_hartree=1", 27.211386], ["total_energy_Ry=2", 27.211386], ["energy_kcal_mol=1", 0.0433641], ["energy_kcalmol=1", 0.0433641],
    ["dft_energy_kJ_per_mol=4.184", 0.0433641], ["energy_meV=1000", 1], ["energy_in_eV=1", 1], ["energy_meV_per_atom=1000", 2],
  ])("%s is %f eV", (info, expected) => {
    expect(Math.abs(energies(label([frame(info)]))[0]! / expected - 1)).toBeLessThan(1e-6);
  });

  test.each([
    ["forces_Ha_per_bohr", 51.422068], ["forces_hartree_bohr", 51.422068], ["forces_eV", 1], ["forces_kcal_mol_A", 0.0433641], ["forces_ev_ang", 1], ["REF_forces_au", 51.422068],
  ])("%s is %f eV/Å", (name, expected) => {
    expect(Math.abs(label([frame("energy=1", name)]).data[0]!.labels.forces![0]! / expected - 1)).toBeLessThan(1e-6);
  });

  test.each([
    ["stress_kbar", 1602.1766], ["stress_GPa", 160.21766], ["stress_MPa", 160217.66], ["stress_bar", 1602176.6], ["stress_eV_per_A3", 1], ["stress_ev_ang3", 1],
  ])("%s: %f of it are 1 eV/Å³, positive under tension", (name, value) => {
    const virial = label([frame(`${name}="${value} 0 0 0 0 0"`)]).data[0]!.labels.virial!;
    expect(Math.abs(virial[0]! + 24)).toBeLessThan(1e-5);
  });

  test.each([["energy_GPa", "energy"], ["energy_eV_Ha", "energy"], ["stress_Ha", "virial"], ["virial_kbar", "virial"]])("%s is refused with the setting", (name, property) => {
    const value = property === "energy" ? "1" : '"1 0 0 0 0 0"';
    expect(() => label([frame(`${name}=${value}`)])).toThrow(new RegExp(`t\\.xyz, "${name}": unit in the name .* keys\\.${property}Unit`));
  });
  test("forces in Ha, per what?", () => expect(() => label([frame("energy=1", "forces_Ha")])).toThrow(/keys\.forcesUnit/));

  test("a setting goes before the name, and must fit it", () => {
    expect(energies(label([frame("energy_GPa=2")], { energyUnit: "meV" }))).toEqual([0.002]);
    expect(label([frame('stress="160.21766208 0 0 0 0 0"')], { virialUnit: "GPa" }).data[0]!.labels.virial![0]).toBeCloseTo(-24, 6);
    expect(() => label([frame('virial="1 0 0 0 0 0"')], { virialUnit: "GPa" })).toThrow('"keys.virialUnit": unit of another kind of number: expected eV, meV');
    expect([parseUnit("furlong", "energy"), parseUnit("kcal/mol/Å", "energy"), parseUnit("Å", "force"), parseUnit("mol", "energy")]).toEqual([null, null, null, null]);
    expect(parseUnit("MeV", "energy")).toBe(null);
    expect(parseUnit("eV/Å^3", "pressure")).toEqual({ name: "eV/Å³", factor: 1 });
  });
});
