/**
 * Values of an extended-XYZ comment line: what a piece of text means, and how a value is written so that reading gives it back.
 *
 *   scalar   number | T F t f True False … | text
 *   list     "1 2 3"  {1 2 3}  [1, 2, 3]  [[1, 2], [3, 4]]      all items of one kind: words where they differ; {1} is a scalar
 *   JSON     _JSON [...]  "_JSON {...}"       (with Python's NaN and Infinity)
 *
 * Grammar: https://github.com/libAtoms/extxyz; `_JSON` as in ASE. Quotes do not make a number a string there (energy="-76.3" is a number),
 * so text that would be taken for something else is written as `_JSON "text"`.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import type { InfoValue } from "./structure.js";

const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Fortran writes double precision with D. */
const FORTRAN_REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)[dD][+-]?\d+$/;
const NOT_FINITE = /^([+-]?)(nan|inf|infinity)$/i;

/** The number a token stands for, NaN and infinities included; undefined when it is not a number. */
export function parseNumber(token: string): number | undefined {
  if (REAL.test(token)) return Number(token);
  if (FORTRAN_REAL.test(token)) return Number(token.replace(/[dD]/, "e"));
  const special = NOT_FINITE.exec(token);
  if (!special) return undefined;
  if (special[2]!.toLowerCase() === "nan") return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

const LOGICAL: ReadonlyMap<string, boolean> = new Map([
  ["T", true], ["t", true], ["True", true], ["true", true], ["TRUE", true],
  ["F", false], ["f", false], ["False", false], ["false", false], ["FALSE", false],
]);

/** The truth value a token stands for; undefined when it is not one. */
export function parseLogical(token: string): boolean | undefined {
  return LOGICAL.get(token);
}

/** Shortest decimal that reads back to the same float64, −0, NaN and infinities included. */
export function formatNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  // Written out, an integer beyond 2⁵³ would be read as an identifier.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value) ? value.toExponential() : String(value);
}

/** First characters of numbers, of logical values and of nan and inf. */
const NOT_TEXT = /^[-+.\dTtFfNnIi]/;

function parseScalar(token: string): string | number | boolean {
  if (!NOT_TEXT.test(token)) return token;
  const logical = parseLogical(token);
  if (logical !== undefined) return logical;
  const number = parseNumber(token);
  if (number === undefined) return token;
  // An identifier: "12345678901234567890" would not come back from a float64.
  if (INTEGER.test(token) && !Number.isSafeInteger(number)) return token;
  return number;
}

/** Scalars of a list without brackets, when they are all numbers or all logical; undefined otherwise. */
function parsePlainList(text: string): readonly InfoValue[] | undefined {
  const items: (number | boolean)[] = [];
  for (const token of text.split(/[\s,]+/)) {
    const item = parseScalar(token);
    if (typeof item === "string" || (items.length > 0 && typeof item !== typeof items[0])) return undefined;
    items.push(item);
  }
  return items;
}

/** Brackets in each other that a value may have; the parser goes down by calling itself. */
const DEEPEST = 64;

/** Recursive descent over `[...]`, `{"key": ...}`, quoted strings and bare words; `json` decides what a bare word may be. */
class NestedParser {
  private readonly text: string;
  private readonly json: boolean;
  private readonly where: ErrorDetails;
  private depth = 0;
  /** What the items are, bare words taken for what they look like. */
  private readonly kinds = new Set<string>();
  position: number;

  constructor(text: string, position: number, json: boolean, where: ErrorDetails) {
    this.text = text;
    this.position = position;
    this.json = json;
    this.where = where;
  }

  /** The value at the position, which then points behind it; undefined on a syntax error. @throws InputError when it is nested too deeply. */
  read(): InfoValue | undefined {
    const value = this.value();
    // All items are of one kind: numbers beside words are words.
    return value === undefined || this.json || this.kinds.size !== 1 || this.kinds.has("string") ? value : scalarsOf(value);
  }

  private value(): InfoValue | undefined {
    this.skip(/\s*/y);
    const first = this.text[this.position];
    if (first === "[") return this.nested(() => this.list());
    if (first === "{") return this.json ? this.nested(() => this.object()) : undefined;
    if (first === '"') return this.string();
    return this.word();
  }

  skip(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.position += found.length;
    return found;
  }

  private nested(read: () => InfoValue | undefined): InfoValue | undefined {
    if (++this.depth > DEEPEST) throw new InputError("value is nested too deeply", { ...this.where, expected: `at most ${DEEPEST} brackets in each other`, got: "more" });
    const value = read();
    this.depth--;
    return value;
  }

  private list(): InfoValue | undefined {
    const items: InfoValue[] = [];
    this.position++;
    for (;;) {
      this.skip(this.json || items.length === 0 ? /\s*/y : /[\s,]*/y);
      if (this.text[this.position] === "]") break;
      if (this.json && items.length > 0 && this.skip(/,\s*/y) === "") return undefined;
      const item = this.value();
      if (item === undefined) return undefined;
      items.push(item);
    }
    this.position++;
    return items;
  }

  private object(): InfoValue | undefined {
    const entries: [string, InfoValue][] = [];
    this.position++;
    for (;;) {
      this.skip(/\s*/y);
      if (this.text[this.position] === "}") break;
      if (entries.length > 0 && this.skip(/,\s*/y) === "") return undefined;
      const key = this.string();
      if (key === undefined || this.skip(/\s*:/y) === "") return undefined;
      const value = this.value();
      if (value === undefined) return undefined;
      entries.push([key, value]);
    }
    this.position++;
    return Object.fromEntries(entries);
  }

