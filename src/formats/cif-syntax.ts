/**
 * The syntax of CIF 1.1 (https://www.iucr.org/resources/cif/spec/version1.1/cifsyntax): data blocks of items and loops.
 *
 *   data_name   _item value   loop_ _column _column value value …   'quoted' "quoted"   # comment   text between lines that begin with ;
 */
import { InputError } from "../errors.js";
import { textLines } from "./text-lines.js";

export interface CifValue {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

export interface CifLoop {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CifValue[])[];
}

/** Names are in small letters, as CIF does not tell capitals from them. */
export interface CifBlock {
  readonly name: string;
  readonly line: number;
  readonly items: Map<string, CifValue>;
  readonly loops: CifLoop[];
}

interface Token extends CifValue {
  /** A quoted word is a value whatever it looks like. */
  readonly quoted: boolean;
}

const TOKEN = /\s*(?:#.*|'((?:[^']|'(?=\S))*)'(?=\s|$)|"((?:[^"]|"(?=\S))*)"(?=\s|$)|(\S+))/y;

async function* tokensOf(chunks: AsyncIterable<Uint8Array>, file: string | undefined): AsyncGenerator<Token, void, undefined> {
  let line = 0;
  let text: { readonly lines: string[]; readonly line: number } | null = null;
  for await (const content of textLines(chunks, file)) {
    line++;
    let position = 0;
    if (text !== null) {
      if (!content.startsWith(";")) {
        text.lines.push(content);
        continue;
      }
      yield { text: text.lines.join("\n"), line: text.line, quoted: true };
      text = null;
      position = 1;
    } else if (content.startsWith(";")) {
      text = { lines: [content.slice(1)], line };
      continue;
    }
    for (;;) {
      TOKEN.lastIndex = position;
      const found = TOKEN.exec(content);
      if (!found) break;
      position = TOKEN.lastIndex;
      const quoted = found[1] ?? found[2];
      if (quoted !== undefined) yield { text: quoted, line, quoted: true };
      else if (found[3] !== undefined) yield { text: found[3], line, quoted: false };
    }
  }
  if (text !== null) {
    throw new InputError("file is truncated", { ...(file !== undefined && { file }), line: text.line, expected: "a line with ; that ends the text begun here" });
  }
}

/** The blocks one after the other. @throws InputError with file and line on values without names, rows that are not whole, names without values. */
export async function* cifBlocks(chunks: AsyncIterable<Uint8Array>, file: string | undefined): AsyncGenerator<CifBlock, void, undefined> {
  let block: CifBlock | null = null;
  let loop: { readonly columns: string[]; readonly values: CifValue[]; readonly line: number } | null = null;
  let name: CifValue | null = null;
  const fail = (what: string, line: number, expected: string, key?: string): InputError =>
    new InputError(what, { ...(file !== undefined && { file }), line, ...(key !== undefined && { key }), expected });
  const finish = (): void => {
    if (name !== null) throw fail("item has no value", name.line, "a value behind the name", name.text);
    if (loop === null) return;
    const { columns, values, line } = loop;
    if (values.length === 0 || values.length % columns.length !== 0) {
      const last = values.at(-1)?.line ?? line;
      throw fail("loop does not end with a whole row; is the file truncated?", last, `rows of ${columns.length} values`, columns[0]);
    }
    block!.loops.push({ columns, rows: Array.from({ length: values.length / columns.length }, (_, row) => values.slice(row * columns.length, (row + 1) * columns.length)) });
    loop = null;
  };
  for await (const token of tokensOf(chunks, file)) {
    const lower = token.quoted ? "" : token.text.toLowerCase();
    if (lower.startsWith("data_")) {
      finish();
      if (block !== null) yield block;
      block = { name: token.text.slice(5), line: token.line, items: new Map(), loops: [] };
    } else if (block === null) {
      throw fail("CIF does not begin with a data block", token.line, "data_name");
    } else if (lower === "loop_") {
      finish();
      loop = { columns: [], values: [], line: token.line };
    } else if (lower.startsWith("_")) {
      if (loop !== null && loop.values.length === 0) {
        loop.columns.push(lower);
        continue;
      }
      finish();
      name = { text: lower, line: token.line };
    } else if (name !== null) {
      block.items.set(name.text, token);
      name = null;
    } else if (loop !== null && loop.columns.length > 0) {
      loop.values.push(token);
    } else {
      throw fail("value without a name", token.line, "_name before it");
    }
  }
  finish();
  if (block !== null) yield block;
}
