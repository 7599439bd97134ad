/**
 * The atom lines of an extended-XYZ frame, parsed from their bytes.
 *
 * Numbers: d₁d₂…d_k · 10^e with k ≤ 15 and |e| ≤ 22 is one correctly rounded operation on two exact float64 (Clinger, doi:10.1145/93542.93557);
 * everything else goes through the engine's own decimal conversion, so every value is the float64 nearest to its text.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { atomicNumberOf, LAST_ELEMENT, symbolOf } from "./elements.js";
import type { Column } from "./extxyz-columns.js";
import { excerpt, parseLogical, parseNumber } from "./extxyz-value.js";
import { decodeText } from "./text-encoding.js";
import type { AtomArray } from "./structure.js";

/** Tells where the reader is; called for an error message only, because an object per line costs time. */
export type Place = () => ErrorDetails;

/** Any byte up to the blank separates tokens, as no printable character lies below it. */
const BLANK = 32;
const NO_NUMBERS = new Float64Array(0);
const DECODER = new TextDecoder();

/** Exact in float64 up to 10²². */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** Atomic numbers by the five low bits of one or two letters, in which capitals and small letters agree. */
const LETTERS_TO_SPECIES = new Uint8Array(1024);
for (let z = 1; z <= LAST_ELEMENT; z++) {
  const symbol = symbolOf(z);
  LETTERS_TO_SPECIES[((symbol.charCodeAt(0) & 31) << 5) | (symbol.length > 1 ? symbol.charCodeAt(1) & 31 : 0)] = z;
}

function isLetter(byte: number): boolean {
  return (byte | 32) >= 97 && (byte | 32) <= 122;
}

/** Collects the atoms of one frame. Grows as lines arrive, so that a wrong atom count cannot ask for memory that the file does not fill. */
export class AtomTable {
  readonly count: number;
  private atoms = 0;
  private readonly columns: readonly Column[];
  private readonly numbers: Float64Array[];
  private readonly texts: ((string | boolean)[] | null)[];
  private species: Uint8Array;
  private position = 0;
  private readonly plain: boolean;
  /** Whether a line of plain XYZ had columns beyond those read. */
  hasMoreColumns = false;
  /** Whether there was text that is not UTF-8. */
  hasForeignText = false;

  /** @param plain whether lines may have further columns, which are not read: plain XYZ does not describe its columns */
  constructor(columns: readonly Column[], count: number, plain: boolean) {
    this.columns = columns;
    this.count = count;
    this.plain = plain;
    this.species = new Uint8Array(0);
    this.numbers = columns.map(() => NO_NUMBERS);
    this.texts = columns.map(({ kind }) => (kind === "L" || kind === "S" ? [] : null));
  }

  get complete(): boolean {
    return this.atoms === this.count;
  }

  get length(): number {
    return this.atoms;
  }

  /**
   * Takes the line bytes[start, end), where bytes[end] is a line end.
   * @throws InputError on a wrong number of columns, a wrong type, an unknown element.
   */
  add(bytes: Uint8Array, start: number, end: number, place: Place): void {
    if (this.atoms === this.species.length) this.grow(bytes, start, end, place);
    const atom = this.atoms;
    this.position = start;
    for (let index = 0; index < this.columns.length; index++) {
      const { kind, width, role } = this.columns[index]!;
      if (role === "species") {
        this.species[atom] = this.readSpecies(bytes, start, end, place);
      } else if (kind === "R" || kind === "I") {
        const values = this.numbers[index]!;
        for (let component = atom * width; component < (atom + 1) * width; component++) {
          const value = this.readNumber(bytes, end);
          if (value === undefined || (kind === "I" && !Number.isSafeInteger(value))) throw this.mismatch(bytes, start, end, index, place);
          values[component] = value;
        }
        if (role === "positions") this.checkPosition(values, place);
      } else {
        for (let component = 0; component < width; component++) {
          const token = this.readToken(bytes, end);
          const value = kind === "S" ? token : parseLogical(token);
          if (token === "" || value === undefined) throw this.mismatch(bytes, start, end, index, place);
          this.texts[index]!.push(value);
        }
      }
    }
    let position = this.position;
    while (position < end && bytes[position]! <= BLANK) position++;
    if (position < end) {
      if (!this.plain) throw this.wrongWidth(bytes, start, end, place);
      this.hasMoreColumns = true;
    }
    this.atoms++;
  }

