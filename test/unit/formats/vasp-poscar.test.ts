// POSCAR: every variant of the documented layout, against coordinates worked out by hand, and a file that ASE wrote beside its extended XYZ.
import { describe, expect, test } from "vitest";
import { createStructure } from "../../../src/structure/structure.js";
import { difference, failureOf, readFixture, readText, writeText } from "./files.js";

const poscar = (scale: string, rest: string, names = "Si O\n"): string => `test\n${scale}\n4 0 0\n0 4 0\n1 0 4\n${names}1 2\n${rest}\n`;
const DIRECT = "Direct\n0 0 0\n0.5 0.5 0.5\n0.25 0 0.5";

describe("reading", () => {
  test("a file that ASE wrote, selective dynamics included", async () => {
    const [structure] = await readFixture("ase-POSCAR");
    const [wanted] = await readFixture("ase-POSCAR.xyz");
    expect(structure!.species).toEqual(wanted!.species);
    expect(difference(structure!.cell!, wanted!.cell!)).toBeLessThan(1e-12);
    expect(difference(structure!.positions, wanted!.positions)).toBeLessThan(1e-7);
    expect(structure!.arrays.get("move_mask")!.values).toEqual([false, false, false, ...Array<boolean>(9).fill(true)]);
    expect(structure!.origin).toEqual({ file: "ase-POSCAR", line: 1, structure: 0 });
  });

  test.each([
    ["1.5", [1.5, 1.5, 1.5]], ["-512", [2, 2, 2]], ["1 2 3", [1, 2, 3]],
  ])("scale %s, direct and Cartesian", async (scale, factors) => {
    const cell = [4, 0, 0, 0, 4, 0, 1, 0, 4].map((value, index) => value * factors[index % 3]!);
    const [direct] = await readText(poscar(scale, DIRECT), "POSCAR", undefined, 3);
    expect(difference(direct!.cell!, cell)).toBeLessThan(1e-14);
    expect(difference(direct!.positions, [0, 0, 0, 2.5, 2, 2, 1.5, 0, 2].map((value, index) => value * factors[index % 3]!))).toBeLessThan(1e-14);
    const [cartesian] = await readText(poscar(scale, "Selective\nK\n1 2 3 T T F\n0 0 0 T T T\n2 2 2 .TRUE. .FALSE. T"), "POSCAR");
    expect(difference(cartesian!.positions, [1, 2, 3, 0, 0, 0, 2, 2, 2].map((value, index) => value * factors[index % 3]!))).toBeLessThan(1e-14);
    expect(cartesian!.arrays.get("move_mask")!.values).toEqual([true, true, false, true, true, true, true, false, true]);
    expect([...cartesian!.species]).toEqual([14, 8, 8]);
  });

  test("velocities behind the positions, potential names, a name that says extended XYZ", async () => {
    const text = poscar("1", `${DIRECT}\n\n0 0 0\n1 1 1\n2 2 2`, "Si_pv O/4f5a\n");
    const [structure] = await readText(text, "POSCAR.xyz");
    expect([...structure!.species]).toEqual([14, 8, 8]);
    expect([...structure!.pbc]).toEqual([true, true, true]);
  });

  test("without element names: named by the option, or asked for by its name", async () => {
    const text = poscar("1", DIRECT, "");
    expect([...(await readText(text, "old", ["Ge", "C"]))[0]!.species]).toEqual([32, 6, 6]);
    expect((await failureOf(readText(text, "old"))).message).toMatch(/old:6.*VASP 4.*--species/);
    expect((await failureOf(readText(text, "old", ["Ge"]))).message).toMatch(/old:6.*2 elements.*1/);
  });
});

test.each([
  ["truncated", poscar("1", "Direct\n0 0 0\n0.5 0.5 0.5").trimEnd(), { file: "POSCAR", line: 10, structure: 0 }],
  ["a word for a number", poscar("1", DIRECT.replace("0.25", "x")), { file: "POSCAR", line: 11, structure: 0 }],
  ["coordinates of no kind", poscar("1", "Lattice\n0 0 0"), { line: 8 }],
  ["no volume", poscar("1", DIRECT).replace("0 4 0", "8 0 0"), { line: 5 }],
  ["scale 0", poscar("0", DIRECT), { line: 2 }],
  ["two negative scales", poscar("1 -2 3", DIRECT), { line: 2 }],
  ["unknown element", poscar("1", DIRECT, "Si Xx\n"), { line: 7, key: "species" }],
  ["a flag missing", poscar("1", "Selective\nDirect\n0 0 0 T T\n0 0 0 T T T\n0 0 0 T T T"), { line: 10, atom: 0 }],
  ["an empty file", "", { file: "POSCAR" }],
])("%s: an error with its place", async (_, text, details) => {
  expect((await failureOf(readText(text, "POSCAR"))).details).toMatchObject(details);
});

describe("writing", () => {
  const structure = createStructure({ species: [8, 14, 8], positions: [0.1, 0.2, 1 / 3, 1, 2, 3, -0.7, 1e-9, 5], cell: [4, 0.1, 0, 0, 5, 0.2, 1, 0, 6] });

  test("comes back to the bit, gathered by element only where that is needed", async () => {
    const [back] = await readText(await writeText("POSCAR", [structure]), "POSCAR");
    expect([...back!.species]).toEqual([8, 8, 14]);
    expect([...back!.positions]).toEqual([0.1, 0.2, 1 / 3, -0.7, 1e-9, 5, 1, 2, 3]);
    expect(back!.cell).toEqual(structure.cell);
    const again = await readText(await writeText("out.vasp", [back!]), "out.vasp");
    expect(again[0]).toEqual({ ...back!, origin: { file: "out.vasp", line: 1, structure: 0 } });
  });

  test("selective dynamics", async () => {
    const [structure] = await readFixture("ase-POSCAR");
    const [back] = await readText(await writeText("CONTCAR", [structure!]), "CONTCAR");
    // Cl and Na alternate in the file, so that the atoms are gathered: 0, 2, 1, 3.
    expect(back!.arrays.get("move_mask")!.values).toEqual([false, false, false, ...Array<boolean>(9).fill(true)]);
  });

  test("refuses what a POSCAR cannot say", async () => {
    expect((await failureOf(writeText("POSCAR", [structure, structure]))).message).toMatch(/one structure.*XDATCAR/);
    expect((await failureOf(writeText("POSCAR", [{ ...structure, cell: null, pbc: [false, false, false] }]))).message).toMatch(/no cell/);
    expect((await failureOf(writeText("POSCAR", [{ ...structure, pbc: [true, true, false] }]))).message).toMatch(/T T F/);
  });
});
