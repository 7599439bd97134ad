/**
 * Frames of an extended-XYZ file from its text in pieces: atom count, comment line, one line per atom, again and again.
 * A piece may end anywhere; only the unfinished line and the unfinished frame are kept.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { AtomTable, parseProperties, PLAIN_COLUMNS, type Column } from "./extxyz-columns.js";
import { parseComment, type Comment } from "./extxyz-comment.js";
import { excerpt } from "./extxyz-value.js";
import { checkCell, type Structure } from "./structure.js";

/** Longer lines do not occur in structure files; without this limit a binary file without line ends would be read into memory whole. */
const LONGEST_LINE = 1 << 26;

export class FrameReader {
  private readonly file: string | undefined;
  private rest = "";
  private line = 0;
  private structures = 0;
  private count: number | null = null;
  private comment: Comment | null = null;
  private table: AtomTable | null = null;
  private readonly columns = new Map<string, readonly Column[]>();

  constructor(file: string | undefined) {
    this.file = file;
  }

  /** Structures completed by this piece of text. @throws InputError naming file, line and structure. */
  push(text: string): Structure[] {
    const completed: Structure[] = [];
    let start = 0;
    if (this.rest !== "") {
      const end = text.indexOf("\n");
      this.rest += end < 0 ? text : text.slice(0, end);
      if (end < 0) {
        this.checkLength(this.rest.length);
        return completed;
      }
      const line = this.rest;
      this.rest = "";
      this.take(line, 0, line.length, completed);
      start = end + 1;
    }
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end < 0) break;
      this.take(text, start, end, completed);
      start = end + 1;
    }
    this.checkLength(text.length - start);
    this.rest = text.slice(start);
    return completed;
  }

  /** The structures that the end of the text completes. @throws InputError when it ends inside one, or there was none at all. */
  finish(): Structure[] {
    const completed: Structure[] = [];
    const last = this.rest;
    this.rest = "";
    if (last !== "") this.take(last, 0, last.length, completed);
    if (this.count !== null) {
      const got = this.table === null ? "the end of the file in place of the comment line" : `the end of the file after ${this.table.length}`;
      throw new InputError("file is truncated", { ...this.here(), expected: `${this.count} atoms`, got });
    }
    if (this.structures === 0) {
      throw new InputError("no structures", { ...(this.file === undefined ? {} : { file: this.file }), expected: "extended XYZ", got: "an empty file" });
    }
    return completed;
  }

  private here(): ErrorDetails {
    return { ...(this.file === undefined ? {} : { file: this.file }), line: this.line, structure: this.structures };
  }

  private checkLength(length: number): void {
    if (length <= LONGEST_LINE) return;
    this.line++;
    throw new InputError("line does not end", { ...this.here(), expected: `text with lines below ${LONGEST_LINE} characters`, got: "a binary file?" });
  }

  private take(text: string, start: number, end: number, completed: Structure[]): void {
    this.line++;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    if (this.table !== null) {
      this.table.add(text, start, end, this.here());
    } else if (this.count === null) {
      this.takeCount(text.slice(start, end));
    } else {
      this.takeComment(text.slice(start, end), this.count);
    }
    if (this.table?.complete) completed.push(this.complete(this.table));
  }

  private takeCount(line: string): void {
    const text = (this.line === 1 ? line.replace(/^\ufeff/, "") : line).trim();
    if (text === "") return;
    const count = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(count)) {
      const before = this.structures === 0 ? "" : `; does structure ${this.structures - 1} have more atoms than it announces?`;
      throw new InputError("structure does not begin with its number of atoms", { ...this.here(), expected: "a whole number", got: `${excerpt(line)}${before}` });
    }
    this.count = count;
  }

  private takeComment(line: string, count: number): void {
    const where = this.here();
    this.comment = parseComment(line, where);
    const text = this.comment.properties ?? PLAIN_COLUMNS;
    let columns = this.columns.get(text);
    if (columns === undefined) {
      columns = parseProperties(text, where);
      this.columns.set(text, columns);
    }
    checkCell({ ...this.comment, species: new Uint8Array(0), positions: new Float64Array(0), arrays: new Map() }, where);
    this.table = new AtomTable(columns, count);
  }

  private complete(table: AtomTable): Structure {
    const { cell, pbc, info } = this.comment!;
    this.structures++;
    this.table = null;
    this.comment = null;
    this.count = null;
    return { ...table.finish(), cell, pbc, info };
  }
}