  /** The finished columns: species, positions and the arrays in file order. */
  finish(): { species: Uint8Array; positions: Float64Array; arrays: Map<string, AtomArray> } {
    const arrays = new Map<string, AtomArray>();
    let positions: Float64Array = NO_NUMBERS;
    for (let index = 0; index < this.columns.length; index++) {
      const { name, kind, width, role } = this.columns[index]!;
      if (role === "species") continue;
      const values = this.numbers[index]!;
      if (role === "positions") positions = values;
      else if (kind === "R" || kind === "I") arrays.set(name, { kind, width, values });
      else if (kind === "L") arrays.set(name, { kind, width, values: this.texts[index] as boolean[] });
      else arrays.set(name, { kind, width, values: this.texts[index] as string[] });
    }
    return { species: this.species, positions, arrays };
  }

  /** Makes room for the line and more like it: announced widths and counts alone ask for no memory. */
  private grow(bytes: Uint8Array, start: number, end: number, place: Place): void {
    const width = this.width();
    // So many values take a character each and a blank between.
    if (2 * width - 1 > end - start) throw this.wrongWidth(bytes, start, end, place);
    const first = Math.max(1, Math.min(4096, Math.floor(2 ** 18 / width)));
    const capacity = Math.min(this.count, Math.max(first, 2 * this.species.length));
    const species = new Uint8Array(capacity);
    species.set(this.species);
    this.species = species;
    this.columns.forEach(({ kind, width: own, role }, index) => {
      if (role === "species" || (kind !== "R" && kind !== "I")) return;
      const values = new Float64Array(own * capacity);
      values.set(this.numbers[index]!);
      this.numbers[index] = values;
    });
  }

  private readToken(bytes: Uint8Array, end: number): string {
    let position = this.position;
    while (position < end && bytes[position]! <= BLANK) position++;
    const start = position;
    let ascii = true;
    while (position < end && bytes[position]! > BLANK) if (bytes[position++]! > 127) ascii = false;
    this.position = position;
    const token = bytes.subarray(start, position);
    // A decoder call costs more than it does for a whole line.
    if (ascii && token.length <= 64) return String.fromCharCode.apply(null, token as unknown as number[]);
    const { text, foreign } = decodeText(token);
    if (foreign) this.hasForeignText = true;
    return text;
  }

