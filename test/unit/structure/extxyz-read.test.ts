import { describe, expect, test } from "vitest";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { FrameReader } from "../../../src/structure/extxyz-frame.js";
import type { Structure } from "../../../src/structure/structure.js";

/** One silicon atom under a comment line. */
function comment(line: string): Structure {
  return parseExtxyz(`1\n${line}\nSi 0 0 0\n`)[0]!;
}

const info = (line: string): Record<string, unknown> => Object.fromEntries(comment(line).info);
const COLUMNS = "Properties=species:S:1:pos:R:3";

describe("values of the comment line", () => {
  test.each<[string, Record<string, unknown>]>([
    ["a=1 b=-2.5 c=1e-3 d=+.5 e=5.", { a: 1, b: -2.5, c: 0.001, d: 0.5, e: 5 }],
    ['a="1.5" b={2} c={word}', { a: 1.5, b: 2, c: "word" }],
    ["fortran=1.25D-03 whole=12d5", { fortran: 0.00125, whole: 1.2e6 }],
    ["a=nan b=-inf c=Infinity", { a: NaN, b: -Infinity, c: Infinity }],
    ["a=T b=F c=True d=false e=TRUE f=t g=f h=TRuE", { a: true, b: false, c: true, d: false, e: true, f: true, g: false, h: "TRuE" }],
    ["converged energy=-1", { converged: true, energy: -1 }],
    ['a="1 2 3" b="1 2 3 " c=" 1, 2,3" d=1,2', { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3], d: [1, 2] }],
    ['a="T F T" b="T 1"', { a: [true, false, true], b: "T 1" }],
    ["a={1 2 3} b={x y} c={ 1.0  T }", { a: [1, 2, 3], b: ["x", "y"], c: ["1.0", "T"] }],
    ["a=[1, 2, 3] b=[1 2] c=[T, F] d=[] e=[x, y]", { a: [1, 2, 3], b: [1, 2], c: [true, false], d: [], e: ["x", "y"] }],
    ["a=[[1, 2], [3, 4]] b=7", { a: [[1, 2], [3, 4]], b: 7 }],
    ['a=["x y", "z"] b=["1"]', { a: ["x y", "z"], b: ["1"] }],
    ['a=_JSON [1, "x", null, true] b=2', { a: [1, "x", null, true], b: 2 }],
    ['a="_JSON [1, \\"x\\", {\\"k\\": [2]}]"', { a: [1, "x", { k: [2] }] }],
    ['a=_JSON {"k": {"l": [NaN, -Infinity]}}', { a: { k: { l: [NaN, -Infinity] } } }],
    ['a={"k": 1, "l": "m"}', { a: { k: 1, l: "m" } }],
    ['a="_JSON \\"12\\""', { a: "12" }],
    ['a="say \\"hi\\"" b="C:\\data\\x" c="two\\nlines" d="back\\\\slash"', { a: 'say "hi"', b: "C:\\data\\x", c: "two\nlines", d: "back\\slash" }],
    ["a='single quotes' b=5'end", { a: "single quotes", b: "5'end" }],
    ['a=[T, F, bob] b=[T, F, "bob", TRUE] c=[1, 2.5, x] d=[1.0, 2]', { a: ["T", "F", "bob"], b: ["T", "F", "bob", "TRUE"], c: ["1", "2.5", "x"], d: [1, 2] }],
    ['a=[[T, F], [1, 2], [a, "b, c]"]] b=[[1, 2], [3.5, 4]] c=[[t, f]]', { a: [["T", "F"], ["1", "2"], ["a", "b, c]"]], b: [[1, 2], [3.5, 4]], c: [[true, false]] }],
    ["smiles=[H]C([H])=O ion=[Na+]", { smiles: "[H]C([H])=O", ion: ["Na+"] }],
    ["id=000123 signed=-012 hash=12345678901234567890 zero=0 date=20231101", { id: 123, signed: -12, hash: "12345678901234567890", zero: 0, date: 20231101 }],
    ["a = 1 b =2 c= 3", { a: 1, b: 2, c: 3 }],
    ['note= energy=-1 empty="" last=', { note: "", energy: -1, empty: "", last: "" }],
    ['"key with blanks"=1 "=odd"=2', { "key with blanks": 1, "=odd": 2 }],
    ["path=../../a/b-c_00000/d.castep name=Å-ß", { path: "../../a/b-c_00000/d.castep", name: "Å-ß" }],
    ["a=1\tb=2   c=3 \t ", { a: 1, b: 2, c: 3 }],
  ])("%s", (line, expected) => {
    expect(info(`${COLUMNS} ${line}`)).toEqual(expected);
    expect(info(`${line} ${COLUMNS}`)).toEqual(expected);
  });

  test.each(['k="abc"def', 'k="abc"d=2', '"k"l=1', 'k="1 2"3'])("text behind a closing quote is not lost in silence: %s", (line) => {
    const message = 'f.xyz:2, structure 0: text stands behind a closing quote';
    expect(() => parseExtxyz(`1\n${COLUMNS} ${line}\nSi 0 0 0\n`, "f.xyz")).toThrow(message);
  });

  test("entries keep their order, and the frame's own are not among them", () => {
    const structure = comment(`z=1 Lattice="1 0 0 0 1 0 0 0 1" a=2 ${COLUMNS} pbc="T T T" m=3`);
    expect([...structure.info.keys()]).toEqual(["z", "a", "m"]);
  });
});

