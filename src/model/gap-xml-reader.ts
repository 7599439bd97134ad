// What the parts of a GAP in XML (gap-xml.ts) share: elements and attributes with errors that name file, line, element and attribute, numbers as
// Fortran writes them, and the words of a descriptor.
import { InputError } from "../errors.js";
import type { XmlElement } from "../formats/xml.js";
import { parseLogical, parseNumber } from "../structure/extxyz-value.js";

/** What a reader tells with every error. */
export interface GapSource {
  /** Name of the XML, for messages. */
  readonly file?: string | undefined;
}

export function gapError({ file }: GapSource, { name, line }: XmlElement, what: string, attribute: string | null, expected: string, got: string): InputError {
  const key = attribute === null ? `<${name}>` : `<${name}> ${attribute}`;
  return new InputError(what, { ...(file !== undefined && { file }), line, key, expected, got: got.replace(/\s+/g, " ") });
}

/** Children of that name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The one child of that name. @throws InputError when there are none or several. */
export function onlyChild(source: GapSource, element: XmlElement, name: string): XmlElement {
  const found = childrenOf(element, name);
  if (found.length !== 1) throw gapError(source, element, "wrong number of elements", null, `one <${name}>`, String(found.length));
  return found[0]!;
}

/** All elements of that name, at any depth. */
export function descendants(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);
}

/** Refuses elements of other names: a part that is not understood must not pass unnoticed. */
export function knownChildren(source: GapSource, element: XmlElement, names: readonly string[]): void {
  const other = element.children.find(({ name }) => !names.includes(name));
  if (other) throw gapError(source, other, "element not supported here", null, `within <${element.name}>: ${names.map((name) => `<${name}>`).join(", ")}`, `<${other.name}>`);
}

export function requiredText(source: GapSource, element: XmlElement, attribute: string): string {
  const text = element.attributes.get(attribute);
  if (text === undefined) throw gapError(source, element, "attribute is missing", attribute, "a value", "none");
  return text.trim();
}

/** A finite number; `fallback` where the attribute is absent. */
export function numberOf(source: GapSource, element: XmlElement, attribute: string, fallback?: number): number {
  if (fallback !== undefined && !element.attributes.has(attribute)) return fallback;
  const text = requiredText(source, element, attribute);
  const value = parseNumber(text);
  if (value === undefined || !Number.isFinite(value)) throw gapError(source, element, "wrong attribute", attribute, "a number", text);
  return value;
}

export function countOf(source: GapSource, element: XmlElement, attribute: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = numberOf(source, element, attribute);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`;
  throw gapError(source, element, "wrong attribute", attribute, `a whole number${range}`, String(value));
}

export function atomicNumberOf(source: GapSource, element: XmlElement, attribute: string): number {
  return countOf(source, element, attribute, 1, 118);
}

export function logicalOf(source: GapSource, element: XmlElement, attribute: string, fallback: boolean): boolean {
  const text = element.attributes.get(attribute);
  const value = text === undefined ? fallback : parseLogical(text.trim());
  if (value === undefined) throw gapError(source, element, "wrong attribute", attribute, "T or F", text!);
  return value;
}

/** Numbers of a text, apart by blanks. */
export function numbersOf(text: string): number[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/).map((word) => parseNumber(word) ?? NaN);
}

/** Keys of the fit: they say how sparse points and δ were chosen, and predictions do not depend on them. */
const FIT_KEYS: ReadonlySet<string> = new Set([
  "delta", "f0", "n_sparse", "config_type_n_sparse", "sparse_method", "theta_fac", "theta_uniform", "theta_file", "theta", "zeta", "covariance_type", "add_species",
  "sparse_file", "print_sparse_index", "unique_hash_tolerance", "unique_descriptor_tolerance", "mark_sparse_atoms", "lengthscale",
]);

/** The words key=value of <descriptor>, keys in lower case as QUIP compares them; what was not asked for stays. */
export class Descriptor {
  /** "soap", "distance_2b", … */
  readonly kind: string;
  readonly #source: GapSource;
  readonly #element: XmlElement;
  readonly #values = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor(source: GapSource, element: XmlElement) {
    this.#source = source;
    this.#element = element;
    const words = element.text.match(/(?:[^\s={}"']+\s*=\s*(?:\{\{[^{}]*\}\}|\{[^{}]*\}|"[^"]*"|'[^']*'|[^\s{}"']+))|\S+/g) ?? [];
    const names = words.filter((word) => !word.includes("=") && !FIT_KEYS.has(word.toLowerCase()));
    if (names.length !== 1) throw this.error("wrong descriptor", null, "one name and words key=value", element.text.trim() || "nothing");
    this.kind = names[0]!.toLowerCase();
    for (const word of words) {
      const at = word.indexOf("=");
      // Of "add_species=T" gap_fit leaves "=T".
      if (at <= 0) continue;
      const key = word.slice(0, at).trim().toLowerCase();
      if (this.#values.has(key)) throw this.error("a key is given twice", key, "one value", word);
      this.#values.set(key, word.slice(at + 1).trim().replace(/^[{"']+(.*?)[}"']+$/s, "$1").trim());
    }
  }

  error(what: string, key: string | null, expected: string, got: string): InputError {
    return gapError(this.#source, this.#element, what, key, expected, got);
  }

  /** The text of the first of these keys that is there. */
  text(...keys: string[]): string | undefined {
    for (const key of keys) this.#known.add(key);
    return keys.map((key) => this.#values.get(key)).find((value) => value !== undefined);
  }

  /** A finite number; the last name of the key is its other name. */
  number(key: string, fallback?: number, other = key): number {
    const text = this.text(key, other);
    if (text === undefined && fallback !== undefined) return fallback;
    const value = parseNumber(text ?? "");
    if (value === undefined || !Number.isFinite(value)) throw this.error("wrong descriptor", key, "a number", text ?? "none");
    return value;
  }

  count(key: string, least: number, fallback?: number): number {
    const value = this.number(key, fallback);
    if (!Number.isInteger(value) || value < least) throw this.error("wrong descriptor", key, `a whole number, ${least} or more`, String(value));
    return value;
  }

  logical(key: string, fallback: boolean, other = key): boolean {
    const text = this.text(key, other);
    const value = text === undefined ? fallback : parseLogical(text);
    if (value === undefined) throw this.error("wrong descriptor", key, "T or F", text!);
    return value;
  }

  /** `count` atomic numbers, 0 being any element; a single one is 0 where it is not given. */
  elements(key: string, count: number): number[] {
    const text = this.text(key);
    const found = text === undefined && count === 1 ? [0] : numbersOf(text ?? "");
    const right = found.length === count && found.every((z) => Number.isInteger(z) && z >= 0 && z <= 118) && new Set(found).size === count;
    if (!right) throw this.error("wrong descriptor", key, `${count} different atomic numbers (0: any)`, text ?? "none");
    return found;
  }

  /** Refuses every value but the one that this reader knows. */
  refuse(key: string, is: boolean, known: string, got: string): void {
    if (!is) throw this.error(`a ${this.kind} descriptor with this setting is not supported`, key, known, got);
  }

  /** Refuses keys that nobody has asked for. */
  finish(): void {
    for (const [key, value] of this.#values) {
      if (!this.#known.has(key) && !FIT_KEYS.has(key)) throw this.error(`a ${this.kind} descriptor with this setting is not supported`, key, "no such key", value);
    }
  }
}
