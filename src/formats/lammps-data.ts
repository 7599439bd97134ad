/**
 * LAMMPS data files (https://docs.lammps.org/read_data.html), as read_data takes and write_data makes them: box and atoms of one structure, in Å.
 *
 *   elements   `species` for the types; else what stands behind # in the section Masses, where that is an element; else the element of that mass
 *   styles     atomic, charge, molecular, bond, angle and full, as "Atoms # style" says; without it by the number of columns, where that tells
 *   box        xlo xhi, ylo yhi, zlo zhi and the tilts xy xz yz; always periodic, since what is not stands in the input script
 *
 * Charges are kept as a column `charges`; image flags, velocities (whose unit stands in the script) and other sections are left alone. Written as style
 * atomic with the elements behind the masses; a cell that is not LAMMPS's lower triangle is turned into it.
 */
import { InputError } from "../errors.js";
import { atomicNumberOf, massOf, symbolOf } from "../structure/elements.js";
import { excerpt, formatNumber, parseNumber } from "../structure/extxyz-value.js";
import { checkCell, type AtomArray, type Structure } from "../structure/structure.js";
import { lowerTriangle } from "./cells.js";
import type { StructureFormat } from "./format.js";
import { LineReader, wordsOf } from "./line-reader.js";

/** Columns behind the id, without image flags. */
const [ATOMIC, CHARGE, MOLECULAR, FULL] = [
  ["type", "x", "y", "z"], ["type", "q", "x", "y", "z"], ["molecule", "type", "x", "y", "z"], ["molecule", "type", "q", "x", "y", "z"],
] as const;
const STYLES = new Map<string, readonly string[]>([
  ["atomic", ATOMIC], ["charge", CHARGE], ["molecular", MOLECULAR], ["bond", MOLECULAR], ["angle", MOLECULAR], ["full", FULL],
]);

/** Sections begin with a capital letter; what else does not is an entry of the header or of a section. */
const SECTION = /^\s*([A-Z][A-Za-z/]*(?:\s+[A-Z][A-Za-z]*)*)\s*(?:#\s*(\S+))?\s*$/;

/** Masses of a type file differ from the table's by their rounding; isotopes lie farther off. */
const MASS_TOLERANCE = 0.06;

function elementOfMass(mass: number): number | undefined {
  for (let z = 1; z <= 118; z++) if (Math.abs(massOf(z) - mass) < MASS_TOLERANCE) return z;
  return undefined;
}

/** The rows of a section up to the next one, whose line is put back; comments and blank lines left out. */
async function* rowsOf(reader: LineReader): AsyncGenerator<{ words: string[]; comment: string; line: number }> {
  for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
    const [content, ...comments] = line.split("#");
    const words = wordsOf(content!);
    if (words.length === 0) continue;
    if (SECTION.test(line)) {
      reader.back(line);
      return;
    }
    yield { words, comment: comments.join("#").trim(), line: reader.line };
  }
}

/** The style of a row of this many columns. */
function styleOf(reader: LineReader, words: readonly string[], hint: string | undefined): readonly string[] {
  if (hint !== undefined) {
    const style = STYLES.get(hint);
    if (!style) throw reader.error("an atom style that is not read", { key: "Atoms", expected: [...STYLES.keys()].join(", "), got: excerpt(hint) });
    return style;
  }
  const count = words.length - (words.length >= 8 && words.slice(-3).every((word) => /^-?\d+$/.test(word)) ? 3 : 0);
  if (count === 5) return ATOMIC;
  if (count === 7) return FULL;
  // A charge that is written as a whole number looks like a type.
  if (count === 6 && !/^[+-]?\d+$/.test(words[2]!)) return CHARGE;
  const expected = "\"Atoms # atomic\", \"Atoms # charge\", \"Atoms # molecular\" or \"Atoms # full\" for the title of the section";
  throw reader.error("atom style unknown", { key: "Atoms", expected, got: `${words.length} columns: ${excerpt(words.join(" "))}` });
}