  /** The next number; undefined when the token is not one (the position is then behind it) or the line has ended. */
  private readNumber(bytes: Uint8Array, end: number): number | undefined {
    let position = this.position;
    while (position < end && bytes[position]! <= BLANK) position++;
    this.position = position;
    let byte = bytes[position]!;
    const negative = byte === 45;
    if (negative || byte === 43) byte = bytes[++position]!;
    // No bounds are checked below: the line end stops every loop.
    const first = position;
    let mantissa = 0;
    while (byte >= 48 && byte <= 57) {
      mantissa = 10 * mantissa + (byte - 48);
      byte = bytes[++position]!;
    }
    let digits = position - first;
    let exponent = 0;
    if (byte === 46) {
      const point = position;
      byte = bytes[++position]!;
      while (byte >= 48 && byte <= 57) {
        mantissa = 10 * mantissa + (byte - 48);
        byte = bytes[++position]!;
      }
      exponent = point + 1 - position;
      digits -= exponent;
    }
    if (byte === 101 || byte === 69) {
      byte = bytes[++position]!;
      const below = byte === 45;
      if (below || byte === 43) byte = bytes[++position]!;
      let power = byte >= 48 && byte <= 57 ? 0 : NaN;
      while (byte >= 48 && byte <= 57) {
        power = 10 * power + (byte - 48);
        byte = bytes[++position]!;
      }
      exponent += below ? -power : power;
    }
    // A mantissa below 10¹⁵ has no rounded digit in it. Everything unusual, a malformed number included, takes the slow path.
    if (digits > 0 && mantissa < 1e15 && exponent >= -22 && exponent <= 22 && byte <= BLANK) {
      this.position = position;
      const value = exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent]! : mantissa * POWERS_OF_TEN[exponent]!;
      return negative ? -value : value;
    }
    return parseNumber(this.readToken(bytes, end));
  }

  private readSpecies(bytes: Uint8Array, start: number, end: number, place: Place): number {
    let position = this.position;
    while (position < end && bytes[position]! <= BLANK) position++;
    const first = bytes[position]!;
    const second = position + 1 < end ? bytes[position + 1]! : BLANK;
    const letters = !isLetter(first) ? 0 : second <= BLANK ? 1 : isLetter(second) && (position + 2 >= end || bytes[position + 2]! <= BLANK) ? 2 : 0;
    if (letters > 0) {
      const z = LETTERS_TO_SPECIES[((first & 31) << 5) | (letters === 2 ? second & 31 : 0)]!;
      this.position = position + letters;
      if (z > 0) return z;
      this.position = position;
    }
    const token = this.readToken(bytes, end);
    // Some plain XYZ files carry atomic numbers in place of symbols.
    const z = /^\d+$/.test(token) ? Number(token) : atomicNumberOf(token);
    if (z !== undefined && z >= 1 && z <= LAST_ELEMENT) return z;
    if (this.hasWrongWidth(bytes, start, end)) throw this.wrongWidth(bytes, start, end, place);
    throw new InputError("unknown element", { ...place(), atom: this.atoms, key: "species", expected: "a chemical symbol", got: excerpt(token) });
  }

  private checkPosition(values: Float64Array, place: Place): void {
    for (let component = 3 * this.atoms; component < 3 * this.atoms + 3; component++) {
      if (Number.isFinite(values[component]!)) continue;
      const details = { ...place(), atom: this.atoms, key: "pos" };
      throw new InputError("position is not a finite number", { ...details, expected: "a number in Å", got: String(values[component]) });
    }
  }

  /** Whether the line does not have the columns; of plain XYZ, whether it has fewer. */
  private hasWrongWidth(bytes: Uint8Array, start: number, end: number): boolean {
    const { length } = tokensOf(bytes, start, end);
    return this.plain ? length < this.width() : length !== this.width();
  }

  private width(): number {
    return this.columns.reduce((sum, { width }) => sum + width, 0);
  }

  private mismatch(bytes: Uint8Array, start: number, end: number, index: number, place: Place): InputError {
    const tokens = tokensOf(bytes, start, end);
    if (this.hasWrongWidth(bytes, start, end)) return this.wrongWidth(bytes, start, end, place);
    const { name, kind } = this.columns[index]!;
    const token = tokens[tokensOf(bytes, start, this.position).length - 1]!;
    const expected = { R: "a number", I: "an integer", L: "T or F", S: "text" }[kind];
    return new InputError("wrong type of value", { ...place(), atom: this.atoms, key: name, expected, got: excerpt(token) });
  }

  private wrongWidth(bytes: Uint8Array, start: number, end: number, place: Place): InputError {
    const columns = this.columns.map(({ name, kind, width }) => `${name}:${kind}:${width}`).join(":").slice(0, 200);
    const tokens = tokensOf(bytes, start, end);
    const early = tokens.length <= 1 ? `; the structure announces ${this.count} atoms, has it only ${this.atoms}?` : "";
    const got = `${tokens.length}: ${excerpt(DECODER.decode(bytes.subarray(start, end)))}${early}`;
    return new InputError("wrong number of columns", { ...place(), atom: this.atoms, expected: `${this.width()} (${columns})`, got });
  }
}

function tokensOf(bytes: Uint8Array, start: number, end: number): string[] {
  return DECODER.decode(bytes.subarray(start, end)).split(/[\x00-\x20]+/).filter((token) => token !== "");
}
