/**
 * LAMMPS dump, styles atom and custom (https://docs.lammps.org/dump.html), frame after frame, atoms sorted by id.
 *
 *   positions  x y z | xu yu zu (unwrapped) | xs ys zs, xsu ysu zsu (fractions of the box), in Å
 *   box        BOX BOUNDS pp pp pp | BOX BOUNDS xy xz yz … (bounds around the sheared box) | BOX BOUNDS abc origin …
 *   elements   the column element, or `species` for the numbers of the column type
 *   forces     fx fy fz → forces; in eV/Å (units metal), or in kcal/mol/Å where ITEM: UNITS says real
 *
 * Other columns are kept under their names, but for id. Written with id type element x y z and, where there are forces, fx fy fz; a cell that is
 * not LAMMPS's lower triangle is turned into it, with positions and forces.
 */
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { excerpt, formatNumber, parseNumber } from "../structure/extxyz-value.js";
import { checkCell, type AtomArray, type Structure } from "../structure/structure.js";
import { lowerTriangle, toCartesian } from "./cells.js";
import type { StructureFormat } from "./format.js";
import { LineReader, wordsOf } from "./line-reader.js";

/** eV in 1 kcal/mol. */
const KCAL_PER_MOL = 0.0433641042385997;

interface Box {
  readonly cell: Float64Array;
  readonly corner: readonly number[];
  readonly pbc: readonly [boolean, boolean, boolean];
}

async function readBox(reader: LineReader, words: readonly string[]): Promise<Box> {
  const flags = words.filter((word) => /^[pfsm]{2}$/.test(word));
  const pbc = [0, 1, 2].map((axis) => (flags[axis] ?? "pp") === "pp") as unknown as Box["pbc"];
  const width = words.includes("abc") ? 4 : words.includes("xy") ? 3 : 2;
  const rows: number[][] = [];
  for (let row = 0; row < 3; row++) rows.push(await reader.numbers(width, `${width} numbers of the box`));
  const [x, y, z] = rows as [number[], number[], number[]];
  if (width === 4) return { cell: Float64Array.from(rows.flatMap((row) => row.slice(0, 3))), corner: rows.map((row) => row[3]!), pbc };
  const [xy, xz, yz] = width === 3 ? [x[2]!, y[2]!, z[2]!] : [0, 0, 0];
  const low = [x[0]! - Math.min(0, xy, xz, xy + xz), y[0]! - Math.min(0, yz), z[0]!];
  const high = [x[1]! - Math.max(0, xy, xz, xy + xz), y[1]! - Math.max(0, yz), z[1]!];
  const empty = [0, 1, 2].find((axis) => !(high[axis]! > low[axis]!));
  if (empty !== undefined) throw reader.error("an empty box", { key: "BOX BOUNDS", expected: "high bounds above the low ones", got: `${low[empty]} ${high[empty]}` });
  return { cell: Float64Array.of(high[0]! - low[0]!, 0, 0, xy, high[1]! - low[1]!, 0, xz, yz, high[2]! - low[2]!), corner: low, pbc };
}

/** Names of the three columns of positions, and whether they are fractions of the box. */
function placeColumns(names: readonly string[]): { places: readonly number[]; scaled: boolean } | null {
  for (const suffix of ["", "u", "s", "su"]) {
    const places = ["x", "y", "z"].map((axis) => names.indexOf(`${axis}${suffix}`));
    if (places.every((place) => place >= 0)) return { places, scaled: suffix.startsWith("s") };
  }
  return null;
}

