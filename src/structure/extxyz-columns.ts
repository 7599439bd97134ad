/**
 * The columns of an extended-XYZ frame: Properties=name:type:width:... with types R (real), I (integer), L (logical), S (text).
 *
 * Numbers: d₁d₂…d_k · 10^e with k ≤ 15 and |e| ≤ 22 is one correctly rounded operation on two exact float64 (Clinger, doi:10.1145/93542.93557);
 * everything else goes through the engine's own decimal conversion, so every value is the float64 nearest to its text.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { atomicNumberOf, LAST_ELEMENT } from "./elements.js";
import { excerpt, parseLogical, parseNumber } from "./extxyz-value.js";
import type { AtomArray } from "./structure.js";

export interface Column {
  readonly name: string;
  readonly kind: "R" | "I" | "L" | "S";
  readonly width: number;
  /** Symbols or atomic numbers, positions, or anything else. */
  readonly role: "species" | "positions" | "array";
}

/** Columns of plain XYZ. */
export const PLAIN_COLUMNS = "species:S:1:pos:R:3";

const SPECIES_NAMES = ["species", "element", "elements", "symbols", "Z", "numbers", "atomic_numbers"];
const POSITION_NAMES = ["pos", "positions"];

/** @throws InputError on a malformed description, a name given twice, and missing species or positions. */
export function parseProperties(text: string, where: ErrorDetails): readonly Column[] {
  const at = { ...where, key: "Properties" };
  const fields = text.trim().split(":");
  if (fields.length % 3 !== 0) throw new InputError("malformed column description", { ...at, expected: "name:type:width:...", got: excerpt(text) });
  const parsed: { name: string; kind: string; width: number }[] = [];
  for (let field = 0; field < fields.length; field += 3) {
    const [name, kind, width] = fields.slice(field, field + 3) as [string, string, string];
    if (name === "" || !/^[RILS]$/.test(kind) || !/^[1-9]\d{0,5}$/.test(width)) {
      throw new InputError("malformed column description", { ...at, expected: "name:type:width with type R, I, L or S", got: excerpt(`${name}:${kind}:${width}`) });
    }
    if (parsed.some((column) => column.name === name)) throw new InputError("column is described twice", { ...at, expected: "different names", got: excerpt(name) });
    parsed.push({ name, kind, width: Number(width) });
  }
  const species = SPECIES_NAMES.find((name) => parsed.some((column) => column.name === name && column.width === 1 && /[SI]/.test(column.kind)));
  const positions = POSITION_NAMES.find((name) => parsed.some((column) => column.name === name && column.width === 3 && /[RI]/.test(column.kind)));
  if (species === undefined || positions === undefined) {
    throw new InputError("columns lack species or positions", { ...at, expected: "species:S:1 (or Z:I:1) and pos:R:3", got: excerpt(text) });
  }
  return parsed.map((column): Column => ({
    ...column,
    kind: column.kind as Column["kind"],
    role: column.name === species ? "species" : column.name === positions ? "positions" : "array",
  }));
}

/** Collects the atom lines of one frame. Grows as lines arrive, so that a wrong atom count cannot ask for memory that the file does not fill. */
export class AtomTable {
  readonly count: number;
  private atoms = 0;
  private readonly columns: readonly Column[];
  private readonly numbers: Float64Array[];
  private readonly logicals: boolean[][];
  private readonly texts: string[][];
  private species: Uint8Array;
  private position = 0;

  constructor(columns: readonly Column[], count: number) {
    this.columns = columns;
    this.count = count;
    const capacity = Math.min(count, 4096);
    this.species = new Uint8Array(capacity);
    const none = new Float64Array(0);
    this.numbers = columns.map(({ kind, width, role }) => (role !== "species" && (kind === "R" || kind === "I") ? new Float64Array(width * capacity) : none));
    this.logicals = columns.map(() => []);
    this.texts = columns.map(() => []);
  }