describe("cell and periodicity", () => {
  const CELL = [1, 2, 3, 4, 5, 6, 7, 8, 10];
  test.each([
    'Lattice="1 2 3 4 5 6 7 8 10"', 'Lattice = "1 2 3 4 5 6 7 8 10"', 'lattice= "1.0  2 3 4 5 6  7 8 10 "', "Lattice={1 2 3 4 5 6 7 8 10}",
      "Lattice=[1,2,3,4,5,6,7,8,10]",
    "Lattice=[[1, 2, 3], [4, 5, 6], [7, 8, 10]]",
  ])("%s", (line) => {
    const structure = comment(`${line} ${COLUMNS}`);
    expect(Array.from(structure.cell!)).toEqual(CELL);
    expect(structure.pbc).toEqual([true, true, true]);
  });

  test.each<[string, boolean[]]>([
    ['pbc="T T F"', [true, true, false]], ["pbc=[T, T, F]", [true, true, false]], ["pbc={T T F}", [true, true, false]],
      ['pbc="1 1 0"', [true, true, false]], ["pbc=TTF", [true, true, false]],
    ["pbc=T", [true, true, true]], ['PBC="False False False"', [false, false, false]], ['pbc = "t t f"', [true, true, false]],
  ])("%s", (line, expected) => {
    expect(comment(`Lattice="1 0 0 0 1 0 0 0 1" ${line}`).pbc).toEqual(expected);
  });

  test("without Lattice, or with zeros, there is no cell and no periodicity", () => {
    for (const line of [COLUMNS, `Lattice="0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0" ${COLUMNS}`, `Lattice="0 0 0 0 0 0 0 0 -0" pbc="F F F"`]) {
      expect(comment(line)).toMatchObject({ cell: null, pbc: [false, false, false] });
    }
  });

  test("a slab may lack its third lattice vector when it is not periodic along it", () => {
    expect(comment('Lattice="3 0 0 0 3 0 0 0 0" pbc="T T F"').pbc).toEqual([true, true, false]);
  });
});