async function readAtoms(reader: LineReader, names: readonly string[], count: number, box: Box, given: readonly string[] | undefined, unit: number) {
  const columns = placeColumns(names);
  if (!columns) throw reader.error("no positions", { expected: "columns x y z, xu yu zu, xs ys zs or xsu ysu zsu", got: excerpt(names.join(" ")) });
  const [id, type, element] = ["id", "type", "element"].map((name) => names.indexOf(name)) as [number, number, number];
  if (element < 0 && (type < 0 || given === undefined)) {
    const expected = type < 0 ? "a column element, or type" : "the elements of the atom types, as --species Si,O or the option species";
    throw reader.error("dump without elements", { key: "species", expected, got: excerpt(names.join(" ")) });
  }
  const rows: { id: number; z: number; words: string[]; line: number }[] = [];
  for (let atom = 0; atom < count; atom++) {
    const line = await reader.need(`atom ${atom} of ${count}`);
    const words = wordsOf(line);
    if (words.length !== names.length) {
      throw reader.error("wrong number of columns", { atom, expected: `${names.length} (${names.join(" ")})`, got: `${words.length}: ${excerpt(line)}` });
    }
    const kind = type >= 0 ? Number(words[type]) : 0;
    const symbol = given !== undefined && type >= 0 ? given[kind - 1] : words[element];
    if (symbol === undefined) {
      throw reader.error("atom type without an element", { atom, key: "species", expected: `a type from 1 to ${given!.length}`, got: excerpt(words[type]!) });
    }
    rows.push({ id: id >= 0 ? Number(words[id]) : atom, z: reader.element(symbol, { atom }), words, line: reader.line });
  }
  rows.sort((a, b) => a.id - b.id);
  const numbers = (places: readonly number[]): Float64Array => {
    const values = new Float64Array(places.length * count);
    rows.forEach(({ words, line }, atom) => places.forEach((place, axis) => {
      const value = parseNumber(words[place]!);
      if (value === undefined || !Number.isFinite(value)) {
        throw reader.error("wrong type of value", { line, atom, key: names[place]!, expected: "a number", got: excerpt(words[place]!) });
      }
      values[places.length * atom + axis] = value;
    }));
    return values;
  };
  const values = numbers(columns.places);
  const positions = columns.scaled ? toCartesian(values, box.cell).map((value, index) => value + box.corner[index % 3]!) : values;
  const arrays = new Map<string, AtomArray>();
  const force = ["fx", "fy", "fz"].map((name) => names.indexOf(name));
  const forces = force.every((place) => place >= 0);
  if (forces) arrays.set("forces", { kind: "R", width: 3, values: numbers(force).map((value) => value * unit) });
  const used = new Set([id, element, ...columns.places, ...(forces ? force : [])]);
  names.forEach((name, place) => {
    if (used.has(place)) return;
    const numeric = rows.every(({ words }) => parseNumber(words[place]!) !== undefined);
    arrays.set(name, numeric
      ? { kind: name === "type" ? "I" : "R", width: 1, values: numbers([place]) }
      : { kind: "S", width: 1, values: rows.map(({ words }) => words[place]!) });
  });
  return { species: Uint8Array.from(rows, ({ z }) => z), positions, arrays };
}

async function* read(chunks: AsyncIterable<Uint8Array>, given: readonly string[] | undefined, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  let [timestep, count, unit]: [number | null, number | null, number] = [null, null, 1];
  let box: Box | null = null;
  let begin = 1;
  try {
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
      if (line.trim() === "") continue;
      const item = /^ITEM:\s*(TIMESTEP|UNITS|TIME|NUMBER OF ATOMS|BOX BOUNDS|ATOMS)\b(.*)$/.exec(line);
      if (!item) throw reader.error("wrong line in a LAMMPS dump", { expected: "ITEM: TIMESTEP, NUMBER OF ATOMS, BOX BOUNDS or ATOMS", got: excerpt(line) });
      const words = wordsOf(item[2]!);
      if (item[1] === "TIMESTEP") {
        if (timestep === null) begin = reader.line;
        [timestep] = await reader.numbers(1, "a time step") as [number];
      } else if (item[1] === "UNITS") {
        const units = (await reader.need("units")).trim();
        if (units !== "metal" && units !== "real") throw reader.error("unknown units", { expected: "metal or real", got: excerpt(units) });
        unit = units === "real" ? KCAL_PER_MOL : 1;
      } else if (item[1] === "TIME") {
        await reader.numbers(1, "a time");
      } else if (item[1] === "NUMBER OF ATOMS") {
        [count] = await reader.numbers(1, "a number of atoms") as [number];
        if (!Number.isSafeInteger(count) || count < 0) throw reader.error("wrong number of atoms", { expected: "a whole number", got: String(count) });
      } else if (item[1] === "BOX BOUNDS") {
        box = await readBox(reader, words);
        checkCell(box, { ...(file !== undefined && { file }), line: reader.line, structure: reader.structure });
      } else {
        if (count === null || box === null) throw reader.error("atoms before their number and box", { expected: "NUMBER OF ATOMS and BOX BOUNDS", got: excerpt(line) });
        const atoms = await readAtoms(reader, words, count, box, given, unit);
        const { cell, pbc } = box;
        const info = new Map(timestep === null ? [] : [["timestep", timestep] as const]);
        yield { ...atoms, cell, pbc, info, origin: { ...(file !== undefined && { file }), line: begin, structure: reader.structure++ } };
        [timestep, count, box] = [null, null, null];
      }
    }
    if (timestep !== null || count !== null) throw reader.error("file is truncated", { expected: "atoms", got: "the end of the file" });
    if (reader.structure === 0) throw reader.error("no structures", { expected: "a LAMMPS dump", got: "an empty file" });
  } finally {
    await reader.close();
  }
}

