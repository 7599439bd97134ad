/** ASE's database as JSON (`ase.io.write("x.json", …)`, `ase db x.json`): {"1": row, "2": row, …, "ids": [1, 2], "nextid": 3}. */
import { InputError } from "../errors.js";
import { formatJson } from "../structure/extxyz-value.js";
import { locating } from "../structure/origin.js";
import type { AtomArray, InfoValue, Structure } from "../structure/structure.js";
import type { FormatReadOptions, StructureFormat } from "./format.js";
import { isObject, parseJson, structureOfRow } from "./json-row.js";
import { columnValue } from "./ndjson.js";
import { textLines } from "./text-lines.js";

export const aseJson: StructureFormat = {
  name: "ASE database (JSON)",
  keepsData: true,
  recognizes: (file, head) => /\.json$/i.test(file) || /^\s*\{\s*"\d+"\s*:\s*\{/.test(head),

  async *read(chunks: AsyncIterable<Uint8Array>, options: FormatReadOptions): AsyncGenerator<Structure, void, undefined> {
    const file = options.file === undefined ? {} : { file: options.file };
    const lines: string[] = [];
    for await (const line of textLines(chunks, options.file)) lines.push(line);
    const database = parseJson(lines.join("\n"), { ...file, line: 1 });
    const ids = isObject(database) ? database.ids : undefined;
    if (!isObject(database) || !Array.isArray(ids)) throw new InputError("not a database of ASE", { ...file, line: 1, key: "ids", expected: "rows and the list of their ids" });
    if (ids.length === 0) throw new InputError("no structures", { ...file, line: 1, expected: "rows", got: "none" });
    let line = 0;
    for (const [structure, id] of ids.entries()) {
      // Every row begins on a line of its own where ASE wrote it.
      const begin = new RegExp(`^\\{?"${String(id).replace(/\D/g, "")}": \\{`);
      const found = lines.findIndex((text, index) => index >= line && begin.test(text));
      line = found < 0 ? line : found;
      const origin = { ...file, line: line + 1, structure };
      const row = database[String(id)];
      if (row === undefined) throw new InputError("row is missing", { ...origin, key: String(id), expected: "a row for each of ids" });
      yield structureOfRow(row, origin);
    }
  },

  async *write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
    let count = 0;
    for await (const structure of structures) {
      count++;
      const id = count;
      yield locating(structure, () => `${id === 1 ? "{" : ",\n"}"${id}": ${formatJson(rowOf(structure, id))}`);
    }
    if (count === 0) throw new InputError("nothing to write", { expected: "structures" });
    yield `,\n"ids": [${Array.from({ length: count }, (_, index) => index + 1).join(", ")}],\n"nextid": ${count + 1}}\n`;
  },
};

/** Names that a row has beside its positions; others are key_value_pairs when they are one value, and data. */
const RESULTS = new Set(["energy", "free_energy", "stress", "dipole", "magmom", "calculator", "calculator_parameters", "constraints"]);
const RESULTS_PER_ATOM = new Set(["forces", "energies", "stresses", "magmoms", "charges", "initial_magmoms", "initial_charges", "momenta", "tags", "masses"]);
const TYPES = { R: "float64", I: "int64", L: "bool" } as const;

function arrayOf(values: Float64Array | readonly boolean[], shape: readonly number[], type: string): InfoValue {
  return { __ndarray__: [[...shape], type, Array.from<number | boolean>(values)] };
}

function columnOf(column: AtomArray, count: number): InfoValue {
  if (column.kind === "S") return columnValue(column);
  return arrayOf(column.values, column.width === 1 ? [count] : [count, column.width], TYPES[column.kind]);
}

function rowOf({ species, positions, cell, pbc, info, arrays }: Structure, id: number): InfoValue {
  const count = species.length;
  const lattice = arrayOf(cell ?? new Float64Array(9), [3, 3], "float64");
  const pairs: [string, InfoValue][] = [];
  const data: [string, InfoValue][] = [];
  const row: [string, InfoValue][] = [
    ["cell", { array: lattice, __ase_objtype__: "cell" }], ["numbers", arrayOf(Float64Array.from(species), [count], "int64")],
    ["pbc", arrayOf([...pbc], [3], "bool")], ["positions", arrayOf(positions, count === 0 ? [0] : [count, 3], "float64")],
    ["ctime", 0], ["mtime", 0], ["user", null],
  ];
  for (const [key, value] of info) {
    if (RESULTS.has(key)) row.push([key, value]);
    else if (value !== null && typeof value !== "object") pairs.push([key, value]);
    else data.push([key, value]);
  }
  const others: [string, InfoValue][] = [];
  for (const [name, column] of arrays) {
    if (RESULTS_PER_ATOM.has(name) && column.kind !== "S") row.push([name, columnOf(column, count)]);
    else others.push([name, columnOf(column, count)]);
  }
  if (others.length > 0) data.push(["arrays", Object.fromEntries(others)]);
  // ASE's reader asks for both, and gives the results to a calculator only when the row names one.
  row.push(["unique_id", id.toString(16).padStart(32, "0")]);
  if (!info.has("calculator") && (info.has("energy") || arrays.has("forces"))) row.push(["calculator", "unknown"], ["calculator_parameters", {}]);
  if (pairs.length > 0) row.push(["key_value_pairs", Object.fromEntries(pairs)]);
  if (data.length > 0) row.push(["data", Object.fromEntries(data)]);
  return Object.fromEntries(row);
}
