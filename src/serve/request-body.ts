/** Structures in the body of a request: extended XYZ, or JSON of the form of NDJSON's lines (formats/json-row.ts), one object or one a line. */
import { InputError } from "../errors.js";
import { parseJson, structureOfRow } from "../formats/json-row.js";
import { parseExtxyz } from "../structure/extxyz.js";
import type { Structure } from "../structure/structure.js";

/** What messages call the body. */
const FILE = "request";

/** @throws InputError naming line, structure and atom on anything malformed, and on no structures. */
export function parseRequest(body: Uint8Array): Structure[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new InputError("not a text in UTF-8", { file: FILE, expected: "extended XYZ or JSON, not compressed" });
  }
  return /^\s*[{[]/.test(text) ? parseRows(text) : parseExtxyz(text, FILE);
}

function parseRows(text: string): Structure[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  // An object over several lines begins with a line that is no JSON by itself.
  if (!isJson(lines[first]!)) return [row(text, 1, 0)];
  const structures: Structure[] = [];
  lines.forEach((line, index) => {
    if (line.trim() !== "") structures.push(row(line, index + 1, structures.length));
  });
  return structures;
}

function row(text: string, line: number, structure: number): Structure {
  const origin = { file: FILE, line, structure };
  return structureOfRow(parseJson(text, origin), origin);
}

function isJson(line: string): boolean {
  try {
    parseJson(line, {});
    return true;
  } catch {
    return false;
  }
}
