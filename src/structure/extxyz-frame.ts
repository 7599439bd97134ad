/**
 * Frames of an extended-XYZ file from its bytes in pieces: atom count, comment line, one line per atom, again and again.
 * A piece may end anywhere; only the unfinished line and the unfinished frame are kept.
 */
import { InputError, type DataWarning, type ErrorDetails } from "../errors.js";
import { AtomTable } from "./extxyz-atoms.js";
import { parseProperties, PLAIN_COLUMNS, type Column } from "./extxyz-columns.js";
import { parseComment, type Comment } from "./extxyz-comment.js";
import { excerpt } from "./extxyz-value.js";
import { checkCell, type Origin, type Structure } from "./structure.js";
import { decodeText } from "./text-encoding.js";

/** Bytes. Longer lines do not occur in structure files; without this limit a binary file without line ends would be read into memory whole. */
const LONGEST_LINE = 1 << 26;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class FrameReader {
  private readonly file: string | undefined;
  private readonly onWarning: ((warning: DataWarning) => void) | undefined;
  /** Codes of the warnings given: each is given once for a file. */
  private readonly warned = new Set<string>();
  /** The unfinished line, in the pieces in which it came. */
  private rest: Uint8Array[] = [];
  private restLength = 0;
  private line = 0;
  private structures = 0;
  private count: number | null = null;
  /** Line of the atom count of the unfinished frame. */
  private firstLine = 0;
  private comment: Comment | null = null;
  private table: AtomTable | null = null;
  private readonly columns = new Map<string, readonly Column[]>();

  constructor(file: string | undefined, onWarning?: (warning: DataWarning) => void) {
    this.file = file;
    this.onWarning = onWarning;
  }

  /** Structures completed by this piece. @throws InputError naming file, line and structure. */
  push(bytes: Uint8Array): Structure[] {
    const completed: Structure[] = [];
    let start = 0;
    if (this.restLength > 0) {
      start = bytes.indexOf(LINE_FEED) + 1;
      // A copy, as everything kept: the source may reuse its buffer.
      this.keep(start === 0 ? bytes.slice() : bytes.slice(0, start));
      if (start === 0) return completed;
      const line = this.takeRest();
      this.takeLine(line, 0, line.length - 1, completed);
    }
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end < 0) break;
      this.takeLine(bytes, start, end, completed);
      start = end + 1;
    }
    if (start < bytes.length) this.keep(bytes.slice(start));
    return completed;
  }

  /** The structures that the end of the file completes. @throws InputError when it ends inside one, or there was none at all. */
  finish(): Structure[] {
    const completed = this.restLength > 0 ? this.push(Uint8Array.of(LINE_FEED)) : [];
    if (this.count !== null) {
      const got = this.table === null ? "the end of the file in place of the comment line" : `the end of the file after ${this.table.length}`;
      throw new InputError("file is truncated", { ...this.place(), expected: `${this.count} atoms`, got });
    }
    if (this.structures === 0) {
      throw new InputError("no structures", {
        ...(this.file === undefined ? {} : { file: this.file }), expected: "extended XYZ", got: "an empty file",
      });
    }
    return completed;
  }

  private readonly place = (): ErrorDetails => this.originAt(this.line);

  /** Written out: spreading an object costs microseconds, and every frame has one. */
  private originAt(line: number): Origin {
    return this.file === undefined ? { line, structure: this.structures } : { file: this.file, line, structure: this.structures };
  }

  private keep(piece: Uint8Array): void {
    this.rest.push(piece);
    this.restLength += piece.length;
    if (this.restLength <= LONGEST_LINE) return;
    this.line++;
    throw new InputError("line does not end", { ...this.place(), expected: `text with lines below ${LONGEST_LINE} bytes`, got: "a binary file?" });
  }

  private takeRest(): Uint8Array {
    const line = new Uint8Array(this.restLength);
    let offset = 0;
    for (const piece of this.rest) {
      line.set(piece, offset);
      offset += piece.length;
    }
    this.rest = [];
    this.restLength = 0;
    return line;
  }

  private takeLine(bytes: Uint8Array, start: number, lineFeed: number, completed: Structure[]): void {
    this.line++;
    const end = lineFeed > start && bytes[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
    if (this.table !== null) this.table.add(bytes, start, end, this.place);
    else if (this.count === null) this.takeCount(this.decode(bytes, start, end));
    else this.takeComment(this.decode(bytes, start, end), this.count);
    if (this.table?.complete) completed.push(this.complete(this.table));
  }

  private decode(bytes: Uint8Array, start: number, end: number): string {
    const { text, foreign } = decodeText(bytes.subarray(start, end));
    if (foreign) this.warnOfEncoding();
    return text;
  }

  private warnOfEncoding(): void {
    this.warn("encoding-not-utf8", "has text that is not UTF-8; it is read as Windows-1252 (Latin-1)");
  }

  private warn(code: string, claim: string): void {
    if (this.warned.has(code)) return;
    this.warned.add(code);
    const name = this.file === undefined ? "" : `${this.file}: `;
    this.onWarning?.({
      code, ...(this.file !== undefined && { file: this.file }), frame: this.structures, text: `${name}structure ${this.structures} ${claim}`,
    });
  }

  private takeCount(line: string): void {
    const text = line.trim();
    if (text === "") return;
    const count = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(count)) {
      const before = this.structures === 0 ? "" : `; does structure ${this.structures - 1} have more atoms than it announces?`;
      throw new InputError("structure does not begin with its number of atoms", {
        ...this.place(), expected: "a whole number", got: `${excerpt(line)}${before}`,
      });
    }
    this.count = count;
    this.firstLine = this.line;
  }

  private takeComment(line: string, count: number): void {
    const where = this.place();
    this.comment = parseComment(line, where);
    const text = this.comment.properties ?? PLAIN_COLUMNS;
    let columns = this.columns.get(text);
    if (columns === undefined) {
      columns = parseProperties(text, where);
      this.columns.set(text, columns);
    }
    checkCell(this.comment, where);
    this.table = new AtomTable(columns, count, this.comment.properties === null);
  }

  private complete(table: AtomTable): Structure {
    const { cell, pbc, info } = this.comment!;
    const { species, positions, arrays } = table.finish();
    const origin = this.originAt(this.firstLine);
    if (table.hasMoreColumns) this.warn("columns-ignored", "is plain XYZ with more than four columns; only the first four are read");
    if (table.hasForeignText) this.warnOfEncoding();
    this.structures++;
    this.table = null;
    this.comment = null;
    this.count = null;
    return { species, positions, cell, pbc, info, arrays, origin };
  }
}
