// Which format a file is of: content first, then name, else extended XYZ.
import { expect, test } from "vitest";
import { formatToWrite, readAnyStructures, recognizeFormat } from "../../../src/formats/formats.js";
import { failureOf, fixture, readText } from "./files.js";

test.each([
  ["POSCAR", "2\n\nSi 0 0 0\nSi 1 0 0\n", "extended XYZ"],
  ["md.dump", "2\n\nSi 0 0 0\n", "extended XYZ"],
  ["a.xyz", fixture("ase-POSCAR"), "VASP POSCAR"],
  ["a.txt", fixture("full.dump"), "LAMMPS dump"],
  ["runs/CONTCAR.gz", "", "VASP POSCAR"],
  ["runs.vasp/a.xyz.gz", "", "extended XYZ"],
  ["unknown", "words", "extended XYZ"],
  ["a", "1\nMOLECULE 5\nSi 0 0 0\n", "extended XYZ"],
  ["a", "1\natom 3 of Program PWSCF\nSi 0 0 0\n", "extended XYZ"],
  // The comment of this POSCAR is a number.
  ["a", "8\n1.0\n5 0 0\n0 5 0\n0 0 5\nSi\n1\nDirect\n0 0 0\n", "VASP POSCAR"],
])("%s", (file, head, name) => {
  expect(recognizeFormat(file, head.slice(0, 4096)).name).toBe(name);
});

test.each([
  ["x.xyz", "\u0089HDF\r\n\u001a\n", "HDF5"], ["x", "CDF\u0001", "NetCDF"], ["x.db", "SQLite format 3\0", "SQLite"], ["x.xyz", "CRYST1   10.0\n", "Protein Data Bank"],
  ["x", "title\nouter\n 2 0.0 0.0 0.0\n 40 0.2 0.0 0.0\n 40 0.0 0.2 0.0\n 40 0.0 0.0 0.2\n", "cube"], ["x.gro", "water\n", "GROMACS"],
  ["x", "\n     Program PWSCF v.7.1 starts\n", "Quantum ESPRESSO output"], ["x", "lattice_vector 5 0 0\natom 0 0 0 Si\n", "FHI-aims"],
  ["x.xyz", "2 C\nSi\n1 1 0 0 0\n", "gen"],
])("%s beginning with %j is named", async (file, text, name) => {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.from(text, (character) => character.charCodeAt(0));
  };
  const { message } = await failureOf(readAnyStructures(bytes(), { file }).next());
  expect(message).toMatch(new RegExp(`^${file}: this looks like .*${name}.*expected .*extended XYZ`));
});

test("what is none of them has the error of extended XYZ; formats that are not written say so", async () => {
  expect((await failureOf(readText("words\n", "x"))).message).toMatch(/x:1.*number of atoms/);
  expect(formatToWrite("a.unknown").name).toBe("extended XYZ");
  expect(() => formatToWrite("a.pdb")).toThrow(/Protein Data Bank file is not written.*LAMMPS dump/);
});
