/** A text file line by line, with the place in it for messages. */
import { InputError, type ErrorDetails } from "../errors.js";
import { atomicNumberOf } from "../structure/elements.js";
import { excerpt, parseNumber } from "../structure/extxyz-value.js";
import { textLines } from "./text-lines.js";

export class LineReader {
  /** 1-based number of the line last taken. */
  line = 0;
  /** 0-based index of the structure being read; the caller counts. */
  structure = 0;
  readonly file: string | undefined;
  private readonly lines: AsyncGenerator<string, void, undefined>;
  private held: string | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, file: string | undefined) {
    this.file = file;
    this.lines = textLines(chunks, file);
  }

  /** The next line; undefined at the end of the file. */
  async next(): Promise<string | undefined> {
    const held = this.held;
    if (held !== undefined) this.held = undefined;
    const line = held ?? (await this.lines.next()).value ?? undefined;
    if (line !== undefined) this.line++;
    return line;
  }

  /** Puts the line last taken back. */
  back(line: string): void {
    this.held = line;
    this.line--;
  }

  /** The next line. @throws InputError at the end of the file. */
  async need(expected: string): Promise<string> {
    const line = await this.next();
    if (line === undefined) throw this.error("file is truncated", { expected, got: "the end of the file" });
    return line;
  }

  /** The first `count` numbers of the next line. @throws InputError when there are fewer, or they are not finite. */
  async numbers(count: number, what: string): Promise<number[]> {
    return this.parse((await this.need(what)), count, what);
  }

  /** The first `count` words of a line as numbers. @throws InputError when there are fewer, or they are not finite. */
  parse(line: string, count: number, what: string): number[] {
    const values = wordsOf(line).slice(0, count).map((word) => parseNumber(word) ?? NaN);
    if (values.length < count || !values.every(Number.isFinite)) throw this.error("wrong line", { expected: what, got: excerpt(line) });
    return values;
  }

  error(what: string, details: ErrorDetails = {}): InputError {
    return new InputError(what, { ...(this.file !== undefined && { file: this.file }), line: this.line, structure: this.structure, ...details });
  }

  /** @throws InputError when the name is of no element. */
  element(symbol: string, details: ErrorDetails = {}): number {
    const z = atomicNumberOf(symbol);
    if (z === undefined) throw this.error("unknown element", { key: "species", expected: "a chemical symbol", got: excerpt(symbol), ...details });
    return z;
  }

  /** Closes the source, wherever the reading ended. */
  async close(): Promise<void> {
    await this.lines.return();
  }
}

export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
}
