/**
 * The comment line of an extended-XYZ frame: key=value entries, of which Lattice, pbc and Properties describe the frame itself.
 *
 *   Lattice="ax ay az bx by bz cx cy cz"   Properties=species:S:1:pos:R:3   pbc="T T F"   energy=-1.5   converged
 *
 * A key without a value is true. Without Lattice, or with nine zeros, there is no cell; without pbc a structure with a cell is periodic along all
 * three axes and one without along none.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { closingQuote, excerpt, formatNumber, formatValue, parseBracketed, parseLogical, parseValue, quote, unescapeQuoted } from "./extxyz-value.js";
import type { InfoValue, Structure } from "./structure.js";

/** A comment line taken apart. */
export interface Comment {
  readonly cell: Float64Array | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Text of the Properties entry; null for plain XYZ. */
  readonly properties: string | null;
  readonly info: ReadonlyMap<string, InfoValue>;
}

/** `lattice`, `pbc` or `properties` for the keys that belong to the frame, in any capitalization. */
function frameKey(key: string): "lattice" | "pbc" | "properties" | undefined {
  if (key.length !== 3 && key.length !== 7 && key.length !== 10) return undefined;
  const lower = key.toLowerCase();
  return lower === "lattice" || lower === "pbc" || lower === "properties" ? lower : undefined;
}

/** @throws InputError on a quote that does not end, a key given twice with different values, and a malformed Lattice, pbc or Properties. */
export function parseComment(line: string, where: ErrorDetails): Comment {
  let entries: Map<string, InfoValue>;
  try {
    entries = parseEntries(line, where);
  } catch (error) {
    // In plain XYZ the line is free text ("5' end of the strand"), which need not parse.
    if (!(error instanceof InputError) || /(?:lattice|properties)\s*=/i.test(line)) throw error;
    return { cell: null, pbc: [false, false, false], properties: null, info: new Map([["comment", line.trim()]]) };
  }
  let lattice: InfoValue | undefined;
  let pbc: InfoValue | undefined;
  let properties: InfoValue | undefined;
  for (const [key, value] of entries) {
    const name = frameKey(key);
    if (name === undefined) continue;
    if ((name === "lattice" ? lattice : name === "pbc" ? pbc : properties) !== undefined) {
      throw new InputError("key is given twice", { ...where, key, expected: "one entry" });
    }
    if (name === "lattice") lattice = value;
    else if (name === "pbc") pbc = value;
    else properties = value;
    entries.delete(key);
  }
  if (properties !== undefined && typeof properties !== "string") {
    throw new InputError("malformed column description", {
      ...where, key: "Properties", expected: "name:type:width:...", got: formatValue(properties),
    });
  }
  const cell = parseLattice(lattice, where);
  return { cell, pbc: parsePbc(pbc, cell !== null, where), properties: properties ?? null, info: entries };
}

const KEY = /[^\s="'{}[\],][^\s=]*/y;
const SINGLE_QUOTED = /'([^']*)'(?=\s|$)/y;
const WORD = /[^\s]+/y;
const EQUALS = /\s*=\s*/y;
const BLANK = /\s*/y;

