import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { InputError } from "../../../src/errors.js";
import type { FormatReadOptions, StructureFormat } from "../../../src/formats/format.js";
import type { Structure } from "../../../src/structure/structure.js";

const FIXTURES = new URL("../../fixtures/formats/", import.meta.url);

export function fixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "utf8");
}

/** The structures of a text, given to the format in pieces that end anywhere. */
export async function readText(format: StructureFormat, text: string, options: FormatReadOptions = { file: "given" }): Promise<Structure[]> {
  const bytes = new TextEncoder().encode(text);
  const chunks = (async function* () {
    for (let start = 0; start < bytes.length; start += 57) yield bytes.slice(start, start + 57);
  })();
  const structures: Structure[] = [];
  for await (const structure of format.read!(chunks, options)) structures.push(structure);
  return structures;
}

export async function writeText(format: StructureFormat, structures: readonly Structure[]): Promise<string> {
  let text = "";
  for await (const piece of format.write!(structures)) text += piece;
  return text;
}

/** The InputError of a text; its message names the file and a line. */
export async function failureOf(format: StructureFormat, text: string): Promise<InputError> {
  const error: unknown = await readText(format, text).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(/given:\d+/);
  return error as InputError;
}
