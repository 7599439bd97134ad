import { describe, expect, test } from "vitest";
import { InputError, type ErrorDetails } from "../../../src/errors.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";

const HEAD = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1';
const GOOD = `2\n${HEAD}\nSi 0 0 0 1 2 3\nSi 1 1 1 4 5 6\n`;

function failure(text: string): InputError {
  try {
    parseExtxyz(text, "a.xyz");
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error("nothing was thrown");
}

/** [what happened, text, details that must be named, words that the message must contain] */
const CASES: [string, string, ErrorDetails, string[]][] = [
  ["truncated inside the atoms", `${GOOD}3\n${HEAD}\nSi 0 0 0 1 2 3\n`, { line: 7, structure: 1 }, ["truncated", "expected 3 atoms", "after 1"]],
  ["truncated inside an atom line", `${GOOD}2\n${HEAD}\nSi 0 0 0 1 2 3\nSi 1 1`, { line: 8, structure: 1, atom: 1 },
    ["columns", "expected 7", "got 3"]],
  ["truncated after the count", `${GOOD}2\n`, { line: 5, structure: 1 }, ["truncated", "comment line"]],
  ["count too small", `${GOOD.replace(/^2/, "1")}${GOOD}`, { line: 4, structure: 1 },
    ["number of atoms", "a whole number", "Si 1 1 1", "structure 0"]],
  ["count too large", `${GOOD.replace(/^2/, "3")}${GOOD}`, { line: 5, structure: 0, atom: 2 },
    ["wrong number of columns", "announces 3 atoms", "only 2"]],
  ["count not an integer", `2.5\n${HEAD}\n`, { line: 1, structure: 0 }, ["number of atoms", "2.5"]],
  ["negative count", `-1\n${HEAD}\n`, { line: 1, structure: 0 }, ["number of atoms", "-1"]],
  ["absurd count", `99999999999\n${HEAD}\nSi 0 0 0 1 2 3\n`, { line: 3, structure: 0 }, ["truncated", "99999999999"]],
  ["word for a number", GOOD.replace("4 5 6", "4 x5 6"), { line: 4, structure: 0, atom: 1, key: "forces" }, ["a number", 'got "x5"']],
  ["number with a tail", GOOD.replace("4 5 6", "4 5 6e"), { line: 4, atom: 1, key: "forces" }, ['"6e"']],
  ["two points", GOOD.replace("4 5 6", "4 5 6.0.1"), { line: 4, atom: 1, key: "forces" }, ['"6.0.1"']],
  ["hexadecimal is not a decimal", GOOD.replace("4 5 6", "4 5 0x10"), { line: 4, atom: 1, key: "forces" }, ['"0x10"']],
  ["Fortran overflow", GOOD.replace("1 1 1", "1 1 ********"), { line: 4, atom: 1, key: "pos" }, ["********"]],
  ["NaN position", GOOD.replace("1 1 1", "1 nan 1"), { line: 4, atom: 1, key: "pos" }, ["finite", "NaN"]],
  ["infinite position", GOOD.replace("1 1 1", "1 1 1e999"), { line: 4, atom: 1, key: "pos" }, ["finite", "Infinity"]],
  ["unknown element", GOOD.replace("Si 1", "Xq 1"), { line: 4, structure: 0, atom: 1, key: "species" }, ["unknown element", '"Xq"']],
  ["element 119", GOOD.replace("Si 1", "119 1"), { line: 4, atom: 1, key: "species" }, ["unknown element", '"119"']],
  ["element 0", GOOD.replace("Si 1", "0 1"), { line: 4, atom: 1 }, ["unknown element"]],
  ["too few columns", GOOD.replace("4 5 6", "4 5"), { line: 4, structure: 0, atom: 1 }, ["expected 7 (species:S:1:pos:R:3:forces:R:3)", "got 6"]],
  ["too many columns", GOOD.replace("4 5 6", "4 5 6 7"), { line: 4, structure: 0, atom: 1 }, ["expected 7", "got 8"]],
  ["real in an integer column", "1\nProperties=species:S:1:pos:R:3:tag:I:1\nH 0 0 0 1.5\n", { line: 3, atom: 0, key: "tag" }, ["an integer", "1.5"]],
  ["integer beyond float64", "1\nProperties=species:S:1:pos:R:3:tag:I:1\nH 0 0 0 9007199254740993\n", { line: 3, key: "tag" }, ["an integer"]],
  ["neither T nor F", "1\nProperties=species:S:1:pos:R:3:ok:L:1\nH 0 0 0 yes\n", { line: 3, key: "ok" }, ["T or F", "yes"]],
  ["flat cell, periodic by default", GOOD.replace("9 0 0 0 9 0 0 0 9", "9 0 0 0 9 0 9 9 0"), { line: 2, structure: 0, key: "Lattice" },
    ["no volume"]],
  ["zero cell, yet periodic", GOOD.replace("9 0 0 0 9 0 0 0 9", "0 0 0 0 0 0 0 0 0").replace("energy", 'pbc="T T T" energy'),
    { line: 2, key: "Lattice" }, ["without a cell"]],
  ["no Lattice, yet periodic", '1\npbc="T T T"\nH 0 0 0\n', { line: 2, key: "Lattice" }, ["without a cell"]],
  ["eight numbers of a cell", GOOD.replace("9 0 0 0 9 0 0 0 9", "9 0 0 0 9 0 0 0"), { line: 2, key: "Lattice" }, ["9 numbers"]],
  ["a word in the cell", GOOD.replace("9 0 0 0 9 0 0 0 9", "9 0 0 0 9 0 0 0 nine"), { line: 2, key: "Lattice" }, ["9 numbers", "nine"]],
  ["NaN in the cell", GOOD.replace("9 0 0 0 9 0 0 0 9", "9 0 0 0 9 0 0 0 nan"), { line: 2, key: "Lattice" }, ["9 numbers"]],
  ["two axes of pbc", GOOD.replace("energy", 'pbc="T T" energy'), { line: 2, key: "pbc" }, ["T or F"]],
  ["quote that does not end", GOOD.replace("energy=-1", 'name="abc'), { line: 2, structure: 0, key: "name" }, ["does not end"]],
  ["value without a key", GOOD.replace("energy=-1", "=5"), { line: 2 }, ["key=value"]],
  ["broken JSON", GOOD.replace("energy=-1", 'a="_JSON [1, 2"'), { line: 2, key: "a" }, ["JSON"]],
  ["one key, two values", GOOD.replace("energy=-1", "energy=-1 energy=-2"), { line: 2, key: "energy" }, ["twice", "-1 and -2"]],
  ["two cells", GOOD.replace("energy=-1", 'lattice="1 0 0 0 1 0 0 0 1"'), { line: 2, key: "lattice" }, ["twice"]],
  ["malformed Properties", GOOD.replace("forces:R:3", "forces:R"), { line: 2, key: "Properties" }, ["name:type:width"]],
  ["unknown column type", GOOD.replace("forces:R:3", "forces:D:3"), { line: 2, key: "Properties" }, ["forces:D:3"]],
  ["column of width 0", GOOD.replace("forces:R:3", "forces:R:0"), { line: 2, key: "Properties" }, ["forces:R:0"]],
  ["column described twice", GOOD.replace("forces:R:3", "pos:R:3"), { line: 2, key: "Properties" }, ["twice", "pos"]],
  ["no positions", "1\nProperties=species:S:1:q:R:1\nH 0\n", { line: 2, key: "Properties" }, ["species or positions"]],
  ["no species", "1\nProperties=pos:R:3\n0 0 0\n", { line: 2, key: "Properties" }, ["species or positions"]],
  ["empty text", "", {}, ["no structures"]],
  ["blank lines only", "\n \r\n\n", {}, ["no structures"]],
  ["binary garbage", "\x7fELF\x02\x01\0\0\n\0\0\xff\xfe", { line: 1, structure: 0 }, ["number of atoms"]],
  ["a web page", "<!DOCTYPE html>\n<html>", { line: 1, structure: 0 }, ["number of atoms", "<!DOCTYPE html>"]],
];

describe("malformed extended XYZ is refused with its place", () => {
  test("the text that the cases spoil is good", () => {
    expect(parseExtxyz(GOOD + GOOD).length).toBe(2);
  });

  test.each(CASES)("%s", (_, text, details, words) => {
    const error = failure(text);
    expect(error.details).toMatchObject({ file: "a.xyz", ...details });
    for (const word of words) expect(error.message).toContain(word);
    expect(error.message).toContain(details.line === undefined ? "a.xyz" : `a.xyz:${details.line}`);
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toMatch(/^[\x20-\x7e\u00a0-\uffff]*$/);
  });

  test("CRLF does not shift the line numbers", () => {
    expect(failure(GOOD.replace("4 5 6", "4 x 6").replaceAll("\n", "\r\n")).details.line).toBe(4);
  });
});