  private string(): string | undefined {
    if (this.text[this.position] !== '"') return undefined;
    const end = closingQuote(this.text, this.position);
    if (end < 0) return undefined;
    const literal = this.text.slice(this.position, end + 1);
    this.position = end + 1;
    if (!this.json) {
      this.kinds.add("string");
      return unescapeQuoted(literal.slice(1, -1));
    }
    try {
      return JSON.parse(literal) as string;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  private word(): InfoValue | undefined {
    const word = this.skip(this.json ? /[\w.+-]+/y : /[^\s,[\]{}"]+/y);
    if (word === "") return undefined;
    if (!this.json) {
      this.kinds.add(typeof parseScalar(word));
      return word;
    }
    if (word === "null") return null;
    if (word === "true" || word === "false") return word === "true";
    return parseNumber(word);
  }
}

function scalarsOf(value: InfoValue): InfoValue {
  return isList(value) ? value.map(scalarsOf) : parseScalar(value as string);
}

/** Index of the quote that ends the text quoted from `start` on, −1 where none does. Not a regular expression: those run out of stack on megabytes. */
export function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}

/** `\"`, `\\` and `\n` are escapes; any other backslash stands for itself, as in C:\data. */
export function unescapeQuoted(text: string): string {
  return text.includes("\\") ? text.replace(/\\(["\\n])/g, (_, character: string) => (character === "n" ? "\n" : character)) : text;
}

/** A bracketed value at `start`: `[...]`, `{...}` or `_JSON ...`; undefined when the text there is none, or does not end at a blank. */
export function parseBracketed(text: string, start: number, where: ErrorDetails): { value: InfoValue; end: number } | undefined {
  const marker = /_JSON(?=[\s["{])/y;
  marker.lastIndex = start;
  const json = marker.test(text);
  const attempts = json || text[start] === "{" ? [true] : [false, true];
  for (const strict of attempts) {
    const parser = new NestedParser(text, json ? marker.lastIndex : start, strict, where);
    const value = parser.read();
    if (value !== undefined && /^(?:\s|$)/.test(text.slice(parser.position, parser.position + 1))) return { value, end: parser.position };
  }
  if (text[start] !== "{") return undefined;
  const braces = /\{([^{}]*)\}(?=\s|$)/y;
  braces.lastIndex = start;
  const content = braces.exec(text)?.[1];
  if (content === undefined) return undefined;
  const words = new NestedParser(`[${content}]`, 0, false, where).read();
  if (words === undefined) return undefined;
  // One item in braces is a scalar.
  return { value: isList(words) && words.length === 1 ? words[0]! : words, end: braces.lastIndex };
}

/** Meaning of the text of a value whose quotes, if any, are already off. @throws InputError when `_JSON` is not followed by JSON. */
export function parseValue(text: string, where: ErrorDetails): InfoValue {
  const trimmed = text.trim();
  if (/^[[{_]/.test(trimmed)) {
    const bracketed = parseBracketed(trimmed, 0, where);
    if (bracketed && bracketed.end === trimmed.length) return bracketed.value;
    if (/^_JSON[\s["{]/.test(trimmed)) throw new InputError("value is not JSON", { ...where, expected: "JSON after _JSON", got: excerpt(trimmed) });
  }
  const scalar = parseScalar(trimmed);
  if (typeof scalar !== "string") return scalar;
  return /[\s,]/.test(trimmed) ? (parsePlainList(trimmed) ?? text) : text;
}

/** The text of a value as it stands behind `=`. */
export function formatValue(value: InfoValue): string {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "string") {
    // Control characters and lone surrogates do not survive a line of UTF-8; JSON escapes them.
    const plain = !/[\x00-\x1f\ud800-\udfff]/.test(value) && !value.startsWith("_JSON");
    if (plain && /^[^\s"'=,[\]{}\\]+$/.test(value) && parseScalar(value) === value) return value;
    if (plain && parseValue(value, {}) === value) return quote(value);
  } else if (isList(value) && value.length > 1) {
    const kind = typeof value[0];
    if (kind === "number" && value.every((item) => typeof item === kind)) return quote(value.map((item) => formatNumber(item as number)).join(" "));
    if (kind === "boolean" && value.every((item) => typeof item === kind)) return quote(value.map((item) => (item ? "T" : "F")).join(" "));
  }
  return quote(`_JSON ${formatJson(value)}`);
}

export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function isList(value: InfoValue): value is readonly InfoValue[] {
  return Array.isArray(value);
}

function formatJson(value: InfoValue, depth = 0): string {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "object" && value !== null && depth === DEEPEST) throw new InputError("value is nested too deeply", { expected: `at most ${DEEPEST} brackets in each other`, got: "more" });
  if (isList(value)) return `[${value.map((item) => formatJson(item, depth + 1)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${formatJson(item, depth + 1)}`);
  return `{${entries.join(", ")}}`;
}

/** A short, printable piece of a file for an error message. */
export function excerpt(text: string): string {
  const printable = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "\ufffd").trim();
  return printable === "" ? "nothing" : `"${printable.length > 60 ? `${printable.slice(0, 57)}...` : printable}"`;
}
