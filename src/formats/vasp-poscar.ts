/**
 * VASP POSCAR and CONTCAR (https://www.vasp.at/wiki/POSCAR), one structure, periodic along all axes, lengths in Å.
 *
 *   comment
 *   scale                       one number > 0; < 0: minus the volume of the cell in Å³; three numbers > 0: of x, y and z components
 *   ax ay az, bx by bz, cx cy cz
 *   Si O                        element names (VASP 5); in files without them (VASP 4) `species` gives the elements
 *   4 8
 *   Selective dynamics          optional; read as the column move_mask (T: the atom may move along this vector)
 *   Direct | Cartesian          Cartesian positions are scaled as the cell is
 *   x y z [T T F]               (one line per atom)
 *
 * Velocities and predictor-corrector data that follow are not read. Written in Cartesian coordinates, which come back to the bit; atoms in the
 * order given where every element is in one run, and gathered by element otherwise.
 */
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { excerpt, formatNumber, parseNumber } from "../structure/extxyz-value.js";
import { cellVolume, checkCell, type AtomArray, type Structure } from "../structure/structure.js";
import { toCartesian } from "./cells.js";
import type { StructureFormat } from "./format.js";
import { LineReader, wordsOf } from "./line-reader.js";

/** What POSCAR and XDATCAR begin with. */
export interface VaspHeader {
  readonly comment: string;
  readonly cell: Float64Array;
  /** Factors of the x, y and z components of Cartesian positions. */
  readonly scale: readonly number[];
  readonly species: Uint8Array;
}

const NUMBERS = /^(?:[-+.\d][-+.\deEdD]*(?:\s+|$))+$/;

/** Whether the first lines are those of a POSCAR: a comment, one or three numbers, three vectors, and names or counts. */
export function beginsAsPoscar(head: string): boolean {
  const lines = head.split(/\r?\n/).slice(0, 7).map((line) => line.trim());
  const counted = (line: string | undefined, counts: readonly number[]): boolean =>
    line !== undefined && NUMBERS.test(line) && counts.includes(wordsOf(line).length);
  if (lines.length < 7 || !counted(lines[1], [1, 3]) || ![2, 3, 4].every((row) => counted(lines[row], [3]))) return false;
  return /^(?:[A-Z][a-z]?(?:[_/.]\S*)?\s*)+$/.test(lines[5]!) ? /^[\d\s]+$/.test(lines[6]!) : /^[\d\s]+$/.test(lines[5]!);
}

export async function readVaspHeader(reader: LineReader, comment: string, given: readonly string[] | undefined): Promise<VaspHeader> {
  const text = await reader.need("the scale of the cell");
  const factors = wordsOf(text).map((word) => parseNumber(word));
  const three = factors.length >= 3 && factors.slice(0, 3).every((factor) => factor !== undefined);
  const scales = (three ? factors.slice(0, 3) : factors.slice(0, 1)).map((factor) => factor ?? NaN);
  if (scales.length === 0 || !scales.every((factor) => Number.isFinite(factor) && (three ? factor > 0 : factor !== 0))) {
    throw reader.error("wrong scale of the cell", { expected: "a number, or three above 0", got: excerpt(text) });
  }
  const rows: number[] = [];
  for (const name of ["first", "second", "third"]) rows.push(...(await reader.numbers(3, `the ${name} lattice vector (3 numbers in Å)`)));
  const vectors = Float64Array.from(rows);
  const volume = Math.abs(cellVolume(vectors));
  const single = scales[0]! > 0 ? scales[0]! : Math.cbrt(-scales[0]! / volume);
  const scale = three ? scales : [single, single, single];
  const cell = vectors.map((value, index) => value * scale[index % 3]!);
  checkCell({ cell, pbc: [true, true, true] }, { ...(reader.file !== undefined && { file: reader.file }), line: reader.line, structure: reader.structure });
  let words = wordsOf(await reader.need("the elements or the numbers of atoms"));
  let names: readonly string[] | undefined = given;
  if (words.length > 0 && !words.every((word) => /^\d+$/.test(word))) {
    names = given ?? words.map((word) => word.replace(/[_/.].*$/, ""));
    words = wordsOf(await reader.need("the numbers of atoms"));
  }
  if (words.length === 0 || !words.every((word) => /^\d+$/.test(word))) {
    throw reader.error("wrong numbers of atoms", { expected: "a whole number for each element", got: excerpt(words.join(" ")) });
  }
  if (names === undefined) {
    const expected = `the elements of its ${words.length} kinds of atoms, as --species Si,O or the option species`;
    throw reader.error("file without element names (VASP 4)", { key: "species", expected, got: "none" });
  }
  if (names.length !== words.length) {
    throw reader.error("elements and numbers of atoms do not agree", {
      key: "species", expected: `${words.length} elements`, got: `${names.length}: ${excerpt(names.join(" "))}`,
    });
  }
  const elements = names.map((name) => reader.element(name));
  const species: number[] = [];
  const total = words.reduce((sum, word) => sum + Number(word), 0);
  // Beyond, no file holds what is announced.
  if (total > 1e8) throw reader.error("too many atoms", { expected: "at most 1e8", got: String(total) });
  words.forEach((word, kind) => {
    for (let count = Number(word); count > 0; count--) species.push(elements[kind]!);
  });
  return { comment: comment.trim(), cell, scale, species: Uint8Array.from(species) };
}