  get complete(): boolean {
    return this.atoms === this.count;
  }

  get length(): number {
    return this.atoms;
  }

  /** Takes the atom line text[start, end). @throws InputError on a wrong number of columns, a wrong type, an unknown element. */
  add(text: string, start: number, end: number, where: ErrorDetails): void {
    if (this.atoms === this.species.length) this.grow();
    const at = this.atoms;
    this.position = start;
    for (let index = 0; index < this.columns.length; index++) {
      const { kind, width, role } = this.columns[index]!;
      if (role === "species") {
        this.species[at] = this.readSpecies(text, start, end, where);
      } else if (kind === "R" || kind === "I") {
        const values = this.numbers[index]!;
        for (let component = at * width; component < (at + 1) * width; component++) {
          const value = this.readNumber(text, end);
          if (value === undefined) throw this.mismatch(text, start, end, index, where);
          values[component] = value;
          if (kind === "I" && !Number.isSafeInteger(value)) throw this.mismatch(text, start, end, index, where);
        }
        if (role === "positions") this.checkPosition(values, at, where);
      } else {
        for (let component = 0; component < width; component++) {
          const token = this.readToken(text, end);
          if (token === "") throw this.mismatch(text, start, end, index, where);
          if (kind === "S") {
            this.texts[index]!.push(token);
            continue;
          }
          const logical = parseLogical(token);
          if (logical === undefined) throw this.mismatch(text, start, end, index, where);
          this.logicals[index]!.push(logical);
        }
      }
    }
    this.skipBlanks(text, end);
    if (this.position < end) throw this.wrongWidth(text, start, end, where);
    this.atoms++;
  }

  /** The finished columns: species, positions and the arrays in file order. */
  finish(): { species: Uint8Array; positions: Float64Array; arrays: Map<string, AtomArray> } {
    const arrays = new Map<string, AtomArray>();
    let positions: Float64Array = new Float64Array(0);
    this.columns.forEach(({ name, kind, width, role }, index) => {
      const numbers = this.numbers[index]!;
      const values = numbers.length === width * this.count ? numbers : numbers.slice(0, width * this.count);
      if (role === "positions") positions = values;
      else if (role === "species") return;
      else if (kind === "R" || kind === "I") arrays.set(name, { kind, width, values });
      else if (kind === "L") arrays.set(name, { kind, width, values: this.logicals[index]! });
      else arrays.set(name, { kind, width, values: this.texts[index]! });
    });
    return { species: this.species.length === this.count ? this.species : this.species.slice(0, this.count), positions, arrays };
  }

  private grow(): void {
    const capacity = Math.min(this.count, 2 * this.species.length);
    const species = new Uint8Array(capacity);
    species.set(this.species);
    this.species = species;
    this.columns.forEach(({ width }, index) => {
      const old = this.numbers[index]!;
      if (old.length === 0) return;
      const values = new Float64Array(width * capacity);
      values.set(old);
      this.numbers[index] = values;
    });
  }

  private skipBlanks(text: string, end: number): void {
    let position = this.position;
    while (position < end && isBlank(text.charCodeAt(position))) position++;
    this.position = position;
  }

  private readToken(text: string, end: number): string {
    this.skipBlanks(text, end);
    const start = this.position;
    let position = start;
    while (position < end && !isBlank(text.charCodeAt(position))) position++;
    this.position = position;
    return text.slice(start, position);
  }