describe("columns", () => {
  test("in any order and of any type, trailing blanks, tabs, CRLF, blank lines at the end", () => {
    const text = [
      "2", 'Properties=tag:I:2:forces:R:3:ok:L:1:pos:R:3:label:S:2:species:S:1:q:R:1 energy=-1.5', "1 -2  0.1 -.2 3e-1 T\t1 2 3 left a Si -0.5   ",
        "3 4 4 5 6 False 7 8 9 β b o 1.D0", "", "  ", "",
    ].join("\r\n");
    const [structure, ...more] = parseExtxyz(text);
    expect(more).toEqual([]);
    expect(Array.from(structure!.species)).toEqual([14, 8]);
    expect(Array.from(structure!.positions)).toEqual([1, 2, 3, 7, 8, 9]);
    expect([...structure!.arrays.keys()]).toEqual(["tag", "forces", "ok", "label", "q"]);
    expect(structure!.arrays.get("tag")).toEqual({ kind: "I", width: 2, values: Float64Array.of(1, -2, 3, 4) });
    expect(structure!.arrays.get("forces")).toEqual({ kind: "R", width: 3, values: Float64Array.of(0.1, -0.2, 0.3, 4, 5, 6) });
    expect(structure!.arrays.get("ok")).toEqual({ kind: "L", width: 1, values: [true, false] });
    expect(structure!.arrays.get("label")).toEqual({ kind: "S", width: 2, values: ["left", "a", "β", "b"] });
    expect(structure!.arrays.get("q")).toEqual({ kind: "R", width: 1, values: Float64Array.of(-0.5, 1) });
    expect(structure!.info.get("energy")).toBe(-1.5);
  });

  test("species as symbols, as atomic numbers, or both", () => {
    const species = (properties: string, line: string): Structure => parseExtxyz(`1\nProperties=${properties}\n${line}`)[0]!;
    expect(species("element:S:1:pos:R:3", "Cl 0 0 0").species[0]).toBe(17);
    expect(species("Z:I:1:pos:R:3", "92 0 0 0").species[0]).toBe(92);
    expect(species("pos:R:3:numbers:I:1", "0 0 0 8").species[0]).toBe(8);
    expect(species("species:I:1:pos:R:3", "8 0 0 0").species[0]).toBe(8);
    const both = species("Z:I:1:species:S:1:pos:R:3", "14 Si 0 0 0");
    expect([both.species[0], both.arrays.get("Z")!.values[0]]).toEqual([14, 14]);
  });

  test("plain XYZ: free text as comment, symbols or atomic numbers, any capitalization", () => {
    const [water, carbon] = parseExtxyz("3\n5' strand, \"draft = 2\nO 0 0 0\nh 1 0 0\n1 0 1 0\n1\n\nC 0.5 0 0");
    expect(Array.from(water!.species)).toEqual([8, 1, 1]);
    expect(water!.info).toEqual(new Map([["comment", "5' strand, \"draft = 2"]]));
    expect(water!.cell).toBe(null);
    expect(carbon!.info.size).toBe(0);
    expect(carbon!.positions[0]).toBe(0.5);
  });

  test("plain XYZ with further columns: the first four are read, and one warning says so", () => {
    const warnings: unknown[] = [];
    const reader = new FrameReader("w.xyz", (warning) => warnings.push(warning));
    const [first, second] = reader.push(new TextEncoder().encode("2\n\nO 0 0 0\nH 1 0 0\n3\nwater\nO 0.0 0.0 0.0 -0.8\nH 0.96 0.0 0.0 x y\n1 -0.24 0.93 0.0 0.4\n"));
    expect(first!.species.length).toBe(2);
    expect(Array.from(second!.positions)).toEqual([0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0]);
    expect(second!.arrays.size).toBe(0);
    expect(warnings).toEqual([
      { code: "columns-ignored", file: "w.xyz", frame: 1, text: "w.xyz: structure 1 is plain XYZ with more than four columns; only the first four are read" },
    ]);
    expect(() => parseExtxyz(`1\n${COLUMNS}\nO 0 0 0 1`)).toThrow("expected 4");
    expect(() => parseExtxyz("1\n\nO 0 0")).toThrow("expected 4");
    expect(() => parseExtxyz("1\n\nO 0 0 zero 5")).toThrow("wrong type of value");
    expect(() => parseExtxyz("1\n\nQ 0 0 0 5")).toThrow("unknown element");
  });

  test("every symbol of the table, and no other pair of letters", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let known = 0;
    for (const first of alphabet) {
      for (const second of ["", ...alphabet.toLowerCase()]) {
        try {
          parseExtxyz(`1\n\n${first}${second} 0 0 0`);
          known++;
        } catch (error) {
          expect((error as Error).message).toContain("unknown element");
        }
      }
    }
    expect(known).toBe(118);
  });

  test("a structure without atoms is a structure", () => {
    const structures = parseExtxyz('0\nLattice="1 0 0 0 1 0 0 0 1" Properties=species:S:1:pos:R:3:forces:R:3 energy=0\n1\n\nH 0 0 0\n0\n\n');
    expect(structures.map(({ species }) => species.length)).toEqual([0, 1, 0]);
    expect(structures[0]!.arrays.get("forces")!.values.length).toBe(0);
    expect(structures[0]!.cell![0]).toBe(1);
  });

  test("more atoms than any first guess of the size", () => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, atom) => `Si ${atom} ${atom / 4} ${1 - atom} ${atom} T w${atom}`);
    const structure = parseExtxyz(`${count}\nProperties=species:S:1:pos:R:3:id:I:1:flag:L:1:name:S:1\n${lines.join("\n")}`)[0]!;
    expect(structure.positions.length).toBe(3 * count);
    for (const atom of [0, 4095, 4096, 8191, 8192, count - 1]) {
      expect(Array.from(structure.positions.subarray(3 * atom, 3 * atom + 3))).toEqual([atom, atom / 4, 1 - atom]);
      expect(structure.arrays.get("id")!.values[atom]).toBe(atom);
      expect(structure.arrays.get("name")!.values[atom]).toBe(`w${atom}`);
    }
    expect(structure.arrays.get("id")!.values.length).toBe(count);
  });

  test("a byte-order mark before the first count", () => {
    expect(parseExtxyz("\ufeff1\n\nH 0 0 0").length).toBe(1);
  });
});

