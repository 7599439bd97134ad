import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { describeLabels } from "../../../src/structure/label-report.js";
import { findLabelKeys, LabelSurvey, type LabelOverrides } from "../../../src/structure/label-survey.js";
import { isIsolatedAtom, labelStructures, readLabels } from "../../../src/structure/labels.js";
import type { Structure } from "../../../src/structure/structure.js";

/** Two atoms in a cell of volume 24 Å³ with per-atom columns of three numbers each under the names given. */
function frame(info: string, columns: readonly string[] = [], cell = 'Lattice="2 0 0 0 3 0 0 0 4"'): Structure {
  const properties = ["species:S:1:pos:R:3", ...columns.map((name) => `${name}:R:3`)].join(":");
  const atom = (at: number): string => `Si ${at} 0 0 ${columns.map((_, index) => `${at + index} 0.5 -1`).join(" ")}`;
  return parseExtxyz(`2\n${cell} Properties=${properties} ${info}\n${atom(0)}\n${atom(1)}\n`)[0]!;
}

function chosen(info: string, columns: readonly string[] = [], overrides?: LabelOverrides): (string | null)[] {
  const { energy, forces, virial } = findLabelKeys([frame(info, columns)], overrides);
  return [energy, forces, virial].map((sources) => sources[0]?.key ?? null);
}

const NINE = '"1 2 3 2 4 5 3 5 6"';

describe("which names are taken", () => {
  test.each<[string, string[], (string | null)[]]>([
    [`energy=-1 virial=${NINE}`, ["forces"], ["energy", "forces", "virial"]],
    [`dft_energy=-1 dft_virial=${NINE}`, ["dft_force"], ["dft_energy", "dft_force", "dft_virial"]],
    [`REF_energy=-1 REF_stress=${NINE}`, ["REF_forces"], ["REF_energy", "REF_forces", "REF_stress"]],
    [`Energy=-1 virials=${NINE}`, ["force"], ["Energy", "force", "virials"]],
    ["energies=-1", ["dft_forces"], ["energies", "dft_forces", null]],
    ["TotEnergy=-1 total_energy=-2", [], ["TotEnergy", null, null]],
    ["DFT_energy=-1", ["DFT_forces"], ["DFT_energy", "DFT_forces", null]],
    ["energy_dft=-1", ["forces_dft"], ["energy_dft", "forces_dft", null]],
    // The marked reference before the plain name, whichever comes first.
    ["energy=-1 dft_energy=-2", ["forces", "dft_forces"], ["dft_energy", "dft_forces", null]],
    ["REF_energy=-2 energy=-1", ["REF_forces", "forces"], ["REF_energy", "REF_forces", null]],
    // Predictions never, even when there is nothing else.
    ["gap_energy=-1 energy=-2", ["gap_force", "force"], ["energy", "force", null]],
    [`gap_energy=-1 MACE_energy=-2 predicted_energy=-3 lather_energy=-4 gap_virial=${NINE}`, ["gap_force", "MACE_forces"], [null, null, null]],
    // Totals before free and formation energies, these before nothing.
    ["free_energy=-1 energy=-2", [], ["energy", null, null]],
    ["dft_formation_energy=-1 energy=-2", [], ["energy", null, null]],
    ["formation_energy=-1", [], ["formation_energy", null, null]],
    ["dft_formation_energy_per_atom_in_eV=-4.2 cutoff=-1 nneightol=1.2", [], ["dft_formation_energy_per_atom_in_eV", null, null]],
    ["energy_per_atom=-1 energy=-2", [], ["energy", null, null]],
    // Virial before stress.
    [`stress=${NINE} virial=${NINE}`, [], [null, null, "virial"]],
    [`stress=${NINE} dft_virial=${NINE} virial=${NINE}`, [], [null, null, "dft_virial"]],
    // Not labels.
    ["cut_off_energy=250 elec_energy_tol=1e-7 kinetic_energy=1 energy_sigma=0.01 enthalpy=-3 potential=-76 calculate_stress=T",
      ["momenta", "force_sigma"], [null, null, null]],
  ])("%s %s", (info, columns, expected) => {
    expect(chosen(info, columns)).toEqual(expected);
  });

  test("the name that more structures have goes first among equals", () => {
    const frames = [frame("pbe_energy=-1"), frame("scan_energy=-2"), frame("scan_energy=-3")];
    expect(findLabelKeys(frames).energy.map(({ key }) => key)).toEqual(["scan_energy"]);
  });

  test("overrides: a name, none, or find", () => {
    const info = "energy=-1 gap_energy=-2 dft_energy=-3";
    expect(chosen(info, ["forces", "x"], { energy: "gap_energy", forces: "x", virial: null })).toEqual(["gap_energy", "x", null]);
    expect(chosen(info, ["forces"], { energy: false, forces: false, virial: false })).toEqual([null, null, null]);
    expect(chosen(info, ["forces"], { energy: null })).toEqual(["dft_energy", "forces", null]);
  });

  test("a name asked for that does not occur is an error that lists what does", () => {
    expect(() => chosen("energy=-1 cutoff=5", ["forces"], { energy: "Energy" })).toThrow(InputError);
    expect(() => chosen("energy=-1 cutoff=5", ["forces"],
      { energy: "Energy" })).toThrow('"Energy": no structure has this comment-line entry for the energy: expected one of "energy", "cutoff"');
    expect(() => chosen("energy=-1", ["forces"], { forces: "energy" })).toThrow('expected one of "forces"');
    expect(() => chosen("", [], { forces: "f" })).toThrow("there is none");
  });
});