function parseEntries(line: string, where: ErrorDetails): Map<string, InfoValue> {
  const entries = new Map<string, InfoValue>();
  const place = { ...where, key: "" };
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(line);
    if (found) position = pattern.lastIndex;
    return found;
  };
  for (;;) {
    match(BLANK);
    if (position >= line.length) return entries;
    const key = takeQuoted() ?? match(KEY)?.[0];
    if (key === undefined || key === "") {
      throw new InputError("malformed comment line", {
        ...where, expected: "key=value", got: excerpt(line.slice(position)),
      });
    }
    const value: InfoValue = match(EQUALS) ? readValue(key) : true;
    const earlier = entries.get(key);
    if (earlier !== undefined && formatValue(earlier) !== formatValue(value)) {
      throw new InputError("key is given twice with different values", {
        ...where, key, expected: "one value", got: `${formatValue(earlier)} and ${formatValue(value)}`,
      });
    }
    entries.set(key, value);
  }

  /** One object for all values of the line, as an object for each costs more than most values; messages copy it. */
  function placeOf(key: string): ErrorDetails {
    place.key = key;
    return place;
  }

  /** The quoted text at the position; undefined where there is none, or it does not end. */
  function takeQuoted(): string | undefined {
    if (line[position] !== '"') return undefined;
    const end = closingQuote(line, position);
    if (end < 0) return undefined;
    const text = line.slice(position + 1, end);
    position = end + 1;
    if (/[^\s=]/.test(line[position] ?? " ")) {
      throw new InputError("text stands behind a closing quote", { ...where, expected: "a blank there, or \\\" for a quote in the text", got: excerpt(line.slice(position)) });
    }
    return unescapeQuoted(text);
  }

  function readValue(key: string): InfoValue {
    if (position >= line.length) return "";
    if (line[position] === '"') {
      const literal = takeQuoted();
      if (literal === undefined) {
        throw new InputError("quoted value does not end", {
          ...where, key, expected: "a closing \"", got: excerpt(line.slice(position)),
        });
      }
      return parseValue(literal, placeOf(key));
    }
    const bracketed = /[[{_]/.test(line[position]!) ? parseBracketed(line, position, placeOf(key)) : undefined;
    if (bracketed) {
      position = bracketed.end;
      return bracketed.value;
    }
    const single = match(SINGLE_QUOTED);
    if (single) return parseValue(single[1]!, placeOf(key));
    const start = position;
    const word = match(WORD)![0];
    // In "note= energy=-1" the blank before the next key is the whole value of note.
    const inner = /^[A-Za-z_][\w-]*(?==)/.exec(word);
    const detached = /\s/.test(line[start - 1]!) && (inner !== null || /^\s*=/.test(line.slice(position)));
    if (detached) {
      position = start;
      return "";
    }
    return parseValue(word, placeOf(key));
  }
}

function flatten(value: InfoValue): readonly InfoValue[] {
  // Nearly always there is nothing to flatten, in every frame.
  if (Array.isArray(value) && !(value as readonly InfoValue[]).some(Array.isArray)) return value as readonly InfoValue[];
  return Array.isArray(value) ? (value as readonly InfoValue[]).flatMap(flatten) : [value];
}

function parseLattice(value: InfoValue | undefined, where: ErrorDetails): Float64Array | null {
  if (value === undefined) return null;
  const numbers = flatten(value);
  const cell = Float64Array.from(numbers, (number) => (typeof number === "number" ? number : NaN));
  if (cell.length !== 9 || !cell.every((number) => Number.isFinite(number))) {
    throw new InputError("malformed cell", {
      ...where, key: "Lattice", expected: "9 numbers in Å (rows are the lattice vectors)", got: formatValue(value),
    });
  }
  return cell.every((number) => number === 0) ? null : cell;
}

function parsePbc(value: InfoValue | undefined, hasCell: boolean, where: ErrorDetails): readonly [boolean, boolean, boolean] {
  if (value === undefined) return [hasCell, hasCell, hasCell];
  const items = typeof value === "string" && /^[TF]{3}$/i.test(value) ? value.toUpperCase().split("") : flatten(value);
  const axes = items.map((item) => (item === 1 ? true : item === 0 ? false : typeof item === "string" ? parseLogical(item) : item));
  const [a, b, c] = axes.length === 1 ? [axes[0], axes[0], axes[0]] : axes;
  if ((axes.length !== 1 && axes.length !== 3) || typeof a !== "boolean" || typeof b !== "boolean" || typeof c !== "boolean") {
    throw new InputError("malformed periodicity", { ...where, key: "pbc", expected: "\"T T T\" with T or F for each axis", got: formatValue(value) });
  }
  return [a, b, c];
}

/** The comment line of a structure whose columns are `properties`. @throws InputError when an info key cannot be written. */
export function formatComment(structure: Structure, properties: string): string {
  const parts: string[] = [];
  if (structure.cell) parts.push(`Lattice=${quote(Array.from(structure.cell, formatNumber).join(" "))}`);
  parts.push(`Properties=${/^[\w:.+-]+$/.test(properties) ? properties : quote(properties)}`);
  for (const [key, value] of structure.info) parts.push(`${formatKey(key)}=${formatValue(value)}`);
  parts.push(`pbc="${structure.pbc.map((periodic) => (periodic ? "T" : "F")).join(" ")}"`);
  return parts.join(" ");
}

function formatKey(key: string): string {
  if (key === "" || /[\ud800-\udfff]/u.test(key) || frameKey(key) !== undefined) {
    throw new InputError("key cannot be written", { key, expected: "a name other than Lattice, pbc and Properties" });
  }
  return /^[^\s\x00-\x1f="'{}[\],\\][^\s\x00-\x1f="\\]*$/.test(key) ? key : quote(key);
}
