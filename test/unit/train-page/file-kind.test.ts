// What a dropped file is said to be.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { formatConfiguration } from "lather";
import { recognizeFile } from "../../../demos/file-kind.js";

const XYZ = "1\nProperties=species:S:1:pos:R:3\nSi 0 0 0\n";
const MODEL = '{"format":"lather-model","version":2,"checksum":"crc32:0","lather":"0.1.0","potential":{}}';
const of = async (name: string, content: string | Uint8Array) => recognizeFile(new File([content as BlobPart], name));

test.each([
  ["a.xyz", XYZ, "structures", /structures/],
  ["a.xyz.gz", gzipSync(XYZ), "structures", /structures/],
  ["model.lather.json", MODEL, "model", /Lather model/],
  ["packed.json.gz", gzipSync(MODEL), "model", /Lather model/],
  ["a.json", MODEL.replace('"potential":{', '"property":{"name":"mu"'), "property-model", /property/],
  ["fit.json", formatConfiguration(), "configuration", /configuration/],
  ["small.json", '// mine\n{ "cutoff": { "radius": 4 } }', "configuration", /configuration/],
  ["md.restart", '{\n "format": "lather-restart",\n "version": 1}', "other", /restart file/],
  ["photo.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0, 1]), "other", /PNG/],
  ["paper.xyz", "%PDF-1.7 …", "other", /PDF/],
  ["md.db", "SQLite format 3\0 …", "other", /SQLite/],
  ["md.traj", "- of Ulm …", "other", /ASE trajectory/],
  ["line.ndjson", '{"species": ["H"], "positions": [[0, 0, 0]]}\n', "structures", /structures/],
  ["ase.json", '{"1": {"numbers": {"__ndarray__": [[1], "int64", [1]]}}, "ids": [1], "nextid": 2}', "structures", /structures/],
  ["broken.xyz", "1\n", "structures", /structures/],
  ["empty.xyz", "", "structures", /structures/],
] as const)("%s", async (name, content, kind, words) => {
  const found = await of(name, content);
  expect(found.kind).toBe(kind);
  expect(found.words).toMatch(words);
});
