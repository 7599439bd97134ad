import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { annotateStructure, createStructure, type AtomArray, type InfoValue, type Structure } from "../../../src/structure/structure.js";
import { contentOf } from "../../reference/content.js";

function withInfo(entries: readonly (readonly [string, InfoValue])[]): Structure {
  return createStructure({ species: [14], positions: [0, 0, 0], info: new Map(entries) });
}

/** toEqual with Object.is: −0 and NaN count, Map order is compared too. */
function expectSame(a: Structure, b: Structure): void {
  expect(contentOf(a)).toStrictEqual(contentOf(b));
  expect([...a.info.keys()]).toEqual([...b.info.keys()]);
  expect([...a.arrays.keys()]).toEqual([...b.arrays.keys()]);
}

const AWKWARD: InfoValue[] = [
  "plain", "two words", "", " ", " padded ", "12", "1e5", "-0", "nan", "inf", "T", "False", "true", "null", "t", "f", "007", "12d5", "000123", "1 2 3", "T F", "1,2", "a,b",
    "a=b", "[1, 2]", "[x", "x]", "{1 2}", "{", "_JSON", "_JSON 1",
  "_JSON_file", '"', 'a"b', '"quoted"', "it's", "'single'", "back\\slash", "C:\\new", "\\", 'mixed \\" "', "two\nlines", "tab\there", "cr\r",
    "\u0000", "ü Å 漢 😀", "\ud800", "\u2028", "\u00a0", "\ufeff", "#",
  "=", "key=value other=3", "1d5", "1.0D5", "0x10", "+1", "12345678901234567890",
  0, -0, 1, -1.5, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, 1e21, 1e-7, NaN, Infinity, -Infinity, true, false, null,
  [], [1], [-0], [1, 2, 3], [0.1, NaN, -Infinity], [true], [true, false], ["a"], ["1", "T"], ["T", "bob"], ["t"], ["007"], ["a b", "c\"d"], [1, "1", true, null], [[1, 2], [3, 4]],
    [[]], [[1], ["x", [true]]],
  {}, { a: 1 }, { "k k": [1, { b: "2" }], n: null, q: 'say "hi" \\ \n' },
];

describe("write → read is exact", () => {
  const named = AWKWARD.map((value) => [JSON.stringify(value) + (typeof value === "number" ? ` ${value}` : ""), value] as const);
  test.each(named)("info value %s", (_, value) => {
    const structure = withInfo([["before", 1], ["it", value], ["after", "x"]]);
    const text = formatExtxyz(structure);
    expect(text.split("\n").length).toBe(4);
    expectSame(parseExtxyz(text)[0]!, structure);
  });

  test.each(["key", "two words", "a=b", "a\"b", "'", "[x]", "x[1]", "back\\slash", "trailing\\", "ü", "1", "T", "energy/atom",
    "_JSON", "a\nb", "\u0001", "\u001b[31m", "a\rb", "tab\there", "\u2028"])("info key %j", (key) => {
    const structure = withInfo([[key, 1], ["flag", true], [`${key}2`, "x"]]);
    expectSame(parseExtxyz(formatExtxyz(structure))[0]!, structure);
  });

  // A name is whatever stands between two colons.
  test.each(["f[0]", "a b", "q\"", "'", "back\\slash", "{x}", "a,b", "a=b", "\u0001", "two\nlines", "ü", "1", "T", "Z", "positions"])(
    "column name %j", (name) => {
      const values = Float64Array.of(0.5);
      const structure = { ...withInfo([["k", 1]]), arrays: new Map<string, AtomArray>([[name, { kind: "R", width: 1, values }]]) };
      expectSame(parseExtxyz(formatExtxyz(structure))[0]!, structure);
    },
  );

  test("a column with a usual name of the positions beside others that are the positions", () => {
    const text = "1\nProperties=Z:I:1:pos:R:6:positions:R:3:species:S:2\n14 1 2 3 4 5 6 7 8 9 a b\n";
    const structure = parseExtxyz(text)[0]!;
    expect([...structure.arrays.keys(), ...structure.positions]).toEqual(["pos", "species", 7, 8, 9]);
    expectSame(parseExtxyz(formatExtxyz(structure))[0]!, structure);
  });

  test("numbers to the last bit, random bit patterns, in cell, positions and columns", () => {
    const bits = new Uint32Array(2 * 600);
    let seed = 7;
    for (let word = 0; word < bits.length; word++) bits[word] = seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const values = new Float64Array(bits.buffer);
    // A NaN has many bit patterns and one name.
    const forces = values.map((value) => (Number.isNaN(value) ? NaN : value));
    const positions = Float64Array.from(forces, (value, index) => (Number.isFinite(value) ? value : index / 7));
    positions[4] = -0;
    const structure = createStructure({
      species: Array.from({ length: 200 }, (_, atom) => 1 + (atom % 118)), positions,
        cell: [3 + 1e-15, 0.1, -1 / 3, 0, 2.9999999999999996, -0, 1e-17, 0, 5], pbc: [true, false, true],
      arrays: new Map<string, AtomArray>([["forces", { kind: "R", width: 3, values: forces }]]),
    });
    const again = parseExtxyz(formatExtxyz(structure))[0]!;
    expect(new BigUint64Array(again.positions.buffer)).toEqual(new BigUint64Array(positions.buffer));
    expect(new BigUint64Array(again.cell!.buffer)).toEqual(new BigUint64Array(structure.cell!.buffer));
    expectSame(again, structure);
  });

  test("columns of every type, in their order", () => {
    const arrays = new Map<string, AtomArray>([
      ["tag", { kind: "I", width: 2, values: Float64Array.of(-1, 9007199254740991, 0, 5) }],
      ["name", { kind: "S", width: 1, values: ["T", "1.50"] }],
      ["move", { kind: "L", width: 3, values: [true, false, true, true, true, false] }],
      ["Z", { kind: "I", width: 1, values: Float64Array.of(8, 1) }],
      ["β", { kind: "R", width: 1, values: Float64Array.of(NaN, -0) }],
      ["words", { kind: "S", width: 2, values: ["\"a", "b\"", "[", "ü"] }],
    ]);
    const structure = createStructure({ species: [8, 1], positions: [0, 0, 0, 1, 0, 0], arrays });
    expectSame(parseExtxyz(formatExtxyz(structure))[0]!, structure);
  });

  test("no atoms, no cell, several frames after one another", () => {
    const structures = [createStructure({ species: [], positions: [] }), withInfo([["energy", -1]]),
      createStructure({ species: [], positions: [], cell: [1, 0, 0, 0, 1, 0, 0, 0, -1] })];
    const again = parseExtxyz(structures.map(formatExtxyz).join(""));
    structures.forEach((structure, index) => expectSame(again[index]!, structure));
  });

  test("what other programs read: plain forms where they serve", () => {
    const structure = createStructure({
      species: [14], positions: [0.5, 0, -1], cell: [5, 0, 0, 0, 5, 0, 0, 0, 5],
      info: new Map<string, InfoValue>([["energy", -1.5], ["virial", [1, 2, 3]], ["config_type", "bulk"], ["note", "a b"], ["ok", true]]),
      arrays: new Map<string, AtomArray>([["forces", { kind: "R", width: 3, values: Float64Array.of(1, 2.5, 1e-9) }]]),
    });
    expect(formatExtxyz(structure)).toBe(
      '1\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:3 ' +
        'energy=-1.5 virial="1 2 3" config_type=bulk note="a b" ok=T pbc="T T T"\nSi 0.5 0 -1 1 2.5 1e-9\n',
    );
  });
});

