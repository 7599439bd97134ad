/** NDJSON: one structure as a JSON object on each line (json-row.ts says what it has). */
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { formatJson } from "../structure/extxyz-value.js";
import { locating } from "../structure/origin.js";
import type { AtomArray, InfoValue, Structure } from "../structure/structure.js";
import type { FormatReadOptions, StructureFormat } from "./format.js";
import { parseJson, structureOfRow } from "./json-row.js";
import { textLines } from "./text-lines.js";

export const ndjson: StructureFormat = {
  name: "NDJSON",
  keepsData: true,
  recognizes: (file, head) => /\.(?:ndjson|jsonl)$/i.test(file) || /^\s*\{[^\n]*"positions"[^\n]*\}\r?\n/.test(head),

  async *read(chunks: AsyncIterable<Uint8Array>, options: FormatReadOptions): AsyncGenerator<Structure, void, undefined> {
    const file = options.file === undefined ? {} : { file: options.file };
    let line = 0;
    let structure = 0;
    for await (const text of textLines(chunks, options.file)) {
      line++;
      if (text.trim() === "") continue;
      const origin = { ...file, line, structure };
      yield structureOfRow(parseJson(text, origin), origin);
      structure++;
    }
    if (structure === 0) throw new InputError("no structures", { ...file, expected: "a JSON object on each line", got: "an empty file" });
  },

  async *write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
    for await (const structure of structures) yield locating(structure, () => `${formatJson(rowOf(structure))}\n`);
  },
};

/** Rows of `width` values. */
export function rowsOf(values: readonly InfoValue[] | Float64Array, width: number): InfoValue[] {
  const items = Array.from<InfoValue>(values as readonly InfoValue[]);
  if (width === 1) return items;
  return Array.from({ length: items.length / width }, (_, row) => items.slice(row * width, (row + 1) * width));
}

export function columnValue({ kind, width, values }: AtomArray): InfoValue {
  const rows = rowsOf(values, width);
  return kind === "I" ? { kind, values: rows } : rows;
}

function rowOf({ species, positions, cell, pbc, info, arrays }: Structure): InfoValue {
  return {
    species: Array.from(species, symbolOf), positions: rowsOf(positions, 3), cell: cell && rowsOf(cell, 3), pbc: [...pbc],
    info: Object.fromEntries(info), arrays: Object.fromEntries([...arrays].map(([name, column]) => [name, columnValue(column)])),
  };
}