function boxLines({ cell, pbc }: Pick<Structure, "pbc">  & { readonly cell: Float64Array }): string {
  const flags = pbc.map((axis) => (axis ? "pp" : "ff")).join(" ");
  const [xy, xz, yz] = [cell[3]!, cell[6]!, cell[7]!];
  if (xy === 0 && xz === 0 && yz === 0) return `ITEM: BOX BOUNDS ${flags}\n${[0, 4, 8].map((k) => `0 ${formatNumber(cell[k]!)}`).join("\n")}`;
  const rows = [
    [Math.min(0, xy, xz, xy + xz), cell[0]! + Math.max(0, xy, xz, xy + xz), xy], [Math.min(0, yz), cell[4]! + Math.max(0, yz), xz], [0, cell[8]!, yz],
  ];
  return `ITEM: BOX BOUNDS xy xz yz ${flags}\n${rows.map((row) => row.map(formatNumber).join(" ")).join("\n")}`;
}

async function* write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
  // The same element has the same type in every frame.
  const types = new Map<number, number>();
  let frame = 0;
  for await (const structure of structures) {
    const { species, pbc, cell, info, origin } = structure;
    if (cell === null) throw new InputError("structure cannot be written for LAMMPS", { ...origin, expected: "a cell", got: "none" });
    checkCell({ cell, pbc: [true, true, true] }, origin);
    const { cell: triangle, turn } = lowerTriangle(cell);
    const positions = turn(structure.positions);
    const column = structure.arrays.get("forces");
    const forces = column?.kind === "R" && column.width === 3 ? turn(column.values) : null;
    for (const z of species) if (!types.has(z)) types.set(z, types.size + 1);
    const step = info.get("timestep");
    const lines = [
      "ITEM: TIMESTEP", String(Number.isSafeInteger(step) ? step : frame), "ITEM: NUMBER OF ATOMS", String(species.length),
      boxLines({ cell: triangle, pbc }), `ITEM: ATOMS id type element x y z${forces ? " fx fy fz" : ""}`,
    ];
    for (let atom = 0; atom < species.length; atom++) {
      const values = [...positions.subarray(3 * atom, 3 * atom + 3), ...(forces?.subarray(3 * atom, 3 * atom + 3) ?? [])];
      lines.push(`${atom + 1} ${types.get(species[atom]!)} ${symbolOf(species[atom]!)} ${values.map(formatNumber).join(" ")}`);
    }
    frame++;
    yield `${lines.join("\n")}\n`;
  }
}

export const lammpsDump: StructureFormat = {
  name: "LAMMPS dump",
  recognizes: (file, head) => /^\s*ITEM: /.test(head) || /\.(?:lammpstrj|dump)$|^dump\./i.test(file),
  read: (chunks, { file, species }) => read(chunks, species, file),
  write,
};
