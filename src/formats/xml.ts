/**
 * The part of XML 1.0 (https://www.w3.org/TR/xml/) that programs write their parameters in: elements, attributes, text, CDATA, comments, the five
 * named entities and numeric ones. Strict: every tag is closed by its own name, every value quoted, no attribute given twice; declarations of types
 * (<!DOCTYPE) are refused, so that no entity can expand or reach another file.
 */
import { InputError } from "../errors.js";
import { excerpt } from "../structure/extxyz-value.js";

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text between the tags that is not in a child, CDATA included. */
  readonly text: string;
  /** 1-based line of the opening tag. */
  readonly line: number;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
  readonly line: number;
}

const NAMED: ReadonlyMap<string, string> = new Map([["lt", "<"], ["gt", ">"], ["amp", "&"], ["quot", "\""], ["apos", "'"]]);
const NAME = /[A-Za-z_:\u0080-\uffff][-\w:.\u0080-\uffff]*/y;
/** Elements in each other; the files have five. */
const DEEPEST = 64;

class Scanner {
  readonly #text: string;
  readonly #file: string | undefined;
  #at = 0;
  /** Line of the character at `#counted`: lines are counted once on the way. */
  #line = 1;
  #counted = 0;

  constructor(text: string, file: string | undefined) {
    this.#text = text;
    this.#file = file;
  }

  lineAt(position: number): number {
    for (let at = this.#text.indexOf("\n", this.#counted); at >= 0 && at < position; at = this.#text.indexOf("\n", at + 1)) {
      this.#line++;
      this.#counted = at + 1;
    }
    return this.#line;
  }

  error(what: string, expected: string, got: string = this.#at >= this.#text.length ? "the end of the file" : excerpt(this.#text.slice(this.#at, this.#at + 40))): InputError {
    return new InputError(what, { ...(this.#file !== undefined && { file: this.#file }), line: this.lineAt(this.#at), expected, got });
  }

  scan(): XmlElement {
    if (this.#text.startsWith("\uFEFF")) this.#at = 1;
    const open: OpenElement[] = [];
    let root: XmlElement | null = null;
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf("<", this.#at);
      const text = this.#text.slice(this.#at, next < 0 ? this.#text.length : next);
      const top = open.at(-1);
      if (top) top.text += this.#decode(text);
      else if (text.trim() !== "") throw this.error("not XML", "an element, <name …>, and nothing else");
      this.#at = next < 0 ? this.#text.length : next;
      if (next < 0) break;
      if (this.#skipped("<!--", "-->") !== null || this.#skipped("<?", "?>") !== null) continue;
      const verbatim = this.#skipped("<![CDATA[", "]]>");
      if (verbatim !== null) {
        if (!top) throw this.error("not XML", "CDATA within an element");
        top.text += verbatim;
      } else if (this.#text.startsWith("<!", this.#at)) throw this.error("XML with a declaration of its own", "elements alone, no <!DOCTYPE");
      else if (this.#text.startsWith("</", this.#at)) {
        const done = this.#close(open);
        if (open.length === 0) root = done;
      } else {
        if (root) throw this.error("not XML", "one outermost element");
        const { element, empty } = this.#open();
        if (open.length >= DEEPEST) throw this.error("XML nested too deeply", `at most ${DEEPEST} elements in each other`);
        open.at(-1)?.children.push(element);
        if (!empty) open.push(element);
        else if (open.length === 0) root = element;
      }
    }
    const unclosed = open.at(-1);
    if (unclosed) throw this.error("file is truncated", `</${unclosed.name}> of line ${unclosed.line}`, "the end of the file");
    if (!root) throw this.error("not XML", "an element, <name …>", "none");
    return root;
  }

  /** What stands between two marks when the first is here, and goes behind the second; null when it is not. */
  #skipped(begin: string, end: string): string | null {
    if (!this.#text.startsWith(begin, this.#at)) return null;
    const stop = this.#text.indexOf(end, this.#at + begin.length);
    if (stop < 0) throw this.error("file is truncated", end, "the end of the file");
    const inside = this.#text.slice(this.#at + begin.length, stop);
    this.#at = stop + end.length;
    return inside;
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.error("not XML", "a name");
    this.#at += name.length;
    return name;
  }

  #spaces(): boolean {
    const before = this.#at;
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
    return this.#at > before;
  }

  #take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #open(): { element: OpenElement; empty: boolean } {
    const line = this.lineAt(this.#at);
    this.#at++;
    const name = this.#name();
    const attributes = new Map<string, string>();
    for (;;) {
      const apart = this.#spaces();
      const empty = this.#take("/>");
      if (empty || this.#take(">")) return { element: { name, attributes, children: [], text: "", line }, empty };
      if (!apart) throw this.error(`wrong tag <${name}`, "a blank, > or />");
      const key = this.#name();
      this.#spaces();
      if (!this.#take("=")) throw this.error(`wrong attribute "${key}" of <${name}>`, "=");
      this.#spaces();
      const quote = this.#take("\"") ? "\"" : this.#take("'") ? "'" : null;
      if (quote === null) throw this.error(`wrong attribute "${key}" of <${name}>`, "a value in quotes");
      const end = this.#text.indexOf(quote, this.#at);
      if (end < 0) throw this.error("file is truncated", `${quote} behind the value of "${key}"`, "the end of the file");
      if (attributes.has(key)) throw this.error(`attribute "${key}" of <${name}> is given twice`, "one value");
      const value = this.#text.slice(this.#at, end);
      if (value.includes("<")) throw this.error(`wrong attribute "${key}" of <${name}>`, "a value without <");
      attributes.set(key, this.#decode(value));
      this.#at = end + 1;
    }
  }

  #close(open: OpenElement[]): XmlElement {
    const top = open.at(-1);
    const start = this.#at;
    this.#at += 2;
    const name = this.#name();
    this.#spaces();
    if (top?.name !== name) {
      this.#at = start;
      throw this.error("wrong closing tag", top ? `</${top.name}> of line ${top.line}` : "an element first", `</${name}>`);
    }
    if (!this.#take(">")) throw this.error(`wrong tag </${name}`, ">");
    return open.pop()!;
  }

  #decode(text: string): string {
    if (!text.includes("&")) return text;
    return text.replace(/&([^;&\s]*);?/g, (whole, body: string) => {
      const [, decimal, hexadecimal] = /^#(?:(\d{1,7})|x([\da-fA-F]{1,6}))$/.exec(body) ?? [];
      const code = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? parseInt(hexadecimal, 16) : NaN;
      const character = NAMED.get(body) ?? (code <= 0x10ffff ? String.fromCodePoint(code) : undefined);
      if (character === undefined || !whole.endsWith(";")) throw this.error("unknown entity", "&lt; &gt; &amp; &quot; &apos; or a number", excerpt(whole));
      return character;
    });
  }
}

/**
 * The outermost element of a text.
 * @throws InputError naming the line when the text is truncated or no XML.
 */
export function parseXml(text: string, file?: string): XmlElement {
  return new Scanner(text, file).scan();
}
