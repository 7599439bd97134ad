/**
 * A structure as one JSON object, for NDJSON and for the rows of ASE's databases:
 *
 *   {"species": ["O", "H"] or [8, 1], "positions": [[x, y, z], …], "cell": [[…], […], […]], "pbc": [true, true, true],
 *    "info": {"energy": −1.5, …}, "arrays": {"forces": [[…], …], "tag": {"kind": "I", "values": [1, 2]}}}
 *
 * ASE's names are taken too: "numbers" and "symbols"; "key_value_pairs" and "data" are info; energy, forces and the rest stand beside the positions;
 * an array may be {"__ndarray__": [shape, type, values]}. Numbers may be NaN and Infinity, as Python writes them.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { atomicNumberOf, LAST_ELEMENT } from "../structure/elements.js";
import { excerpt } from "../structure/extxyz-value.js";
import { classifyLabelName } from "../structure/label-names.js";
import { checkCell, type AtomArray, type InfoValue, type Origin, type Structure } from "../structure/structure.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Written over Python's NaN and Infinity, which JSON lacks; no text of a file has it unescaped. */
const MARK = "\ue000lather:";
const NOT_FINITE = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);
const DEEPEST = 64;

/** @throws InputError when the text is no JSON or nested beyond 64 brackets; `where` tells the line of its first character. */
export function parseJson(text: string, where: ErrorDetails): Json {
  let depth = 0;
  for (const [bracket] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") depth++;
    else if (bracket === "]" || bracket === "}") depth--;
    if (depth > DEEPEST) throw new InputError("JSON is nested too deeply", { ...where, expected: `at most ${DEEPEST} brackets in each other` });
  }
  const marked = /NaN|Infinity/.test(text);
  const strict = marked ? text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`)) : text;
  try {
    return JSON.parse(strict, marked ? (_, value: Json) => (typeof value === "string" && value.startsWith(MARK) ? NOT_FINITE.get(value.slice(MARK.length)) : value) : undefined) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? strict.length);
    const cut = depth > 0 && position >= strict.trimEnd().length;
    const before = strict.slice(0, position);
    const line = (where.line ?? 1) + before.split("\n").length - 1;
    throw new InputError(cut ? "file is truncated" : "text is not JSON", { ...where, line, expected: "JSON", got: error.message });
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Values of an array in the order of its rows, its shape, and its type where it is told. */
interface Table {
  readonly shape: readonly number[];
  readonly values: readonly Json[];
  readonly kind?: AtomArray["kind"];
}

/** A list, a list of lists, or ASE's __ndarray__; undefined for anything else, and for rows of different lengths. */
function tableOf(value: Json | undefined): Table | undefined {
  if (isObject(value)) {
    if (value.__ase_objtype__ === "cell") return tableOf(value.array);
    const encoded = value.__ndarray__;
    if (!Array.isArray(encoded) || encoded.length !== 3) return undefined;
    const [shape, type, values] = encoded as [Json, Json, Json];
    if (!Array.isArray(shape) || !Array.isArray(values) || typeof type !== "string") return undefined;
    if (shape.reduce((product: number, length: Json) => product * Number(length), 1) !== values.length) return undefined;
    const kind = /^u?int/.test(type) ? "I" : type.startsWith("float") ? "R" : type === "bool" ? "L" : undefined;
    return { shape: shape as number[], values, ...(kind !== undefined && { kind }) };
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.some(Array.isArray)) return { shape: [value.length], values: value };
  const rows = value.map(tableOf);
  const first = rows[0]?.shape;
  if (first === undefined || rows.some((row) => row === undefined || row.shape.join() !== first.join())) return undefined;
  return { shape: [value.length, ...first], values: rows.flatMap((row) => row!.values) };
}

function numbersOf(value: Json | undefined, shape: readonly number[], at: ErrorDetails): Float64Array {
  const table = tableOf(value);
  if (table === undefined || table.shape.join() !== shape.join() || !table.values.every((item) => typeof item === "number" && Number.isFinite(item))) {
    throw new InputError("malformed array", { ...at, expected: `numbers [${shape.join("][")}]`, got: excerpt(JSON.stringify(value) ?? "nothing") });
  }
  return Float64Array.from(table.values as number[]);
}

function columnOf(value: Json, count: number, at: ErrorDetails): AtomArray {
  const told = isObject(value) && typeof value.kind === "string" ? value : undefined;
  const table = tableOf(told ? told.values : value);
  const fail = (): InputError => new InputError("column does not fit the atoms", { ...at, expected: `values of one type for each of ${count} atoms`, got: excerpt(JSON.stringify(value)) });
  if (table === undefined || table.shape[0] !== count) throw fail();
  const width = Math.max(1, table.shape.slice(1).reduce((product, length) => product * length, 1));
  const { values } = table;
  const kind = (told?.kind as Json) ?? table.kind ?? (typeof values[0] === "boolean" ? "L" : typeof values[0] === "string" ? "S" : "R");
  if (values.length !== width * count) throw fail();
  if (kind === "S" && values.every((item) => typeof item === "string")) return { kind, width, values: values as string[] };
  if (kind === "L" && values.every((item) => typeof item === "boolean")) return { kind, width, values: values as boolean[] };
  const numeric = values.every((item) => (kind === "R" ? typeof item === "number" : Number.isSafeInteger(item)));
  if ((kind !== "R" && kind !== "I") || !numeric) throw fail();
  return { kind, width, values: Float64Array.from(values as number[]) };
}

function speciesOf(row: JsonObject, where: ErrorDetails): Uint8Array {
  const key = ["numbers", "atomic_numbers", "species", "symbols"].find((name) => row[name] !== undefined);
  const table = key === undefined ? undefined : tableOf(row[key]);
  if (table === undefined || table.shape.length !== 1) {
    throw new InputError("structure has no species", { ...where, key: key ?? "species", expected: 'a list of symbols or atomic numbers: "species": ["O", "H", "H"]' });
  }
  return Uint8Array.from(table.values, (item, atom) => {
    const z = typeof item === "string" ? atomicNumberOf(item) : item;
    if (typeof z === "number" && Number.isInteger(z) && z >= 1 && z <= LAST_ELEMENT) return z;
    throw new InputError("unknown element", { ...where, atom, key: key!, expected: "a chemical symbol or an atomic number", got: excerpt(JSON.stringify(item)) });
  });
}

/** Quantities per atom among ASE's names. */
const PER_ATOM = new Set(["forces", "energies", "stresses", "magmoms", "charges", "initial_magmoms", "initial_charges", "momenta", "tags", "masses", "velocities"]);
/** What a database keeps about its row and not about the structure. */
const BOOKKEEPING = new Set(["ctime", "mtime", "user", "id", "unique_id"]);
const OWN = new Set(["numbers", "atomic_numbers", "species", "symbols", "positions", "cell", "pbc", "info", "arrays", "key_value_pairs", "data"]);

/** ASE's arrays inside other values become lists. */
function infoOf(value: Json): InfoValue {
  if (isObject(value)) {
    const table = tableOf(value);
    if (table !== undefined) return nest(table.values, table.shape);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, infoOf(item)]));
  }
  return Array.isArray(value) ? value.map(infoOf) : (value as InfoValue);
}

function nest(values: readonly Json[], shape: readonly number[]): InfoValue {
  if (shape.length <= 1) return values.map(infoOf);
  const size = values.length / (shape[0] || 1);
  return Array.from({ length: shape[0]! }, (_, row) => nest(values.slice(row * size, (row + 1) * size), shape.slice(1)));
}

/** @throws InputError naming the place and the key on anything that is not a structure. */
export function structureOfRow(row: Json, origin: Origin): Structure {
  const where: ErrorDetails = origin;
  if (!isObject(row)) throw new InputError("not a structure", { ...where, expected: "a JSON object with species and positions", got: excerpt(JSON.stringify(row)) });
  const species = speciesOf(row, where);
  const count = species.length;
  const positions = numbersOf(row.positions, [count, ...(count === 0 ? [] : [3])], { ...where, key: "positions" });
  const given = row.cell === undefined || row.cell === null ? null : numbersOf(row.cell, [3, 3], { ...where, key: "cell" });
  const cell = given?.some((value) => value !== 0) ? given : null;
  const pbc = row.pbc === undefined ? [cell !== null, cell !== null, cell !== null] : typeof row.pbc === "boolean" ? [row.pbc, row.pbc, row.pbc] : tableOf(row.pbc)?.values;
  if (pbc?.length !== 3 || !pbc.every((axis) => typeof axis === "boolean")) {
    throw new InputError("malformed periodicity", { ...where, key: "pbc", expected: "[true, true, true]", got: excerpt(JSON.stringify(row.pbc)) });
  }
  const info = new Map<string, InfoValue>();
  const arrays = new Map<string, AtomArray>();
  const section = (value: Json | undefined, key: string): [string, Json][] => {
    if (value === undefined || value === null) return [];
    if (!isObject(value)) throw new InputError("malformed entry", { ...where, key, expected: "a JSON object", got: excerpt(JSON.stringify(value)) });
    return Object.entries(value);
  };
  for (const [key, value] of Object.entries(row)) {
    if (OWN.has(key) || BOOKKEEPING.has(key)) continue;
    // So ASE says that it does not know which program gave the energy.
    if ((key === "calculator" && value === "unknown") || (key === "calculator_parameters" && isObject(value) && Object.keys(value).length === 0)) continue;
    if (PER_ATOM.has(key) || classifyLabelName(key)?.property === "forces") arrays.set(key, columnOf(value, count, { ...where, key }));
    else if (value !== null) info.set(key, infoOf(value));
  }
  const data = isObject(row.data) ? row.data : undefined;
  for (const [key, value] of [...section(row.arrays, "arrays"), ...section(data?.arrays, "arrays")]) arrays.set(key, columnOf(value, count, { ...where, key }));
  for (const [key, value] of [...section(row.key_value_pairs, "key_value_pairs"), ...section(row.data, "data"), ...section(row.info, "info")]) {
    if (key !== "arrays" || value !== data?.arrays) info.set(key, infoOf(value));
  }
  const structure: Structure = { species, positions, cell, pbc: pbc as [boolean, boolean, boolean], info, arrays, origin };
  checkCell(structure, where);
  return structure;
}
