/**
 * Extended XYZ, read and written: https://github.com/libAtoms/extxyz.
 *
 *   N
 *   Lattice="..." Properties=species:S:1:pos:R:3:forces:R:3 energy=... pbc="T T T"
 *   Si x y z fx fy fz        (N lines)
 *
 * Numbers are written as the shortest decimals that read back to the same float64, so read → write → read changes no bit.
 */
import { InputError, type DataWarning } from "../errors.js";
import { symbolOf } from "./elements.js";
import { formatComment } from "./extxyz-comment.js";
import { parseProperties, POSITION_NAMES, SPECIES_NAMES } from "./extxyz-columns.js";
import { FrameReader } from "./extxyz-frame.js";
import { inflateIfCompressed } from "./extxyz-inflate.js";
import { formatNumber } from "./extxyz-value.js";
import { locating } from "./origin.js";
import { asUtf8 } from "./text-encoding.js";
import type { AtomArray, Structure } from "./structure.js";

export interface ExtxyzReadOptions {
  /** Name of the file, for messages and the structures' `origin`. */
  readonly file?: string | undefined;
  /** Takes what is doubtful but read, once for a kind and file: columns that are ignored, text that is not UTF-8. */
  readonly onWarning?: ((warning: DataWarning) => void) | undefined;
}

/** All structures of a text. @throws InputError with line and structure (and `file`, when given) on anything malformed; on no structures too. */
export function parseExtxyz(text: string, file?: string): Structure[] {
  const reader = new FrameReader(file);
  const structures = reader.push(new TextEncoder().encode(text));
  return structures.concat(reader.finish());
}

/**
 * The structures of a file in pieces, one after the other, plain or compressed with gzip (recognized by its first bytes), in UTF-8 or UTF-16.
 * Memory: one piece and one structure. Leaving the loop early ends the source.
 * @throws InputError as `parseExtxyz`, and on damaged compression; errors of the source pass unchanged.
 */
export async function* readExtxyz(
  chunks: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  options: ExtxyzReadOptions = {},
): AsyncGenerator<Structure, void, undefined> {
  const reader = new FrameReader(options.file, options.onWarning);
  for await (const bytes of asUtf8(inflateIfCompressed(chunks, options.file))) {
    // A plain loop: `yield*` would make three promises more per structure.
    for (const structure of reader.push(bytes)) yield structure;
  }
  for (const structure of reader.finish()) yield structure;
}

/**
 * One frame, ending in a line end: species and positions, then the arrays in their order; info entries in theirs.
 * @throws InputError when a name or value cannot be written in this format (a blank in a text column, a reserved key, …).
 */
export function formatExtxyz(structure: Structure): string {
  return locating(structure, () => formatFrame(structure));
}

function formatFrame(structure: Structure): string {
  const { species, positions } = structure;
  const arrays = [...structure.arrays];
  // Columns may have the usual names, beside others that are the species and positions.
  const free = (names: readonly string[]): string => names.find((name) => !structure.arrays.has(name)) ?? names[0]!;
  const properties = [`${free(SPECIES_NAMES)}:S:1:${free(POSITION_NAMES)}:R:3`, ...arrays.map(([name, column]) => `${name}:${column.kind}:${column.width}`)].join(":");
  checkColumns(properties, arrays, species.length);
  const lines = [String(species.length), formatComment(structure, properties)];
  for (let atom = 0; atom < species.length; atom++) {
    let line = symbolOf(species[atom]!).padEnd(2);
    for (let axis = 0; axis < 3; axis++) line += ` ${formatNumber(positions[3 * atom + axis]!)}`;
    for (const [name, column] of arrays) line += formatCells(name, column, atom);
    lines.push(line);
  }
  lines.push("");
  return lines.join("\n");
}

/** What is written must be read as the same columns. */
function checkColumns(properties: string, arrays: readonly (readonly [string, AtomArray])[], count: number): void {
  for (const [name, column] of arrays) {
    if (name === "" || /[:\ud800-\udfff]/u.test(name) || name.trim() !== name) {
      throw new InputError("column cannot be written", { key: name, expected: "a name without colons" });
    }
    if (column.values.length !== count * column.width) {
      throw new InputError("column does not fit the atoms", {
        key: name, expected: `${count * column.width} values`, got: `${column.values.length}`,
      });
    }
  }
  const mistaken = parseProperties(properties, {}).findIndex(({ role }, index) => index >= 2 && role !== "array");
  if (mistaken >= 0) throw new InputError("column cannot be written", { key: arrays[mistaken - 2]![0], expected: "a name other than those of species and positions" });
}

function formatCells(name: string, column: AtomArray, atom: number): string {
  let cells = "";
  for (let index = atom * column.width; index < (atom + 1) * column.width; index++) {
    const value = column.values[index]!;
    if (typeof value === "boolean") {
      cells += value ? " T" : " F";
      continue;
    }
    const text = typeof value === "number" ? formatNumber(value) : value;
    if (column.kind === "I" ? !Number.isSafeInteger(value) : !/^[^\x00-\x20]+$/.test(text)) {
      throw new InputError("value cannot be written", {
        atom, key: name, expected: column.kind === "I" ? "an integer" : "text without blanks", got: JSON.stringify(value),
      });
    }
    cells += ` ${text}`;
  }
  return cells;
}