interface Atom {
  readonly id: number;
  readonly type: number;
  readonly position: readonly number[];
  readonly charge: number | null;
  readonly line: number;
}

async function readAtoms(reader: LineReader, count: number, hint: string | undefined): Promise<Atom[]> {
  const atoms: Atom[] = [];
  let style: readonly string[] | null = null;
  for await (const { words, line } of rowsOf(reader)) {
    const atom = atoms.length;
    if (atom === count) throw reader.error("more atoms than announced", { expected: `${count} atoms`, got: excerpt(words.join(" ")) });
    style ??= styleOf(reader, words, hint);
    if (words.length !== style.length + 1 && words.length !== style.length + 4) {
      throw reader.error("wrong number of columns", { atom, expected: `${style.length + 1} (id ${style.join(" ")}), or 3 image flags more`, got: `${words.length}: ${excerpt(words.join(" "))}` });
    }
    const value = (name: string): number => {
      const found = parseNumber(words[1 + style!.indexOf(name)]!);
      if (found === undefined || !Number.isFinite(found)) throw reader.error("wrong type of value", { atom, key: name, expected: "a number", got: excerpt(words[1 + style!.indexOf(name)]!) });
      return found;
    };
    atoms.push({ id: Number(words[0]), type: value("type"), position: ["x", "y", "z"].map(value), charge: style.includes("q") ? value("q") : null, line });
  }
  if (atoms.length < count) throw reader.error("file is truncated", { expected: `${count} atoms`, got: String(atoms.length) });
  return atoms.sort((a, b) => a.id - b.id);
}

/** What Masses tells of every type. */
async function readMasses(reader: LineReader): Promise<Map<number, number | undefined>> {
  const elements = new Map<number, number | undefined>();
  for await (const { words, comment } of rowsOf(reader)) {
    const [type, mass] = [Number(words[0]), parseNumber(words[1] ?? "")];
    if (!Number.isInteger(type) || mass === undefined || !(mass > 0)) throw reader.error("wrong line", { key: "Masses", expected: "a type and a mass above 0", got: excerpt(words.join(" ")) });
    elements.set(type, atomicNumberOf(wordsOf(comment)[0] ?? "") ?? elementOfMass(mass));
  }
  return elements;
}

async function* read(chunks: AsyncIterable<Uint8Array>, given: readonly string[] | undefined, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  let count: number | null = null;
  const bounds: ([number, number] | undefined)[] = [];
  let tilts = [0, 0, 0];
  let masses = new Map<number, number | undefined>();
  let atoms: Atom[] | null = null;
  try {
    await reader.need("a comment");
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
      const section = SECTION.exec(line);
      if (section) {
        const [, name, hint] = section;
        if (name === "Masses") masses = await readMasses(reader);
        else if (name === "Atoms") {
          if (count === null) throw reader.error("atoms before their number", { expected: "a line \"N atoms\"", got: "Atoms" });
          atoms = await readAtoms(reader, count, hint);
        } else for await (const _ of rowsOf(reader)) continue;
        continue;
      }
      const content = line.split("#")[0]!;
      const axis = /\b([xyz])lo\s+[xyz]hi\b/.exec(content);
      if (axis) {
        const [low, high] = reader.parse(content, 2, `${axis[1]}lo and ${axis[1]}hi`) as [number, number];
        if (!(high > low)) throw reader.error("an empty box", { key: `${axis[1]}lo ${axis[1]}hi`, expected: "a high bound above the low one", got: `${low} ${high}` });
        bounds["xyz".indexOf(axis[1]!)] = [low, high];
      } else if (/\bxy\s+xz\s+yz\b/.test(content)) tilts = reader.parse(content, 3, "xy, xz and yz");
      else if (/^\s*\S+\s+atoms\s*$/.test(content)) {
        [count] = reader.parse(content, 1, "a number of atoms") as [number];
        if (!Number.isSafeInteger(count) || count < 0) throw reader.error("wrong number of atoms", { expected: "a whole number", got: excerpt(content) });
      }
    }
    if (!atoms) throw reader.error("no atoms", { expected: "a section Atoms", got: "the end of the file" });
    const [x, y, z] = bounds;
    if (!x || !y || !z) throw reader.error("no box", { expected: "xlo xhi, ylo yhi and zlo zhi", got: "fewer" });
    const [xy, xz, yz] = tilts as [number, number, number];
    const cell = Float64Array.of(x[1] - x[0], 0, 0, xy, y[1] - y[0], 0, xz, yz, z[1] - z[0]);
    const origin = { ...(file !== undefined && { file }), line: 1, structure: 0 };
    checkCell({ cell, pbc: [true, true, true] }, origin);
    yield { ...structureOf(reader, atoms, masses, given), cell, pbc: [true, true, true], info: new Map(), origin };
    reader.structure++;
  } finally {
    await reader.close();
  }
}

