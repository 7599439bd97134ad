// Files of test/fixtures/formats and texts, through the door that every file takes.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { InputError } from "../../../src/errors.js";
import { formatToWrite, readAnyStructures } from "../../../src/formats/formats.js";
import type { Structure } from "../../../src/structure/structure.js";

export function fixture(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../fixtures/formats/${name}`, import.meta.url)), "utf8");
}

/** The text in pieces of `size` bytes, the buffer used again for each. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(size);
  for (let start = 0; start < bytes.length; start += size) {
    const piece = bytes.subarray(start, start + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

export async function readText(text: string, file: string, species?: readonly string[], size = 1000): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of readAnyStructures(pieces(text, size), { file, species })) structures.push(structure);
  return structures;
}

export const readFixture = (name: string, species?: readonly string[]): Promise<Structure[]> => readText(fixture(name), name, species);

export async function writeText(file: string, structures: readonly Structure[]): Promise<string> {
  let text = "";
  for await (const piece of formatToWrite(file).write(structures)) text += piece;
  return text;
}

export async function failureOf(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

/** Largest difference of two lists of numbers of one length. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0);
}
