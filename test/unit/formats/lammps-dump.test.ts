// LAMMPS dumps that LAMMPS wrote: the same atoms in four styles must agree, and with boxes worked out by hand.
import { describe, expect, test } from "vitest";
import { createStructure } from "../../../src/structure/structure.js";
import { difference, failureOf, fixture, readFixture, readText, writeText } from "./files.js";

const SPECIES = ["Si", "O"];
const SMALL = "ITEM: TIMESTEP\n7\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp ff\n1 11\n0 10\n-5 5\nITEM: ATOMS id type x y z\n2 2 2.3 0 0\n1 1 0 0 0\n";

describe("reading", () => {
  test("the same atoms through all styles of LAMMPS", async () => {
    const run = await readFixture("run.dump", SPECIES);
    const [full] = await readFixture("full.dump");
    const atom = await readFixture("atom.dump", SPECIES);
    const unwrapped = await readFixture("unwrapped.dump");
    expect([run.length, atom.length, unwrapped.length]).toEqual([2, 2, 2]);
    // Six digits: half a unit of the last in x and, times 13 Å, in a fraction.
    expect(difference(full!.positions, run[1]!.positions)).toBeLessThan(6e-5);
    expect(difference(atom[0]!.positions, run[0]!.positions)).toBeLessThan(6e-5);
    expect(difference(full!.arrays.get("forces")!.values as Float64Array, run[1]!.arrays.get("forces")!.values as Float64Array)).toBeLessThan(1e-6);
    expect([...full!.cell!].map((value) => Number(value.toFixed(6)))).toEqual([10.86, 0, 0, 1.629, 5.43, 0, 0.543, 1.086, 5.43]);
    const { cell, positions } = unwrapped[1]!;
    const images = ["ix", "iy", "iz"].map((name) => unwrapped[1]!.arrays.get(name)!.values as Float64Array);
    const wrapped = positions.map((value, index) => value - [0, 1, 2].reduce((sum, k) => sum + images[k]![Math.floor(index / 3)]! * cell![3 * k + (index % 3)]!, 0));
    expect(difference(wrapped, run[1]!.positions)).toBeLessThan(6e-5);
    expect(run[1]!.info.get("timestep")).toBe(1);
    expect(run[1]!.origin).toEqual({ file: "run.dump", line: 26, structure: 1 });
    expect([...full!.species]).toEqual([...run[0]!.species]);
    expect(full!.species.includes(8)).toBe(true);
  });

  test("sorted by id; a box that does not begin at 0; open faces", async () => {
    const [structure] = await readText(SMALL, "dump.lammpstrj", SPECIES, 5);
    expect([...structure!.species]).toEqual([14, 8]);
    expect([...structure!.positions]).toEqual([0, 0, 0, 2.3, 0, 0]);
    expect([...structure!.cell!]).toEqual([10, 0, 0, 0, 10, 0, 0, 0, 10]);
    expect([...structure!.pbc]).toEqual([true, true, false]);
    const [scaled] = await readText(SMALL.replace("x y z", "xs ys zs").replace("2.3", "0.5"), "a", SPECIES);
    expect([...scaled!.positions]).toEqual([1, 0, -5, 6, 0, -5]);
  });

  test("a general triclinic box", async () => {
    const text = SMALL.replace("BOX BOUNDS pp pp ff\n1 11\n0 10\n-5 5", "BOX BOUNDS abc origin pp pp pp\n0 5 5 1\n5 0 5 2\n5 5 0 3").replace("x y z", "xs ys zs");
    const [structure] = await readText(text.replace("2.3 0 0", "0.5 0 0"), "a", SPECIES);
    expect([...structure!.cell!]).toEqual([0, 5, 5, 5, 0, 5, 5, 5, 0]);
    expect([...structure!.positions]).toEqual([1, 2, 3, 1, 4.5, 5.5]);
  });

  test("units real: forces in eV/Å", async () => {
    const text = `ITEM: UNITS\nreal\n${SMALL.replace("x y z", "x y z fx fy fz").replace("2.3 0 0", "2.3 0 0 23.060548 0 0").replace("1 1 0 0 0", "1 1 0 0 0 0 0 0")}`;
    const [structure] = await readText(text, "a", SPECIES);
    expect((structure!.arrays.get("forces")!.values as Float64Array)[3]).toBeCloseTo(1, 6);
  });
});