function structureOf(
  reader: LineReader, atoms: readonly Atom[], masses: ReadonlyMap<number, number | undefined>, given: readonly string[] | undefined,
): Pick<Structure, "species" | "positions" | "arrays"> {
  const species = Uint8Array.from(atoms, ({ type, line }, atom) => {
    const symbol = given?.[type - 1];
    const z = symbol === undefined ? masses.get(type) : reader.element(symbol, { atom, line });
    if (z !== undefined) return z;
    const expected = given ? `a type from 1 to ${given.length}` : "an element behind its mass (\"1 28.0855 # Si\"), or the elements of the types, as --species Si,O";
    throw reader.error("atom type without an element", { line, atom, key: "species", expected, got: String(type) });
  });
  const arrays = new Map<string, AtomArray>();
  if (atoms.every(({ charge }) => charge !== null) && atoms.length > 0) arrays.set("charges", { kind: "R", width: 1, values: Float64Array.from(atoms, ({ charge }) => charge!) });
  return { species, positions: Float64Array.from(atoms.flatMap(({ position }) => [...position])), arrays };
}

async function* write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
  let written = false;
  for await (const { species, positions, cell, origin } of structures) {
    if (written) throw new InputError("a LAMMPS data file holds one structure", { ...origin, expected: "one structure, or a dump (.lammpstrj)", got: "a second one" });
    if (cell === null) throw new InputError("structure cannot be written for LAMMPS", { ...origin, expected: "a cell", got: "none" });
    checkCell({ cell, pbc: [true, true, true] }, origin);
    const { cell: triangle, turn } = lowerTriangle(cell);
    const turned = turn(positions);
    const elements = [...new Set(species)].sort((a, b) => a - b);
    const tilts = [triangle[3]!, triangle[6]!, triangle[7]!];
    const lines = [
      "LAMMPS data file, elements behind the masses", "", `${species.length} atoms`, `${elements.length} atom types`, "",
      ...["x", "y", "z"].map((axis, k) => `0 ${formatNumber(triangle[4 * k]!)} ${axis}lo ${axis}hi`),
      ...(tilts.some((tilt) => tilt !== 0) ? [`${tilts.map(formatNumber).join(" ")} xy xz yz`] : []),
      "", "Masses", "", ...elements.map((z, type) => `${type + 1} ${formatNumber(massOf(z))} # ${symbolOf(z)}`), "", "Atoms # atomic", "",
      ...Array.from(species, (z, atom) => `${atom + 1} ${elements.indexOf(z) + 1} ${[...turned.subarray(3 * atom, 3 * atom + 3)].map(formatNumber).join(" ")}`),
    ];
    written = true;
    yield `${lines.join("\n")}\n`;
  }
}

export const lammpsData: StructureFormat = {
  name: "LAMMPS data",
  recognizes: (file, head) => (/^[ \t]*\d+[ \t]+atoms[ \t]*\r?$/m.test(head) && /\bxlo[ \t]+xhi\b/.test(head)) || /^data\.|\.(?:lmp|data|lammps-data)$/i.test(file),
  read: (chunks, { file, species }) => read(chunks, species, file),
  write,
};