describe("numbers are the float64 nearest to their text", () => {
  test("against the engine's own conversion", () => {
    const tokens = [
      "0", "-0", "-0.000", "+1", "007", "1.", ".5", "-.5e1", "1e22", "1e23", "123456789012345", "1234567890123456", "12345678901234567890", "0.1",
        "0.3e0", "2.2250738585072014e-308", "5e-324",
      "1.7976931348623157e308", "9007199254740993", "0.000000000000000000000000000001", "123456789.123456789", "999999999999999e-22", "4.35", "1e-22",
        "1e-23", "8.5e22", "-1E+5", "3e-05",
      "0.1234567890123456", "299792458.000000000000",
    ];
    let seed = 12345;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
    for (let draw = 0; draw < 20_000; draw++) {
      const value = (random() - 0.5) * 10 ** Math.floor(40 * random() - 20);
      const digits = Math.floor(16 * random());
      tokens.push([value.toString(), value.toFixed(digits), value.toExponential(digits), value.toPrecision(1 + digits)][draw % 4]!);
    }
    while (tokens.length % 3 !== 0) tokens.push("0");
    const lines = Array.from({ length: tokens.length / 3 }, (_, atom) => `H 0 0 0 ${tokens.slice(3 * atom, 3 * atom + 3).join(" ")}`);
    const values = parseExtxyz(`${lines.length}\nProperties=species:S:1:pos:R:3:x:R:3\n${lines.join("\n")}\n`)[0]!.arrays.get("x")!.values;
    const wrong = tokens.filter((token, index) => !Object.is(values[index], Number(token)));
    expect(wrong).toEqual([]);
  });

  test("NaN and infinities are numbers in columns other than positions", () => {
    const values = parseExtxyz("1\nProperties=species:S:1:pos:R:3:x:R:3\nH 0 0 0 NaN -inf Infinity")[0]!.arrays.get("x")!.values;
    expect(Array.from(values as Float64Array)).toEqual([NaN, -Infinity, Infinity]);
  });
});