describe("the report", () => {
  const frames = [
    frame("config_type=a energy=-1 dft_energy=-1.5 gap_energy=-2 cutoff=5 kpoints=\"1 2 3\" name=x", ["forces"]),
      frame("dft_energy=-1 cutoff=5", ["forces"]), frame("dft_energy=-1 weight=2"),
  ];

  test("says what was taken for how many, what else could have been, and which other numbers there were", () => {
    const keys = findLabelKeys(frames);
    expect([keys.energy, keys.forces, keys.virial].map((sources) => sources.map(({ key }) => key))).toEqual([["dft_energy"], ["forces"], []]);
    expect(keys.candidates).toEqual([
      { key: "energy", structures: 1, property: "energy", reason: "differs" }, { key: "gap_energy", structures: 1, property: "energy", reason: "prediction" },
    ]);
    expect(keys.others).toEqual([{ key: "cutoff", structures: 2 }, { key: "kpoints", structures: 1 }]);
    expect(labelStructures(frames).labels.flatMap(describeLabels)).toEqual([
      'energy from "dft_energy" in 3, forces from "forces" in 2, no virial',
      'not used: "energy" in 1 (differs from the name taken), "gap_energy" in 1 (looks predicted)', "other numbers: cutoff, kpoints",
    ]);
  });

  test("structures one at a time give the same", () => {
    const survey = new LabelSurvey();
    for (const structure of frames) survey.add(structure);
    expect(survey.keys()).toEqual(findLabelKeys(frames));
  });

  test("no labels at all is for the caller to judge", () => {
    const keys = findLabelKeys([frame("cutoff=5")]);
    expect([keys.energy, keys.forces, keys.virial]).toEqual([[], [], []]);
    expect(readLabels(frame("energy=5"), keys)).toEqual({ energy: null, forces: null, virial: null, configType: "default" });
    expect(findLabelKeys([]).structures).toBe(0);
    expect(() => labelStructures([frame("cutoff=5")])).toThrow("no energies, forces or virials found");
  });

  test("per-atom energies and stresses are announced", () => {
    expect(labelStructures([frame(`energy_per_atom=-1 stress=${NINE}`)]).labels.flatMap(describeLabels)).toEqual([
      'energy from "energy_per_atom" (per atom) in 1, no forces, virial from "stress" (stress) in 1',
    ]);
  });
});