test.each([
  ["no elements", SMALL, undefined, /dump:9.*--species/],
  ["a type without an element", SMALL, ["Si"], /dump:10.*type from 1 to 1/],
  ["truncated among the atoms", SMALL.slice(0, -11), SPECIES, /dump:10.*truncated/],
  ["truncated before them", SMALL.slice(0, 40), SPECIES, /dump:4.*truncated/],
  ["no positions", SMALL.replace("x y z", "a b c"), SPECIES, /no positions/],
  ["a word for a number", SMALL.replace("2.3", "x"), SPECIES, /dump:10.*"x".*number/],
  ["a column missing", SMALL.replace("2.3 0 0", "2.3 0"), SPECIES, /dump:10.*5 \(id type x y z\)/],
  ["other units", `ITEM: UNITS\nlj\n${SMALL}`, SPECIES, /metal or real/],
  ["something between", SMALL.replace("ITEM: ATOMS", "ITEM: BONDS"), SPECIES, /dump:9.*BONDS/],
  ["no volume", SMALL.replace("1 11", "1 1"), SPECIES, /dump:8.*an empty box: expected high bounds above the low ones, got 1 1/],
  ["bounds in the other order", SMALL.replace("1 11", "11 1"), SPECIES, /dump:8.*an empty box.*got 11 1/],
])("%s: an error with its place", async (_, text, species, message) => {
  expect((await failureOf(readText(text, "dump", species))).message).toMatch(message);
});

describe("writing", () => {
  test("what LAMMPS wrote comes back", async () => {
    const run = await readFixture("run.dump", SPECIES);
    const back = await readText(await writeText("out.lammpstrj", run), "out.lammpstrj");
    back.forEach(({ species, positions, cell, arrays, info }, frame) => {
      expect(species).toEqual(run[frame]!.species);
      expect(difference(cell!, run[frame]!.cell!)).toBeLessThan(1e-14);
      expect(positions).toEqual(run[frame]!.positions);
      expect(arrays.get("forces")!.values).toEqual(run[frame]!.arrays.get("forces")!.values);
      expect(info.get("timestep")).toBe(frame);
    });
  });

  test.each([["right", [0, 3, 3, 3, 0, 3, 3, 3, 0.5]], ["left", [3, 0, 3, 0, 3, 3, 3, 3, 0.5]]])("a %s-handed cell is turned, with all distances and forces kept", async (_, cell) => {
    const forces = Float64Array.of(1, 2, 3, -1, -2, -3);
    const structure = createStructure({
      species: [14, 8], positions: [0.2, 0.1, 0, 1, 2, 3], cell, arrays: new Map([["forces", { kind: "R", width: 3, values: forces }]]),
    });
    const [back] = await readText(await writeText("a.dump", [structure]), "a.dump");
    const products = (vectors: Float64Array): number[] => {
      const all = [vectors.subarray(0, 3), vectors.subarray(3, 6), vectors.length > 6 ? vectors.subarray(6, 9) : vectors.subarray(0, 3)];
      return all.flatMap((u) => all.map((v) => u[0]! * v[0]! + u[1]! * v[1]! + u[2]! * v[2]!));
    };
    expect(difference(products(back!.cell!), products(structure.cell!))).toBeLessThan(1e-12);
    expect([0, 4, 8].every((k) => back!.cell![k]! > 0), "LAMMPS takes no box whose upper bound is the lower").toBe(true);
    expect(difference(products(back!.positions), products(structure.positions))).toBeLessThan(1e-12);
    expect(difference(products(back!.arrays.get("forces")!.values as Float64Array), products(forces))).toBeLessThan(1e-12);
    // Force against position says that both were turned alike.
    const mixed = (positions: Float64Array, values: ArrayLike<number>): number => positions.reduce((sum, value, index) => sum + value * values[index]!, 0);
    expect(mixed(back!.positions, back!.arrays.get("forces")!.values as Float64Array)).toBeCloseTo(mixed(structure.positions, forces), 12);
  });

  test("without a cell: refused", async () => {
    expect((await failureOf(writeText("a.dump", [createStructure({ species: [1], positions: [0, 0, 0] })]))).message).toMatch(/expected a cell/);
  });
});

test("recognized by content under the name of another format", async () => {
  expect((await readText(fixture("full.dump"), "full.xyz")).length).toBe(1);
});
