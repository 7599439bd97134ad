import { describe, expect, test } from "vitest";
import type { DataWarning } from "../../../src/errors.js";
import { readExtxyz } from "../../../src/structure/extxyz.js";
import type { Structure } from "../../../src/structure/structure.js";

const TEXT = '1\nProperties=species:S:1:pos:R:3:site:S:1 name="Vacancé" energy=-1.5\nSi 0.5 0 0 Å\n';

async function read(bytes: Uint8Array, piece = bytes.length): Promise<{ structures: Structure[]; warnings: DataWarning[] }> {
  const warnings: DataWarning[] = [];
  const chunks = (async function* () {
    for (let start = 0; start < bytes.length; start += piece) yield bytes.slice(start, start + piece);
  })();
  const structures: Structure[] = [];
  for await (const structure of readExtxyz(chunks, { file: "f.xyz", onWarning: (warning) => warnings.push(warning) })) structures.push(structure);
  return { structures, warnings };
}

function expectText({ structures }: { structures: Structure[] }): void {
  expect(structures.length).toBe(1);
  expect(structures[0]!.info).toEqual(new Map<string, unknown>([["name", "Vacancé"], ["energy", -1.5]]));
  expect(structures[0]!.arrays.get("site")!.values).toEqual(["Å"]);
  expect(structures[0]!.positions[0]).toBe(0.5);
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let index = 0; index < text.length; index++) view.setUint16(2 * index, text.charCodeAt(index), littleEndian);
  return new Uint8Array(view.buffer);
}

describe("encodings", () => {
  test.each([1, 2, 3, 7, 1000])("UTF-8 with and without a byte-order mark, UTF-16 of both orders, in pieces of %i bytes", async (piece) => {
    for (const mark of ["", "\ufeff"]) {
      for (const bytes of [new TextEncoder().encode(mark + TEXT), utf16(mark + TEXT, true), utf16(mark + TEXT, false)]) {
        const result = await read(bytes, piece);
        expectText(result);
        expect(result.warnings).toEqual([]);
      }
    }
  });

  test("bytes of Latin-1 are kept, in the comment and in columns, with one warning", async () => {
    const bytes = Uint8Array.from(TEXT + TEXT, (character) => character.charCodeAt(0));
    const { structures, warnings } = await read(bytes, 10);
    expectText({ structures: structures.slice(0, 1) });
    expectText({ structures: structures.slice(1) });
    expect(warnings.map(({ code, frame }) => ({ code, frame }))).toEqual([{ code: "encoding-not-utf8", frame: 0 }]);
    const onlyColumn = Uint8Array.from(TEXT.replace("é", "e"), (character) => character.charCodeAt(0));
    expect((await read(onlyColumn)).warnings.length).toBe(1);
  });

  test("U+FFFD that stands in the file is no reason to doubt it", async () => {
    expect((await read(new TextEncoder().encode(TEXT.replace("é", "\ufffd")))).warnings).toEqual([]);
  });
});
