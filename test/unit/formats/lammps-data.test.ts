// LAMMPS data files: texts in the layout of https://docs.lammps.org/read_data.html, what is written and read again, and what is refused.
import { expect, test } from "vitest";
import { createStructure } from "../../../src/structure/structure.js";
import { difference, failureOf, readFixture, readText, writeText } from "./files.js";

const head = (atoms: string): string => `# water\n\n${atoms} atoms\n2 atom types\n1 bonds\n\n-1.0 9.0 xlo xhi\n0.0 8.0 ylo yhi # of the box\n0 7 zlo zhi\n2.0 -1.0 0.5 xy xz yz\n`;
const MASSES = "\nMasses\n\n1 15.9994 # O\n2 1.008\n";
const full = `${head("3")}${MASSES}\nPair Coeffs # lj/cut\n\n1 0.1 3.1\n2 0.0 0.0\n\nAtoms # full\n\n2 1 2 0.417 1.0 0.5 0.25 0 0 -1\n1 1 1 -0.834 0.1 0.2 0.3 0 0 0\n3 1 2 0.417 -0.5 0.75 1e-1 1 0 0\n\nVelocities\n\n1 0 0 0\n\nBonds\n\n1 1 1 2\n`;

test("a box with tilts, atoms by their ids, elements by comment and by mass, charges", async () => {
  const [structure, ...others] = await readText(full, "data.water");
  expect(others).toEqual([]);
  expect([...structure!.species]).toEqual([8, 1, 1]);
  expect([...structure!.cell!]).toEqual([10, 0, 0, 2, 8, 0, -1, 0.5, 7]);
  expect([...structure!.positions]).toEqual([0.1, 0.2, 0.3, 1, 0.5, 0.25, -0.5, 0.75, 0.1]);
  expect([...(structure!.arrays.get("charges")!.values as Float64Array)]).toEqual([-0.834, 0.417, 0.417]);
});

test.each([
  ["atomic", "1 1 0 0 0\n2 2 1 1 1\n3 2 2 2 2\n"], ["atomic with image flags", "1 1 0 0 0 0 0 1\n2 2 1 1 1 0 0 0\n3 2 2 2 2 0 0 0\n"],
  ["charge by its point", "1 1 -0.8 0 0 0\n2 2 0.4 1 1 1\n3 2 0.4 2 2 2\n"], ["full", "1 1 1 -1 0 0 0\n2 1 2 0 1 1 1\n3 1 2 1 2 2 2\n"],
])("a section without a style: %s", async (_, rows) => {
  const [structure] = await readText(`${head("3")}${MASSES}\nAtoms\n\n${rows}`, "x", undefined, 9);
  expect([...structure!.species]).toEqual([8, 1, 1]);
  expect([...structure!.positions]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
});

test("--species goes before the masses; a molecular file says its style", async () => {
  const text = `${head("1")}${MASSES}\nAtoms # molecular\n\n1 7 2 1 2 3\n`;
  expect([...(await readText(text, "x", ["Si", "Ge"]))[0]!.species]).toEqual([32]);
});

test("what is written is read again; another cell is turned", async () => {
  const cell = [0, 5, 0, 4, 1, 0.5, 0.3, 0.2, -6];
  const structure = createStructure({ species: [14, 8, 14], positions: [0.1, 0.2, 0.3, 2, 1, -1, 3, 2.5, -2], cell });
  const text = await writeText("out.data", [structure]);
  const [back] = await readText(text, "out.data");
  expect([...back!.species]).toEqual([14, 8, 14]);
  const lengths = (positions: ArrayLike<number>): number[] => [[0, 3], [0, 6], [3, 6]].map(([a, b]) => Math.hypot(...[0, 1, 2].map((k) => positions[a! + k]! - positions[b! + k]!)));
  expect(difference(lengths(back!.positions), lengths(structure.positions))).toBeLessThan(1e-12);
  const upper = [1, 2, 5].map((k) => back!.cell![k]!);
  expect(upper).toEqual([0, 0, 0]);
  expect(await writeText("out.data", [back!])).toBe(text);
  await expect(writeText("out.data", [structure, structure])).rejects.toThrow(/holds one structure/);
  await expect(writeText("out.data", [createStructure({ species: [8], positions: [0, 0, 0] })])).rejects.toThrow(/expected a cell/);
});

test("what LAMMPS's write_data wrote: elements by their masses, other sections left alone", async () => {
  const [structure] = await readFixture("write-data.lammps");
  expect([...structure!.species]).toEqual([14, 8, 14, 8]);
  expect(difference(structure!.cell!, [6.020797289396147, 0, 0, 0.8802820864496437, 6.953783390951711, 0, 0.13287276776598395, 0.6202428577759207, 7.9854645215519025])).toBeLessThan(1e-14);
  expect(difference(structure!.positions.subarray(9), [1.2456821978060995, 3.020434646151308, 3.9147478092972716])).toBeLessThan(1e-14);
});

test.each([
  ["charges that look like types", `${head("1")}${MASSES}\nAtoms\n\n1 1 2 0 0 0\n`, /atom style unknown: expected "Atoms # atomic"/],
  ["another style", `${head("1")}${MASSES}\nAtoms # sphere\n\n1 1 1 1 0 0 0\n`, /an atom style that is not read/],
  ["a style with the name of something that every object has", `${head("1")}${MASSES}\nAtoms # constructor\n\n1 1 0 0 0\n`, /an atom style that is not read/],
  ["an element that nothing tells", `${head("1")}\nAtoms # atomic\n\n1 1 0 0 0\n`, /atom type without an element/],
  ["a mass of no element", `${head("1")}\nMasses\n\n1 500\n2 1\n\nAtoms # atomic\n\n1 1 0 0 0\n`, /atom type without an element/],
  ["a box turned inside out", full.replace("0 7 zlo zhi", "7 0 zlo zhi"), /"zlo zhi": an empty box: expected a high bound above the low one, got 7 0/],
  ["no box", full.replace(/.*ylo yhi.*\n/, ""), /no box/],
  ["fewer atoms than announced", full.replace("3 atoms", "4 atoms"), /truncated: expected 4 atoms, got 3/],
  ["more atoms than announced", full.replace("3 atoms", "2 atoms"), /more atoms than announced/],
  ["a file that ends before the atoms", full.slice(0, full.indexOf("Atoms")), /no atoms/],
  ["a number that is none", full.replace("0.75", "0.7.5"), /wrong type of value/],
  ["too few columns", full.replace("0.417 1.0 0.5 0.25 0 0 -1", "0.417 1.0"), /wrong number of columns/],
])("%s is an error with its line", async (_, text, message) => {
  const error = await failureOf(readText(text, "data.x"));
  expect(error.message).toMatch(message);
  expect(error.details.line).toBeGreaterThan(0);
});
