import { describe, expect, test } from "vitest";
import { aseJson } from "../../../src/formats/ase-json.js";
import { ndjson } from "../../../src/formats/ndjson.js";
import { createStructure, type AtomArray, type InfoValue, type Structure } from "../../../src/structure/structure.js";
import { contentOf } from "../../reference/content.js";
import { failureOf, fixture, readText, writeText } from "./read-format.js";

const RICH: Structure = createStructure({
  species: [8, 1], positions: [0, -0, 0.1, 1e-300, 2, 1 / 3], cell: [4, 0, 0, 1, 5, 0, 0, 0, 6], pbc: [true, true, false],
  info: new Map<string, InfoValue>([["energy", -1.5], ["stress", [1, 2, 3, 4, NaN, -Infinity]], ["name", "NaN"], ["deep", { k: [1, [true, null]] }], ["flag", false], ["id", "007"]]),
  arrays: new Map<string, AtomArray>([
    ["forces", { kind: "R", width: 3, values: Float64Array.of(0, 0, 0, 1, NaN, 3) }], ["count", { kind: "I", width: 1, values: Float64Array.of(1, -2) }],
    ["fixed", { kind: "L", width: 1, values: [true, false] }], ["site", { kind: "S", width: 2, values: ["a", "b c", "", "ü"] }],
  ]),
});
const BARE = createStructure({ species: [14], positions: [0, 0, 0] });

describe.each([["NDJSON", ndjson], ["ASE database", aseJson]])("%s", (_, format) => {
  test("what is written reads back the same", async () => {
    const text = await writeText(format, [RICH, BARE]);
    const read = await readText(format, text);
    const sorted = (structure: Structure): unknown => {
      const { info, arrays, ...rest } = contentOf(structure);
      return { ...rest, info: Object.fromEntries(info), arrays: Object.fromEntries(arrays) };
    };
    expect(read.map(sorted)).toStrictEqual([RICH, BARE].map(sorted));
    expect(read.map(({ origin }) => origin)).toEqual([{ file: "given", line: 1, structure: 0 }, { file: "given", line: 2, structure: 1 }]);
    expect(format.recognizes("", text)).toBe(true);
  });

  test("a truncated file", async () => {
    const text = await writeText(format, [RICH, BARE]);
    expect((await failureOf(format, text.slice(0, -30))).message).toContain("file is truncated");
  });

  test("a file of another kind, and brackets without end", async () => {
    expect((await failureOf(format, "3\nwater\nO 0 0 0\n")).message).toMatch(/not a|JSON/);
    expect((await failureOf(format, "[".repeat(100_000))).message).toContain("nested too deeply");
  });
});

describe("ASE's own files", () => {
  test("energy, forces, stress, charges as ASE has them", async () => {
    const [copper, water] = await readText(aseJson, fixture("ase-db.json"));
    expect(copper!.cell![0]).toBe(3.61);
    expect(copper!.info.get("energy")).toBe(0.0007565224378076607);
    expect((copper!.info.get("stress") as number[])[0]).toBe(0.011350560935997716);
    expect(copper!.arrays.get("forces")!.values[3]).toBe(0.4483503973048253);
    expect(water).toMatchObject({ cell: null, pbc: [false, false, false], origin: { file: "given", structure: 1 } });
    expect(water!.origin!.line).toBe(1 + fixture("ase-db.json").split("\n").findIndex((line) => line.startsWith('"2"')));
    expect(water!.info.get("energy")).toBe(-14.2);
    expect(Array.from(water!.arrays.get("forces")!.values as Float64Array)).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]);
    expect(water!.arrays.get("initial_charges")!.values[0]).toBe(-0.8);
  });

  test("key_value_pairs and data are info", async () => {
    const [copper] = await readText(aseJson, fixture("ase-db-keys.json"));
    expect(Object.fromEntries(copper!.info)).toMatchObject({ config_type: "bulk", relaxed: true, level: 3, note: [1, 2], calculator: "emt" });
  });

  test.each([
    ['{"ids": [1]}', "row is missing"], ['{"1": {"numbers": [1]}, "ids": [1]}', "malformed array"], ['{"1": {"positions": []}, "ids": [1]}', "no species"],
    ['{"1": {"numbers": [1], "positions": [[0, 0, NaN]]}, "ids": [1]}', "malformed array"],
  ])("refused: %s", async (text, message) => {
    expect((await failureOf(aseJson, text)).message).toContain(message);
  });
});

describe("NDJSON", () => {
  test("symbols or numbers, plain lists, labels beside the positions", async () => {
    const text = '{"symbols": ["h"], "positions": [[0, 0, 1]], "energy": -2, "dft_forces": [[1, 2, 3]]}\n\n{"numbers": [1, 8], "positions": [[0,0,0],[1,1,1]], "cell": [[3,0,0],[0,3,0],[0,0,3]], "pbc": true}\r\n';
    const [first, second] = await readText(ndjson, text);
    expect(first!.info.get("energy")).toBe(-2);
    expect(Array.from(first!.arrays.get("dft_forces")!.values as Float64Array)).toEqual([1, 2, 3]);
    expect(second).toMatchObject({ pbc: [true, true, true], origin: { file: "given", line: 3, structure: 1 } });
  });

  test.each([
    ['{"species": ["Q"], "positions": [[0, 0, 0]]}', "unknown element"], ['{"species": ["H"], "positions": [[0, 0]]}', "malformed array"],
    ['{"species": ["H"], "positions": [[0, 0, 0]], "pbc": true}', "without a cell"], ['{"species": ["H"], "positions": [[0, 0, 0]], "forces": [[1, 2, 3], [4, 5, 6]]}', "does not fit the atoms"],
    ["[1, 2]", "not a structure"], ['{"species": ["H"], "positions": [[0, 0, 0]], "info": 3}', "malformed entry"], ['{"a": }', "not JSON"],
  ])("refused: %s", async (text, message) => {
    expect((await failureOf(ndjson, text)).message).toContain(message);
  });
});
