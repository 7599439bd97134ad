// XDATCAR: frames that ASE wrote beside their extended XYZ, with a fixed and a changing cell.
import { expect, test } from "vitest";
import { difference, failureOf, fixture, readFixture, readText, writeText } from "./files.js";

/** Fractional coordinates are written with eight digits and within the cell. */
const apart = (a: number, b: number): number => Math.abs(a - b - Math.round(a - b));

test("what ASE wrote", async () => {
  const frames = await readFixture("ase-XDATCAR");
  const wanted = await readFixture("ase-XDATCAR.xyz");
  expect(frames.length).toBe(3);
  frames.forEach(({ species, positions, cell, origin }, frame) => {
    expect(species).toEqual(wanted[frame]!.species);
    expect(difference(cell!, wanted[frame]!.cell!)).toBeLessThan(1e-6);
    // The rows of 0 h h, h 0 h, 2h 2h 0 have the reciprocals below, for h = 2.82.
    const h = 2.82;
    const fractions = (r: Float64Array, atom: number): number[] => {
      const [x, y, z] = r.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
      return [(z + y - x) / (2 * h), (z - y + x) / (2 * h), (x + y - z) / (4 * h)];
    };
    for (let atom = 0; atom < 4; atom++) {
      const theirs = fractions(wanted[frame]!.positions, atom);
      fractions(positions, atom).forEach((value, axis) => expect(apart(value, theirs[axis]!)).toBeLessThan(2e-8));
    }
    expect(origin).toEqual({ file: "ase-XDATCAR", line: 8 + 5 * frame, structure: frame });
  });
});

test("a cell that changes: the head before every frame; both ways", async () => {
  const frames = await readFixture("ase-XDATCAR");
  const wider = { ...frames[1]!, cell: frames[1]!.cell!.map((value) => 1.1 * value) };
  const text = await writeText("XDATCAR", [frames[0]!, wider, wider]);
  expect(text.match(/Na Cl/g)!.length).toBe(2);
  const back = await readText(`${text}\n`, "XDATCAR", undefined, 11);
  expect(back.length).toBe(3);
  expect(back[2]!.cell).toEqual(wider.cell);
  // Written by element, as atoms 0, 2, 1, 3 of Na Cl Na Cl.
  const order = (positions: Float64Array): number[] => [0, 2, 1, 3].flatMap((atom) => [...positions.subarray(3 * atom, 3 * atom + 3)]);
  expect(difference(back[0]!.positions, order(frames[0]!.positions))).toBeLessThan(1e-14);
  expect(difference(back[1]!.positions, order(wider.positions))).toBeLessThan(1e-14);
});

test.each([
  ["truncated", fixture("ase-XDATCAR").trimEnd().split("\n").slice(0, -1).join("\n"), /XDATCAR:21, structure 2: file is truncated/],
  ["a word for a number", fixture("ase-XDATCAR").replace("0.51598676", "x"), /XDATCAR:10, structure 0.*atom 1 of 4/],
  ["no frame", fixture("ase-XDATCAR").split("\n").slice(0, 7).join("\n"), /XDATCAR:7.*truncated/],
])("%s: an error with its place", async (_, text, message) => {
  expect((await failureOf(readText(text, "XDATCAR"))).message).toMatch(message);
});