async function* read(chunks: AsyncIterable<Uint8Array>, given: readonly string[] | undefined, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  try {
    const comment = await reader.next();
    if (comment === undefined) throw reader.error("no structures", { expected: "a POSCAR", got: "an empty file" });
    const { cell, scale, species } = await readVaspHeader(reader, comment, given);
    let mode = (await reader.need("Direct or Cartesian")).trim();
    const selective = /^s/i.test(mode);
    if (selective) mode = (await reader.need("Direct or Cartesian")).trim();
    if (!/^[dck]/i.test(mode)) throw reader.error("wrong kind of coordinates", { expected: "Direct or Cartesian", got: excerpt(mode) });
    const values = new Float64Array(3 * species.length);
    const mask: boolean[] = [];
    for (let atom = 0; atom < species.length; atom++) {
      const expected = `the position of atom ${atom} of ${species.length}`;
      const line = await reader.need(expected);
      values.set(reader.parse(line, 3, expected), 3 * atom);
      if (!selective) continue;
      const flags = wordsOf(line).slice(3, 6);
      if (flags.length < 3 || !flags.every((flag) => /^\.?[tf]/i.test(flag))) {
        throw reader.error("wrong selective dynamics", { atom, expected: "T or F three times", got: excerpt(line) });
      }
      for (const flag of flags) mask.push(/^\.?t/i.test(flag));
    }
    const positions = /^[ck]/i.test(mode) ? values.map((value, index) => value * scale[index % 3]!) : toCartesian(values, cell);
    const arrays = new Map<string, AtomArray>(selective ? [["move_mask", { kind: "L", width: 3, values: mask }]] : []);
    yield {
      species, positions, cell, pbc: [true, true, true], info: new Map(comment.trim() === "" ? [] : [["comment", comment.trim()]]), arrays,
      origin: { ...(file !== undefined && { file }), line: 1, structure: 0 },
    };
  } finally {
    await reader.close();
  }
}

/** Indices of the atoms so that every element is in one run; as they are where that is so. */
export function gathered(species: Uint8Array): { order: number[]; elements: number[]; counts: number[] } {
  const elements = [...new Set(species)];
  const order = [...species.keys()].sort((i, j) => elements.indexOf(species[i]!) - elements.indexOf(species[j]!));
  return { order, elements, counts: elements.map((z) => species.reduce((sum, other) => sum + Number(other === z), 0)) };
}

/** The lines that POSCAR and XDATCAR begin with. @throws InputError for a structure that is not periodic along all axes. */
export function formatVaspHeader({ species, cell, pbc, info, origin }: Structure): string {
  if (cell === null || !pbc.every(Boolean)) {
    const got = cell === null ? "no cell" : `pbc="${pbc.map((axis) => (axis ? "T" : "F")).join(" ")}"`;
    throw new InputError("structure cannot be written for VASP", { ...origin, expected: "a cell that is periodic along all axes", got });
  }
  const { elements, counts } = gathered(species);
  const symbols = elements.map(symbolOf);
  const comment = info.get("comment");
  const title = typeof comment === "string" ? comment.replace(/[\x00-\x1f]+/g, " ") : symbols.map((symbol, kind) => `${symbol}${counts[kind]}`).join(" ");
  const rows = [0, 1, 2].map((row) => [...cell.subarray(3 * row, 3 * row + 3)].map(formatNumber).join(" "));
  return `${[title, "1.0", ...rows, symbols.join(" "), counts.join(" ")].join("\n")}\n`;
}

async function* write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
  let count = 0;
  for await (const structure of structures) {
    if (count++ > 0) {
      throw new InputError("a POSCAR holds one structure", { expected: "one structure, or a name such as XDATCAR or frames.xyz", got: "a second structure" });
    }
    const mask = structure.arrays.get("move_mask");
    const flags = mask?.kind === "L" && mask.width === 3 ? mask.values : null;
    const lines = [...(flags ? ["Selective dynamics"] : []), "Cartesian"];
    for (const atom of gathered(structure.species).order) {
      const place = [...structure.positions.subarray(3 * atom, 3 * atom + 3)].map(formatNumber).join(" ");
      lines.push(flags ? `${place} ${flags.slice(3 * atom, 3 * atom + 3).map((flag) => (flag ? "T" : "F")).join(" ")}` : place);
    }
    yield `${formatVaspHeader(structure)}${lines.join("\n")}\n`;
  }
}

export const vaspPoscar: StructureFormat = {
  name: "VASP POSCAR",
  recognizes: (file, head) => beginsAsPoscar(head) || /^(?:POSCAR|CONTCAR)|\.(?:vasp|poscar|contcar)$/i.test(file),
  read: (chunks, { file, species }) => read(chunks, species, file),
  write,
};
