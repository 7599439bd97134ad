// OUTCAR in the layout that VASP 5 and 6 print (https://www.vasp.at/wiki/OUTCAR; the blocks that are read, with two steps of invented numbers).
import { expect, test } from "vitest";
import { findLabelKeys } from "../../../src/structure/label-survey.js";
import { readLabels } from "../../../src/structure/labels.js";
import { failureOf, readFixture, readText } from "./files.js";

const step = (free: string, force: string): string => `
  free energy    TOTEN  =       -99.00000000 eV
  energy without entropy =      -98.00000000  energy(sigma->0) =      -98.50000000
  FORCE on cell =-STRESS in cart. coord.  units (eV):
  Total       1.0 1.0 1.0 0.0 0.0 0.0
  in kB     -16.02177    32.04353    48.06530    -1.60218     3.20435    -4.80653
  external pressure =       21.36 kB  Pullay stress =        0.00 kB
      direct lattice vectors                 reciprocal lattice vectors
    10.000000000  0.000000000  0.000000000     0.100000000  0.000000000  0.000000000
     0.000000000 10.000000000-10.000000000     0.000000000  0.100000000  0.000000000
     0.000000000  0.000000000 10.000000000     0.000000000  0.000000000  0.100000000

 POSITION                                       TOTAL-FORCE (eV/Angst)
 -----------------------------------------------------------------------------------
      0.00000      0.10000      0.20000         0.500000      0.000000      0.000000
      1.00000      1.10000      1.20000       ${force}-6163.613158-93186.317939
      2.00000      2.10000      2.20000         0.500000      0.000000      0.000000
 -----------------------------------------------------------------------------------
    total drift:                                0.000031     -0.000020      0.000019

  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)
  ---------------------------------------------------
  free  energy   TOTEN  =       ${free} eV

  energy  without entropy=      -19.57193017  energy(sigma->0) =      -19.60000000
`;
const HEAD = ` vasp.6.3.0 20Jan22 (build May 08 2022 00:08:36) gamma-only
   VRHFIN =Si: s2p2
   VRHFIN =O : s2p4
   ions per type =               1   2
      direct lattice vectors                 reciprocal lattice vectors
     9.000000000  0.000000000  0.000000000     0.100000000  0.000000000  0.000000000
     0.000000000  9.000000000  0.000000000     0.000000000  0.100000000  0.000000000
     0.000000000  0.000000000  9.000000000     0.000000000  0.000000000  0.100000000
`;
const TEXT = HEAD + step("-19.70000000", "473254.270891") + step("-20.70000000", "1.500000");

test("steps with free energy, forces and stress in Lather's sign and unit", async () => {
  const structures = await readText(TEXT, "data.txt", undefined, 7);
  expect(structures.length).toBe(2);
  const [first, second] = structures;
  expect([...first!.species]).toEqual([14, 8, 8]);
  expect([...first!.cell!]).toEqual([10, 0, 0, 0, 10, -10, 0, 0, 10]);
  expect([...first!.positions]).toEqual([0, 0.1, 0.2, 1, 1.1, 1.2, 2, 2.1, 2.2]);
  expect([...(first!.arrays.get("forces")!.values as Float64Array).subarray(3, 6)]).toEqual([473254.270891, -6163.613158, -93186.317939]);
  expect([first!.info.get("energy"), first!.info.get("e_0_energy"), first!.info.get("e_wo_entrp")]).toEqual([-19.7, -19.6, -19.57193017]);
  expect(second!.info.get("energy")).toBe(-20.7);
  expect(second!.origin).toEqual({ file: "data.txt", line: TEXT.split("\n").findLastIndex((line) => line.startsWith(" POSITION")) + 1, structure: 1 });
  const keys = findLabelKeys(structures);
  expect([keys.energy, keys.forces, keys.virial].map(([source]) => source?.key)).toEqual(["energy", "forces", "stress"]);
  // VASP prints XX YY ZZ XY YZ ZX in kbar, positive where the cell wants to expand: W = p V, and 1 eV/Å³ are 1602.1766 kbar.
  const { virial } = readLabels(second!, keys);
  [-10, -1, -3, -1, 20, 2, -3, 2, 30].forEach((wanted, index) => expect(virial![index]!).toBeCloseTo(wanted, 4));
});

test("what VASP 5.4.1 wrote of ammonia", async () => {
  const [ammonia] = await readFixture("vasp-OUTCAR");
  expect([[...ammonia!.species], ammonia!.info.get("energy"), ammonia!.cell![4]]).toEqual([[7, 1, 1, 1], -19.57193017, 35]);
  const forces = ammonia!.arrays.get("forces")!.values as Float64Array;
  expect([...forces.subarray(9)]).toEqual([0.186216, -0.056208, 0.317065]);
  // The drift that VASP tells below its forces is zero to the digits printed: they have been made to sum to zero.
  for (const axis of [0, 1, 2]) expect(Math.abs([0, 1, 2, 3].reduce((sum, atom) => sum + forces[3 * atom + axis]!, 0))).toBeLessThan(2e-6);
});

test("a run without a last complete step has the others; a step cut short is an error", async () => {
  expect((await readText(`${TEXT}\n  free energy    TOTEN  =       -99.0 eV\n`, "OUTCAR")).length).toBe(2);
  expect((await failureOf(readText(TEXT.slice(0, TEXT.lastIndexOf("total drift")), "OUTCAR"))).message).toMatch(/OUTCAR:\d+, structure 1: file is truncated/);
  expect((await failureOf(readText(TEXT.slice(0, TEXT.lastIndexOf("2.20000")), "OUTCAR"))).message).toMatch(/structure 1/);
});

test.each([
  ["no steps", HEAD, /OUTCAR:8.*no structures/],
  ["a word for a number", TEXT.replace("0.10000 ", "******* "), /OUTCAR:23, structure 0.*atom 0 of 3/],
  ["elements that do not fit", TEXT.replace("   VRHFIN =O : s2p4\n", ""), /OUTCAR:3.*1 numbers/],
  ["no energies at the end of a step", TEXT.replace("  energy(sigma->0) =      -19.6", ""), /energy without entropy/],
])("%s: an error with its place", async (_, text, message) => {
  expect((await failureOf(readText(text, "OUTCAR"))).message).toMatch(message);
});