  /** The number at the position; undefined when the token is not one (the position is then behind it) or the line has ended. */
  private readNumber(text: string, end: number): number | undefined {
    let position = this.position;
    let code = 32;
    while (position < end && isBlank((code = text.charCodeAt(position)))) position++;
    this.position = position;
    const negative = code === 45;
    if (negative || code === 43) code = ++position < end ? text.charCodeAt(position) : 32;
    let mantissa = 0;
    let digits = 0;
    let significant = 0;
    let exponent = 0;
    while (code >= 48 && code <= 57) {
      mantissa = 10 * mantissa + (code - 48);
      digits++;
      if (mantissa > 0) significant++;
      code = ++position < end ? text.charCodeAt(position) : 32;
    }
    if (code === 46) {
      code = ++position < end ? text.charCodeAt(position) : 32;
      while (code >= 48 && code <= 57) {
        mantissa = 10 * mantissa + (code - 48);
        digits++;
        exponent--;
        if (mantissa > 0) significant++;
        code = ++position < end ? text.charCodeAt(position) : 32;
      }
    }
    if ((code === 101 || code === 69) && position + 1 < end) {
      code = text.charCodeAt(++position);
      const below = code === 45;
      if (below || code === 43) code = ++position < end ? text.charCodeAt(position) : 32;
      let power = code >= 48 && code <= 57 ? 0 : NaN;
      while (code >= 48 && code <= 57) {
        power = 10 * power + (code - 48);
        code = ++position < end ? text.charCodeAt(position) : 32;
      }
      exponent += below ? -power : power;
    }
    // Everything unusual, a malformed number included, falls through to the slow path.
    if (digits > 0 && significant <= 15 && exponent >= -22 && exponent <= 22 && isBlank(code)) {
      this.position = position;
      const value = exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent]! : mantissa * POWERS_OF_TEN[exponent]!;
      return negative ? -value : value;
    }
    return parseNumber(this.readToken(text, end));
  }

  private readSpecies(text: string, start: number, end: number, where: ErrorDetails): number {
    const token = this.readToken(text, end);
    if (token === "") throw this.wrongWidth(text, start, end, where);
    // Some plain XYZ files carry atomic numbers in place of symbols.
    const number = /^\d+$/.test(token) ? Number(token) : atomicNumberOf(token);
    if (number !== undefined && number >= 1 && number <= LAST_ELEMENT) return number;
    if (tokensOf(text, start, end).length !== this.width()) throw this.wrongWidth(text, start, end, where);
    throw new InputError("unknown element", { ...where, atom: this.atoms, key: "species", expected: "a chemical symbol", got: excerpt(token) });
  }

  private checkPosition(values: Float64Array, atom: number, where: ErrorDetails): void {
    for (let component = 3 * atom; component < 3 * atom + 3; component++) {
      if (Number.isFinite(values[component]!)) continue;
      throw new InputError("position is not a finite number", { ...where, atom, key: "pos", expected: "a number in Å", got: String(values[component]) });
    }
  }

  private width(): number {
    return this.columns.reduce((sum, { width }) => sum + width, 0);
  }

  private mismatch(text: string, start: number, end: number, index: number, where: ErrorDetails): InputError {
    const tokens = tokensOf(text, start, end);
    if (tokens.length !== this.width()) return this.wrongWidth(text, start, end, where);
    const { name, kind } = this.columns[index]!;
    const token = tokens[tokensOf(text, start, this.position).length - 1]!;
    const expected = { R: "a number", I: "an integer", L: "T or F", S: "text" }[kind];
    return new InputError("wrong type of value", { ...where, atom: this.atoms, key: name, expected, got: excerpt(token) });
  }

  private wrongWidth(text: string, start: number, end: number, where: ErrorDetails): InputError {
    const columns = this.columns.map(({ name, kind, width }) => `${name}:${kind}:${width}`).join(":");
    const tokens = tokensOf(text, start, end);
    const early = tokens.length <= 1 ? `; the structure announces ${this.count} atoms, has it only ${this.atoms}?` : "";
    return new InputError("wrong number of columns", { ...where, atom: this.atoms, expected: `${this.width()} (${columns})`, got: `${tokens.length}: ${excerpt(text.slice(start, end))}${early}` });
  }
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function tokensOf(text: string, start: number, end: number): string[] {
  return text.slice(start, end).split(/[ \t-\r]+/).filter((token) => token !== "");
}

/** Exact in float64 up to 10²². */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
