/**
 * CIF: crystals as cell, symmetry operations and sites (https://www.iucr.org/resources/cif/dictionaries/cif_core). Read with the symmetry carried
 * out, so that every atom of the cell is there; written as P 1. The lattice is a = (a, 0, 0), b = (b cos γ, b sin γ, 0), c in the upper half-space.
 * Written are cell, elements and positions only: the format has no names for energies and forces.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import { reciprocalVectors } from "../structure/lattice.js";
import { cellVolume, checkCell, type Structure } from "../structure/structure.js";
import { cifBlocks, type CifBlock, type CifValue } from "./cif-syntax.js";
import { parseOperation, expandSites, type CifSite, type Operation } from "./cif-symmetry.js";
import type { FormatReadOptions, StructureFormat } from "./format.js";

/** Å, degrees and fractions beyond it are mistakes, and their products overflow. */
const LARGEST = 1e9;
const UNKNOWN = new Set(["?", "."]);
const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\(\d+\))?$/;

export const cif: StructureFormat = {
  name: "CIF",
  recognizes: (file, head) => /\.(?:m?cif)$/i.test(file) || (/^\s*(?:#[^\n]*\n\s*)*data_\S/i.test(head) && /^\s*(?:_cell_|_symmetry_|_space_group_|_atom_site_|_chemical_|_audit_)/im.test(head)),

  async *read(chunks: AsyncIterable<Uint8Array>, options: FormatReadOptions): AsyncGenerator<Structure, void, undefined> {
    const file = options.file === undefined ? {} : { file: options.file };
    let structure = 0;
    for await (const block of cifBlocks(chunks, options.file)) {
      // Blocks of authors and of references have no atoms.
      if (!block.loops.some(({ columns }) => columns.some((name) => name.startsWith("_atom_site_")))) continue;
      yield readBlock(block, { ...file, line: block.line, structure });
      structure++;
    }
    if (structure === 0) throw new InputError("no structures", { ...file, expected: "a data block with _atom_site_fract_x, …", got: "none" });
  },

  async *write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
    let index = 0;
    for await (const structure of structures) yield formatBlock(structure, index++);
  },
};

function numberOf(value: CifValue, key: string, where: ErrorDetails): number {
  const found = NUMBER.exec(value.text);
  if (!found) throw new InputError("malformed number", { ...where, line: value.line, key, expected: "a number, as 1.234(5)", got: value.text });
  const number = Number(found[1]);
  if (!(Math.abs(number) <= LARGEST)) throw new InputError("number is too large", { ...where, line: value.line, key, expected: `at most ${LARGEST}`, got: value.text });
  return number;
}

function readCell({ items }: CifBlock, where: ErrorDetails): Float64Array {
  const read = (key: string): number => {
    const value = items.get(key);
    if (value === undefined) throw new InputError("cell is not complete", { ...where, key, expected: "a number", got: "none" });
    return numberOf(value, key, where);
  };
  const [a, b, c] = ["a", "b", "c"].map((name) => read(`_cell_length_${name}`)) as [number, number, number];
  // 90° has to give zeros.
  const cosine = (name: string): number => {
    const angle = read(`_cell_angle_${name}`);
    return angle === 90 ? 0 : Math.cos((angle * Math.PI) / 180);
  };
  const [alpha, beta, gamma] = [cosine("alpha"), cosine("beta"), cosine("gamma")];
  const sine = Math.sqrt(1 - gamma * gamma);
  const y = (alpha - beta * gamma) / sine;
  const height = Math.sqrt(1 - beta * beta - y * y);
  const cell = Float64Array.of(a, 0, 0, b * gamma, b * sine, 0, c * beta, c * y, c * height);
  if (!(a > 0 && b > 0 && c > 0 && height > 0) || !cell.every(Number.isFinite)) {
    throw new InputError("cell has no volume", { ...where, key: "_cell_length_a", expected: "lengths and angles of a cell", got: Array.from(cell).join(" ") });
  }
  return cell;
}

const OPERATIONS = ["_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"];
const GROUPS = ["_space_group_it_number", "_symmetry_int_tables_number", "_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_name_hall", "_symmetry_space_group_name_hall"];

function readOperations(block: CifBlock, where: ErrorDetails): readonly Operation[] {
  const texts: CifValue[] = [];
  for (const name of OPERATIONS) {
    const loop = block.loops.find(({ columns }) => columns.includes(name));
    if (loop) texts.push(...loop.rows.map((row) => row[loop.columns.indexOf(name)]!));
    else if (block.items.has(name)) texts.push(block.items.get(name)!);
    if (texts.length > 0) break;
  }
  if (texts.length <= 1) {
    for (const key of GROUPS) {
      const group = block.items.get(key);
      if (group === undefined || UNKNOWN.has(group.text) || /^(?:1|P\s*1)$/i.test(group.text.trim())) continue;
      throw new InputError("symmetry is named, and its operations are missing", {
        ...where, line: group.line, key, expected: `the operations as ${OPERATIONS[0]}, or all atoms of the cell and P 1`, got: group.text,
      });
    }
  }
  if (texts.length === 0) return [parseOperation("x,y,z", where)];
  return texts.map(({ text, line }) => parseOperation(text, { ...where, line }));
}

/** Atomic number of "Si", "Si4+", "Si1" or "Ow2"; D and T are hydrogen. */
function elementOf(text: string, where: ErrorDetails): number {
  const letters = /^[A-Za-z]+/.exec(text)?.[0] ?? "";
  if (/^[DT]$/.test(letters)) return 1;
  const short = atomicNumberOf(letters.slice(0, 1));
  const long = letters.length >= 2 ? atomicNumberOf(letters.slice(0, 2)) : undefined;
  // "HO1" and "CA1" are labels of hydrogen and carbon as well as of holmium and calcium.
  const ambiguous = where.key === "_atom_site_label" && short !== undefined && long !== undefined && /^[A-Z]{2}/.test(letters);
  const z = long ?? short;
  if (z === undefined || ambiguous) {
    throw new InputError(ambiguous ? "label may be of two elements" : "unknown element", { ...where, expected: ambiguous ? "_atom_site_type_symbol" : "a chemical symbol", got: text });
  }
  return z;
}

function readSites(block: CifBlock, where: ErrorDetails): CifSite[] {
  const loop = block.loops.find(({ columns }) => columns.includes("_atom_site_fract_x"));
  if (loop === undefined) throw new InputError("sites have no fractional coordinates", { ...where, key: "_atom_site_fract_x", expected: "_atom_site_fract_x, _y and _z" });
  const sites: CifSite[] = [];
  for (const row of loop.rows) {
    const value = (name: string): CifValue | undefined => {
      const found = row[loop.columns.indexOf(`_atom_site_${name}`)];
      return found === undefined || UNKNOWN.has(found.text) ? undefined : found;
    };
    const at = { ...where, line: row[0]!.line };
    const label = value("label") ?? value("type_symbol");
    if (label === undefined) throw new InputError("site has no element", { ...at, key: "_atom_site_type_symbol", expected: "a chemical symbol" });
    // Dummy sites are no atoms (the core dictionary's word).
    if (value("calc_flag")?.text === "dum") continue;
    const site = `site ${label.text}`;
    const occupancy = value("occupancy");
    if (occupancy !== undefined && numberOf(occupancy, "_atom_site_occupancy", at) !== 1) {
      throw new InputError(`${site} is not fully occupied`, { ...at, key: "_atom_site_occupancy", expected: "1: an ordered structure", got: occupancy.text });
    }
    const disorder = value("disorder_group");
    if (disorder !== undefined && disorder.text !== "0") {
      throw new InputError(`${site} is disordered`, { ...at, key: "_atom_site_disorder_group", expected: "an ordered structure", got: disorder.text });
    }
    const symbol = value("type_symbol");
    const z = elementOf((symbol ?? label).text, { ...at, key: symbol ? "_atom_site_type_symbol" : "_atom_site_label" });
    const coordinates = ["fract_x", "fract_y", "fract_z"].map((name) => {
      const found = value(name);
      if (found === undefined) throw new InputError(`${site} has no position`, { ...at, key: `_atom_site_${name}`, expected: "a fractional coordinate" });
      return numberOf(found, `_atom_site_${name}`, at);
    });
    sites.push({ label: label.text, line: at.line, species: z, coordinates });
  }
  return sites;
}

function readBlock(block: CifBlock, where: ErrorDetails & { readonly line: number; readonly structure: number }): Structure {
  const cell = readCell(block, where);
  const operations = readOperations(block, where);
  const { species, coordinates } = expandSites(readSites(block, where), operations, cell, where);
  const positions = new Float64Array(coordinates.length);
  for (let atom = 0; atom < species.length; atom++) {
    const [u, v, w] = coordinates.slice(3 * atom, 3 * atom + 3) as [number, number, number];
    for (let k = 0; k < 3; k++) positions[3 * atom + k] = u * cell[k]! + v * cell[3 + k]! + w * cell[6 + k]!;
  }
  const structure: Structure = {
    species: Uint8Array.from(species), positions, cell, pbc: [true, true, true], info: new Map(block.name === "" ? [] : [["cif_block", block.name]]), arrays: new Map(),
    origin: { ...(where.file !== undefined && { file: where.file }), line: where.line, structure: where.structure },
  };
  checkCell(structure, where);
  return structure;
}

function formatBlock({ species, positions, cell, pbc, info, origin }: Structure, index: number): string {
  const where = origin ?? { structure: index };
  if (cell === null || !pbc.every(Boolean)) {
    throw new InputError("structure cannot be written as CIF", { ...where, expected: "a cell that is periodic along its three axes", got: cell === null ? "no cell" : `pbc ${pbc.join(" ")}` });
  }
  // Lengths and angles do not say on which side c lies: the first two vectors of a left-handed cell change places.
  const order = cellVolume(cell) < 0 ? [1, 0, 2] : [0, 1, 2];
  const rows = Float64Array.from(order.flatMap((axis) => Array.from(cell.subarray(3 * axis, 3 * axis + 3))));
  const reciprocal = reciprocalVectors(rows);
  const dot = (i: number, j: number): number => [0, 1, 2].reduce((sum, k) => sum + rows[3 * i + k]! * rows[3 * j + k]!, 0);
  const angle = (i: number, j: number): number => {
    const cosine = dot(i, j) / Math.sqrt(dot(i, i) * dot(j, j));
    return cosine === 0 ? 90 : (Math.acos(cosine) * 180) / Math.PI;
  };
  if (![0, 1, 2].every((axis) => Math.sqrt(dot(axis, axis)) <= LARGEST) || !reciprocal.every(Number.isFinite)) {
    throw new InputError("structure cannot be written as CIF", { ...where, key: "Lattice", expected: `a cell with volume and lengths up to ${LARGEST} Å`, got: Array.from(cell).join(" ") });
  }
  const name = info.get("cif_block");
  const lines = [
    `data_${typeof name === "string" && /^[\x21-\x7e]{1,75}$/.test(name) ? name : `structure_${index}`}`,
    ...["a", "b", "c"].map((axis, i) => `_cell_length_${axis} ${Math.sqrt(dot(i, i))}`),
    `_cell_angle_alpha ${angle(1, 2)}`, `_cell_angle_beta ${angle(0, 2)}`, `_cell_angle_gamma ${angle(0, 1)}`,
    "_space_group_name_H-M_alt 'P 1'", "_space_group_IT_number 1", "loop_", "_space_group_symop_operation_xyz", "'x, y, z'",
    "loop_", "_atom_site_label", "_atom_site_type_symbol", "_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z", "_atom_site_occupancy",
  ];
  if (species.length === 0) throw new InputError("structure cannot be written as CIF", { ...where, expected: "atoms", got: "none" });
  for (let atom = 0; atom < species.length; atom++) {
    const fractional = [0, 1, 2].map((axis) => [0, 1, 2].reduce((sum, k) => sum + positions[3 * atom + k]! * reciprocal[3 * axis + k]!, 0));
    if (!fractional.every((value) => Math.abs(value) <= LARGEST)) throw new InputError("structure cannot be written as CIF", { ...where, atom, expected: "a position near the cell" });
    const symbol = symbolOf(species[atom]!);
    lines.push(`${symbol}${atom + 1} ${symbol} ${fractional.join(" ")} 1`);
  }
  return `${lines.join("\n")}\n`;
}
