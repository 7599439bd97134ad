/**
 * Every file of ../shared/data. Frames, atoms and sums were counted with awk (the commands stand beside the numbers); in addition each file is read
 * a second time here by the plainest of parsers, which knows only that these files separate everything by blanks.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { findLabelKeys } from "../../../src/structure/label-survey.js";
import { isIsolatedAtom, labelStructures, readLabels } from "../../../src/structure/labels.js";
import { symbolOf } from "../../../src/structure/elements.js";
import type { Structure } from "../../../src/structure/structure.js";
import { contentOf } from "../../reference/content.js";
import { describeShared, sharedPath } from "../../shared-data.js";

/** awk 'n==0{n=$1;frames++;atoms+=$1;getline;next}{n--}END{print frames,atoms}' */
const FILES: [string, number, number][] = [
  ["zuo2020/Si_train.xyz", 214, 13233], ["zuo2020/Si_test.xyz", 25, 1525], ["zuo2020/Si_test_gap_fit_predictions.xyz", 25, 1525],
    ["silicon/Si_tiny.xyz", 53, 229],
  ["silicon/testing_database.xyz", 28, 1020], ["rmd17/aspirin_test_01.xyz", 1000, 21000], ["rmd17/aspirin_train_01.xyz", 1000, 21000],
    ["rmd17/ethanol_test_01.xyz", 1000, 9000],
  ["rmd17/ethanol_train_01.xyz", 1000, 9000], ["molecules/qm9_subset_600.xyz", 600, 10819], ["molecules/zundel.xyz", 1001, 7007],
    ["tensors/water_monomer_1000.xyz", 1000, 3000],
  ["tensors/water_zundel_1000.xyz", 1000, 7000],
];

const read = (name: string): Structure[] => parseExtxyz(readFileSync(sharedPath(`data/${name}`)!, "utf8"), name);

/** Columns of a structure side by side, as the file has them. */
function cells(structure: Structure, properties: string): (string | number)[][] {
  const fields = properties.split(":");
  return Array.from(structure.species, (z, atom) => {
    const row: (string | number)[] = [];
    for (let field = 0; field < fields.length; field += 3) {
      const name = fields[field]!;
      const width = Number(fields[field + 2]);
      const values = name === "pos" ? structure.positions : structure.arrays.get(name)?.values;
      for (let index = 0; index < width; index++) row.push(name === "species" ? symbolOf(z) : (values![width * atom + index] as number));
    }
    return row;
  });
}

