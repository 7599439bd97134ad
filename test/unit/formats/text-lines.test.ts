import { expect, test } from "vitest";
import { ndjson } from "../../../src/formats/ndjson.js";
import { textLines } from "../../../src/formats/text-lines.js";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  // One buffer for all pieces, as a source may do it.
  const buffer = new Uint8Array(size);
  for (let begin = 0; begin < bytes.length; begin += size) {
    const piece = bytes.subarray(begin, begin + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

async function lines(bytes: Uint8Array, size: number): Promise<string[]> {
  const found: string[] = [];
  for await (const line of textLines(pieces(bytes, size))) found.push(line);
  return found;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([1, 2, 3, 7, 1000])("lines in pieces of %i bytes, whatever ends them", async (size) => {
  expect(await lines(utf8("a\r\n\nÅngström\u2028x\n\n1 2\r\nend"), size)).toEqual(["a", "", "Ångström\u2028x", "", "1 2", "end"]);
  expect(await lines(utf8("a\n"), size)).toEqual(["a"]);
  expect(await lines(utf8(""), size)).toEqual([]);
});

test.each([1, 4, 1000])("a line that is not UTF-8 is read as Windows-1252, the others stay UTF-8 (pieces of %i bytes)", async (size) => {
  const bytes = Uint8Array.of(...utf8("Å\nB"), 0xfc, ...utf8("rgi\nÅ"));
  expect(await lines(bytes, size)).toEqual(["Å", "Bürgi", "Å"]);
});

test("Latin-1 in a row of JSON comes out as the text it is", async () => {
  const bytes = Uint8Array.of(...utf8('{"species": ["H"], "positions": [[0, 0, 0]], "info": {"author": "M'), 0xfc, ...utf8('ller"}}\n'));
  for await (const { info } of ndjson.read!(pieces(bytes, 16), {})) expect(info.get("author")).toBe("Müller");
  expect.assertions(1);
});