describe("values", () => {
  const read = (info: string, columns: readonly string[] = [], cell?: string): ReturnType<typeof readLabels> => {
    const structure = frame(info, columns, cell);
    return readLabels(structure, findLabelKeys([structure]), { file: "t.xyz", structure: 7 });
  };

  test("energy, forces, virial, configuration type", () => {
    expect(read(`config_type=liq energy=-1.25 virial=${NINE}`, ["forces"])).toEqual({
      energy: -1.25, forces: Float64Array.of(0, 0.5, -1, 1, 0.5, -1), virial: Float64Array.of(1, 2, 3, 2, 4, 5, 3, 5, 6), configType: "liq",
    });
    expect(read("config_type=12").configType).toBe("12");
  });

  test("what a structure lacks is null", () => {
    const keys = findLabelKeys([frame(`energy=-1 virial=${NINE}`, ["forces"])]);
    expect(readLabels(frame("x=1"), keys)).toEqual({ energy: null, forces: null, virial: null, configType: "default" });
  });

  test("a per-atom energy counts once per atom", () => {
    for (const key of ["energy_per_atom", "dft_formation_energy_per_atom_in_eV", "energyPerAtom", "total_energy_peratom"]) {
      expect(read(`${key}=-1.5`).energy).toBe(-3);
    }
    expect(read("energy=-1.5").energy).toBe(-1.5);
  });

  test("stress in the sign of ASE: under tension positive, virial = -V stress; 6 numbers in Voigt order", () => {
    // V = 24 Å³.
    expect(read(`stress=${NINE}`).virial).toEqual(Float64Array.of(-24, -48, -72, -48, -96, -120, -72, -120, -144));
    expect(read('stress="1 4 6 5 3 2"').virial).toEqual(Float64Array.of(-24, -48, -72, -48, -96, -120, -72, -120, -144));
    expect(read('virial="1 4 6 5 3 2"').virial).toEqual(Float64Array.of(1, 2, 3, 2, 4, 5, 3, 5, 6));
    expect(read("virial=[[1,2,3],[2,4,5],[3,5,6]]").virial).toEqual(Float64Array.of(1, 2, 3, 2, 4, 5, 3, 5, 6));
    expect(read(`stress=${NINE}`, [], 'Lattice="2 0 0 0 3 0 0 0 -4"').virial![0]).toBe(-24);
  });

  test("the sign rule holds for a harmonic bond under strain", () => {
    // E = ½k(d − d₀)², a bond along x between an atom and its image in a cell of length d: σ_xx = ∂E/∂ε_xx / V = k(d − d₀)d / V, tension when d > d₀.
    const [k, d, d0] = [3, 2, 1.9];
    const stress = (k * (d - d0) * d) / 24;
    const virial = read(`stress="${stress} 0 0 0 0 0 0 0 0"`).virial!;
    const energy = (strain: number): number => (k / 2) * (d * (1 + strain) - d0) ** 2;
    const derivative = (energy(1e-4) - energy(-1e-4)) / 2e-4;
    expect(Math.abs(virial[0]! + derivative) <= 1e-7).toBe(true);
  });

  test("rounding is symmetrized, a tensor that is none is refused", () => {
    expect(read('virial="100 0.5 0 0.7 100 0 0 0 100"').virial).toEqual(Float64Array.of(100, 0.6, 0, 0.6, 100, 0, 0, 0, 100));
    expect(read('virial="1e-5 1e-5 0 -1e-5 0 0 0 0 0"').virial![1]).toBe(0);
    expect(() => read('virial="100 5 0 7 100 0 0 0 100"')).toThrow('t.xyz, structure 7, "virial": virial is not symmetric');
  });

  test.each<[string, string, string[], string | undefined, string[]]>([
    ["infinite energy", "energy=-inf", [], undefined, ['"energy"', "-Infinity"]],
    ["word for an energy", "energy=unknown", [], undefined, ['"energy"', "a number in eV", "unknown"]],
    ["two energies", 'energy="1 2"', [], undefined, ['"energy"', "a number in eV", "[1,2]"]],
    ["virial of eight numbers", 'virial="1 2 3 4 5 6 7 8"', [], undefined, ['"virial"', "9 numbers, or 6"]],
    ["infinite virial", 'virial="1 2 3 2 inf 5 3 5 6"', [], undefined, ['"virial"', "9 numbers", "Infinity"]],
    ["virial that is a word", "virial=none", [], undefined, ['"virial"', "9 numbers", "none"]],
    ["stress beside a cell without volume", `stress=${NINE}`, [], 'Lattice="2 0 0 0 3 0 0 0 0" pbc="T T F"', ['"stress"', "needs a volume"]],
  ])("%s", (_, info, columns, cell, words) => {
    expect(() => read(info, columns, cell)).toThrow(InputError);
    for (const word of ["t.xyz", "structure 7", ...words]) expect(() => read(info, columns, cell)).toThrow(word);
  });

  test("a stress of zeros without a cell says nothing", () => {
    expect(read('stress="0 0 0 0 0 0"', [], "").virial).toBe(null);
  });

  test("an infinite force names file, structure and atom", () => {
    const structure = parseExtxyz("2\nProperties=species:S:1:pos:R:3:forces:R:3\nSi 0 0 0 1 2 3\nSi 1 0 0 1 inf 3\n")[0]!;
    const keys = findLabelKeys([structure]);
    const error = (() => {
      try {
        return readLabels(structure, keys, { file: "t.xyz", structure: 3 });
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).details).toMatchObject({ file: "t.xyz", structure: 3, atom: 1, key: "forces" });
  });

  test("forces of the wrong shape", () => {
    const structure = parseExtxyz("1\nProperties=species:S:1:pos:R:3:forces:R:2\nSi 0 0 0 1 2\n")[0]!;
    expect(() => readLabels(structure, findLabelKeys([structure]))).toThrow("expected forces:R:3, got forces:R:2");
  });
});

test("isolated atoms are known by their configuration type", () => {
  const single = (info: string): Structure => parseExtxyz(`1\n${info}\nSi 0 0 0\n`)[0]!;
  for (const name of ["isolated_atom", "IsolatedAtom", "ISOLATED_ATOM", "isolated_atoms"]) {
    expect(isIsolatedAtom(single(`config_type=${name}`))).toBe(true);
  }
  for (const info of ["config_type=atom", "", "isolated_atom", "config_type=not_isolated_atom"]) expect(isIsolatedAtom(single(info))).toBe(false);
  expect(isIsolatedAtom(frame("config_type=isolated_atom"))).toBe(false);
});