describeShared("files of ../shared/data", FILES.map(([name]) => `data/${name}`), () => {
  test.each(FILES)("%s: %i frames, %i atoms, every number as a plain reading gives it, exact after writing", (name, frames, atoms) => {
    const structures = read(name);
    expect(structures.length).toBe(frames);
    expect(structures.reduce((sum, { species }) => sum + species.length, 0)).toBe(atoms);
    const lines = readFileSync(sharedPath(`data/${name}`)!, "utf8").split("\n");
    let line = 0;
    let wrong = 0;
    for (const structure of structures) {
      const properties = /Properties="?([^" ]+)/.exec(lines[line + 1]!)![1]!;
      const rows = lines.slice(line + 2, line + 2 + Number(lines[line])).map((row) => row.trim().split(/\s+/));
      line += 2 + rows.length;
      const got = cells(structure, properties);
      rows.forEach((row, atom) => row.forEach((token, column) => {
        const value = got[atom]![column];
        if (!Object.is(value, typeof value === "string" ? token : Number(token))) wrong++;
      }));
    }
    expect(wrong).toBe(0);
    const again = parseExtxyz(structures.map(formatExtxyz).join(""));
    expect(again.length).toBe(frames);
    expect(structures.filter((structure, index) => !isDeepStrictEqual(contentOf(again[index]!), contentOf(structure))).length,
      "frames that changed when written and read").toBe(0);
    expect(again.every(({ info, arrays }, index) => isDeepStrictEqual([[...info], [...arrays]],
      [[...structures[index]!.info], [...structures[index]!.arrays]]))).toBe(true);
  });

  describe("labels", () => {
    const labelsOf = (name: string): { keys: ReturnType<typeof findLabelKeys>; labels: ReturnType<typeof readLabels>[]; structures: Structure[] } => {
      const structures = read(name);
      const keys = findLabelKeys(structures);
      return { keys, structures, labels: structures.map((structure, index) => readLabels(structure, keys, { file: name, structure: index })) };
    };
    const namesOf = ({ energy, forces, virial }: ReturnType<typeof findLabelKeys>): string[][] =>
      [energy, forces, virial].map((sources) => sources.map(({ key }) => key));
    const used = (structures: readonly Structure[]): number[] =>
      labelStructures(structures).labels.flatMap(({ names }) => names.filter(({ reason }) => reason === null).map((name) => name.used));
    const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

    test("zuo2020: energies, forces and virials", () => {
      const { keys, labels, structures } = labelsOf("zuo2020/Si_train.xyz");
      expect(namesOf(keys)).toEqual([["energy"], ["forces"], ["virial"]]);
      expect(used(structures)).toEqual([214, 214, 214]);
      expect(keys.candidates).toEqual([]);
      // awk 'match($0,/ energy=[-0-9.]+/){s+=substr($0,RSTART+8,RLENGTH-8)}END{printf "%.10f",s}'
      expect(Math.abs(sum(labels.map(({ energy }) => energy!)) - -67723.70553111) <= 1e-8).toBe(true);
      // awk 'NR>2 && NF==7 && $1=="Si"{s+=$5*$5}END{printf "%.10f",s}'
      const squares = labels.flatMap(({ forces }) => Array.from(forces!, (force, index) => (index % 3 === 0 ? force * force : 0)));
      expect(Math.abs(sum(squares) - 9943.5912906417) <= 1e-7).toBe(true);
      // From the first comment line.
      expect(labels[0]!.virial).toEqual(Float64Array.of(-4.85601351, 6.70507606, -1.18519045, 6.70507606, -7.10857559, -3.99898261, -1.18519045,
        -3.99898261, -2.03581772));
      expect(labels[0]!.configType).toBe("Vacancy");
    });

    test("gap_fit's predictions: dft_* are the reference, the plain names are reported", () => {
      const { keys, labels } = labelsOf("zuo2020/Si_test_gap_fit_predictions.xyz");
      expect(namesOf(keys)).toEqual([["dft_energy"], ["dft_forces"], []]);
      expect(keys.candidates.map(({ key, reason }) => [key, reason])).toEqual([["energy", "differs"], ["forces", "differs"]]);
      // awk 'match($0,/dft_energy=[-0-9.]+/){s+=substr($0,RSTART+11,RLENGTH-11)}END{printf "%.10f",s}'
      expect(Math.abs(sum(labels.map(({ energy }) => energy!)) - -7730.51219078) <= 1e-9).toBe(true);
      const reference = labelsOf("zuo2020/Si_test.xyz").labels;
      expect(labels.map(({ energy, forces }) => [energy, forces])).toEqual(reference.map(({ energy, forces }) => [energy, forces]));
    });

    test("Si_tiny: dft_* before gap_*, an isolated atom, virials for 52 of 53", () => {
      const { keys, structures } = labelsOf("silicon/Si_tiny.xyz");
      expect(namesOf(keys)).toEqual([["dft_energy"], ["dft_force"], ["dft_virial"]]);
      expect(used(structures)).toEqual([53, 53, 52]);
      expect(keys.candidates.map(({ key, reason }) => [key, reason])).toEqual(
        [["gap_energy", "prediction"], ["gap_force", "prediction"], ["gap_virial", "prediction"]],
      );
      expect(keys.others.map(({ key }) => key)).toContain("smearing_width");
      expect(structures.map(isIsolatedAtom).indexOf(true)).toBe(0);
      expect(structures.filter(isIsolatedAtom).length).toBe(1);
    });

    test("testing_database: energy, dft_force, virial among awkward entries", () => {
      const { keys, structures } = labelsOf("silicon/testing_database.xyz");
      expect(namesOf(keys)).toEqual([["energy"], ["dft_force"], ["virial"]]);
      expect(used(structures)).toEqual([28, 28, 28]);
      expect(keys.candidates).toEqual([]);
    });

    test("qm9: energies per atom are multiplied by the number of atoms", () => {
      const { keys, labels } = labelsOf("molecules/qm9_subset_600.xyz");
      expect(keys.energy).toMatchObject([{ key: "dft_formation_energy_per_atom_in_eV", perAtom: true, unit: "eV" }]);
      expect(keys.forces).toEqual([]);
      // awk 'match($0,/_in_eV=[-0-9.]+/){s+=N*substr($0,RSTART+7,RLENGTH-7)}{N=$1}END{printf "%.10f",s}'
      expect(Math.abs(sum(labels.map(({ energy }) => energy!)) - -45703.0194915848) <= 1e-7).toBe(true);
    });

    test("zundel: forces only; rMD17: energy and forces; tensors: no labels", () => {
      const named = (name: string): string[][] => namesOf(findLabelKeys(read(name)));
      expect(named("molecules/zundel.xyz")).toEqual([[], ["forces"], []]);
      expect(named("rmd17/ethanol_train_01.xyz")).toEqual([["energy"], ["forces"], []]);
      expect(named("tensors/water_monomer_1000.xyz")).toEqual([[], [], []]);
      expect(findLabelKeys(read("tensors/water_monomer_1000.xyz")).others.map(({ key }) => key)).toEqual(["potential", "mu", "alpha", "beta"]);
    });
  });
});