describe("what cannot be written is refused by name", () => {
  const column = (name: string, array: AtomArray): Structure => ({ ...withInfo([]), arrays: new Map([[name, array]]) });
  const text = (value: string): AtomArray => ({ kind: "S", width: 1, values: [value] });
  test.each<[string, Structure, string]>([
    ["reserved key", withInfo([["Lattice", "x"]]), '"Lattice"'],
    ["reserved key in small letters", withInfo([["properties", 1]]), '"properties"'],
    ["empty key", withInfo([["", 1]]), "key cannot be written"],
    ["key with half a character", withInfo([["a\ud800", 1]]), "key cannot be written"],
    ["brackets in brackets without end", withInfo([["deep", Array.from({ length: 70 }).reduce<InfoValue>((inner) => [inner], 1)]]), "nested too deeply"],
    ["text with a blank", column("name", text("a b")), "without blanks"],
    ["empty text", column("name", text("")), "without blanks"],
    ["column name with a colon", column("a:b", text("x")), "a:b"],
    ["column that would be taken for the species", column("species", text("x")), "species"],
    ["column that would be taken for the positions", column("pos", { kind: "R", width: 3, values: Float64Array.of(1, 2, 3) }), "pos"],
    ["half an integer", column("tag", { kind: "I", width: 1, values: Float64Array.of(0.5) }), "an integer"],
    ["column of the wrong length", column("q", { kind: "R", width: 1, values: Float64Array.of(1, 2) }), "expected 1 values"],
  ])("%s", (_, structure, words) => {
    expect(() => formatExtxyz(structure)).toThrow(InputError);
    expect(() => formatExtxyz(structure)).toThrow(words);
  });
});

describe("annotateStructure", () => {
  const structure = parseExtxyz("2\nProperties=species:S:1:pos:R:3:forces:R:3:q:R:1 a=1 b=2\nSi 0 0 0 1 2 3 4\nSi 1 1 1 5 6 7 8\n")[0]!;
  const forces: AtomArray = { kind: "R", width: 3, values: Float64Array.of(9, 9, 9, 9, 9, 9) };

  test("replaces in place, adds at the end, leaves the original alone", () => {
    const annotated = annotateStructure(structure,
      { info: [["lather_energy", -3], ["a", 5]], arrays: new Map([["lather_forces", forces], ["forces", forces]]) });
    expect([...annotated.info]).toEqual([["a", 5], ["b", 2], ["lather_energy", -3]]);
    expect([...annotated.arrays.keys()]).toEqual(["forces", "q", "lather_forces"]);
    expect(annotated.arrays.get("forces")!.values[0]).toBe(9);
    expect(structure.arrays.get("forces")!.values[0]).toBe(1);
    expect(structure.info.get("a")).toBe(1);
    expectSame(parseExtxyz(formatExtxyz(annotated))[0]!, annotated);
  });

  test("a column that does not fit the atoms is refused", () => {
    expect(() => annotateStructure(structure,
      { arrays: [["x", { kind: "R", width: 2, values: Float64Array.of(1, 2) }]] })).toThrow("2 values for each of 2 atoms");
    expect(() => annotateStructure(structure, { arrays: [["x", { kind: "R", width: 0, values: new Float64Array(0) }]] })).toThrow(InputError);
  });
});
