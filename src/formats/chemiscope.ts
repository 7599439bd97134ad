/**
 * Datasets of chemiscope, the structure–property explorer (doi:10.21105/joss.02117; https://chemiscope.org/docs/, "Chemiscope JSON file format"):
 *
 *   {"meta": {"name"}, "structures": [{"size", "names", "x", "y", "z", "cell", "pbc"}, …],
 *    "properties": {NAME: {"target": "structure" | "atom", "values": […], "units"}}, "environments": [{"structure", "center", "cutoff"}, …],
 *    "shapes": {"forces": {"kind": "arrow", …}}}
 *
 * A property has a number or a word for every structure, or for every atom: comment-line entries and per-atom columns that all structures have.
 * Vectors and tensors are written by their components, "forces[1]" and so on, as chemiscope's own Python package does. Every atom is an environment.
 */
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { locating } from "../structure/origin.js";
import type { InfoValue, Structure } from "../structure/structure.js";
import type { FormatWriteOptions, StructureFormat } from "./format.js";

/** Å, where no model says how far it looks: the default of chemiscope's Python package. */
const CUTOFF = 3.5;
/** More components than a third-rank tensor has are no property that anybody plots. */
const MOST_COMPONENTS = 27;
/** Units of what `lather predict` writes. */
const UNITS = new Map([["energy", "eV"], ["forces", "eV/Å"], ["virial", "eV"], ["local_energy", "eV"]]);
/** Å: shafts and heads of the arrows, whose length in Å is the force in eV/Å. */
const ARROW = { baseRadius: 0.06, headRadius: 0.12, headLength: 0.2 };

type Target = "structure" | "atom";

/** Numbers or words, [row][component]. */
interface Entry {
  readonly width: number;
  readonly values: readonly (number | string)[];
}

/** Properties of one target over the structures so far. */
class PropertyTable {
  readonly columns = new Map<string, { readonly width: number; readonly values: (number | string)[] }>();
  /** Names of what is not written. */
  readonly left = new Set<string>();
  #structures = 0;

  /** Adds what a structure has by name; null is no property. */
  add(entries: ReadonlyMap<string, Entry | null>): void {
    for (const [name, entry] of entries) {
      if (this.left.has(name)) continue;
      if (entry && this.#structures === 0) this.columns.set(name, { width: entry.width, values: [...entry.values] });
      else if (!entry || !this.#append(name, entry)) this.#leave(name);
    }
    // What this structure lacks, nobody could plot over all.
    for (const name of this.columns.keys()) if (!entries.has(name)) this.#leave(name);
    this.#structures++;
  }

  /** False where there is no such property, or one of another form. */
  #append(name: string, { width, values }: Entry): boolean {
    const column = this.columns.get(name);
    if (!column) return false;
    if (column.width !== width || typeof column.values[0] !== typeof values[0]) return false;
    for (const value of values) column.values.push(value);
    return true;
  }

  #leave(name: string): void {
    this.columns.delete(name);
    this.left.add(name);
  }
}

/** Null where the values are not all finite numbers or all words, or are too many to be one property. */
function entryOf(values: readonly InfoValue[] | Float64Array, rows: number): Entry | null {
  const width = values.length / rows;
  const scalars = Array.from<InfoValue, InfoValue>(values as readonly InfoValue[], (value) => (typeof value === "boolean" ? String(value) : value));
  const numeric = scalars.every((value) => typeof value === "number" && Number.isFinite(value));
  if (width < 1 || width > MOST_COMPONENTS || !(numeric || scalars.every((value) => typeof value === "string"))) return null;
  return { width, values: scalars as (number | string)[] };
}

function structureEntries({ species, info }: Structure, index: number): Map<string, Entry | null> {
  const entries = new Map<string, Entry | null>([["structure", entryOf([index], 1)], ["atoms", entryOf([species.length], 1)]]);
  for (const [name, value] of info) entries.set(name, entryOf(Array.isArray(value) ? value : [value], 1));
  return entries;
}

function atomEntries({ species, arrays }: Structure, index: number): Map<string, Entry | null> {
  const count = species.length;
  const entries = new Map<string, Entry | null>([
    ["structure of the atom", entryOf(new Float64Array(count).fill(index), count)], ["atom", entryOf(Float64Array.from(species.keys()), count)],
    ["element", entryOf(Array.from(species, symbolOf), count)],
  ]);
  for (const [name, { values }] of arrays) entries.set(name, entryOf(values, count));
  return entries;
}

function structureOf({ species, positions, cell, pbc }: Structure): object {
  const [x, y, z] = [0, 1, 2].map((axis) => Array.from(species, (_, atom) => positions[3 * atom + axis]!));
  return { size: species.length, names: Array.from(species, symbolOf), x, y, z, ...(cell && { cell: [...cell], pbc: [...pbc] }) };
}

/** The members of `properties`, one by one. */
function* properties(tables: readonly (readonly [Target, PropertyTable])[]): Generator<string> {
  const taken = new Set<string>();
  for (const [target, { columns }] of tables) {
    for (const [key, { width, values }] of columns) {
      const units = UNITS.get(key.replace(/^lather_/, ""));
      // One name may be an entry and a column, as a total and its parts.
      const name = taken.has(key) ? `${key} (${target})` : key;
      taken.add(name);
      for (let component = 0; component < width; component++) {
        const own = width === 1 ? values : values.filter((_, k) => k % width === component);
        yield `${JSON.stringify(width === 1 ? name : `${name}[${component + 1}]`)}: ${JSON.stringify({ target, values: own, ...(units !== undefined && { units }) })}`;
      }
    }
  }
}

/** Forces as arrows, where there are any. */
function* shapes({ columns }: PropertyTable): Generator<string> {
  for (const name of ["forces", "lather_forces"]) {
    const { width, values } = columns.get(name) ?? { width: 0, values: [] };
    if (width !== 3 || typeof values[0] === "string") continue;
    const atom = Array.from({ length: values.length / 3 }, (_, k) => ({ vector: values.slice(3 * k, 3 * k + 3) }));
    yield `${JSON.stringify(name)}: ${JSON.stringify({ kind: "arrow", parameters: { global: ARROW, atom } })}`;
  }
}

export const chemiscope: StructureFormat = {
  name: "chemiscope",
  keepsData: true,
  recognizes: (file, head) => /\.chemiscope\.json$/i.test(file) || /^\s*\{\s*"meta"\s*:\s*\{/.test(head),

  async *write(
    structures: Iterable<Structure> | AsyncIterable<Structure>, { cutoff = CUTOFF, onWarning }: FormatWriteOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const [ofStructures, ofAtoms] = [new PropertyTable(), new PropertyTable()];
    const sizes: number[] = [];
    for await (const structure of structures) {
      const index = sizes.length;
      ofStructures.add(structureEntries(structure, index));
      // One without atoms says nothing about the width of a column.
      if (structure.species.length > 0) ofAtoms.add(atomEntries(structure, index));
      sizes.push(structure.species.length);
      yield locating(structure, () => `${index === 0 ? '{"meta": {"name": "Structures written by Lather"},\n"structures": [\n' : ",\n"}${JSON.stringify(structureOf(structure))}`);
    }
    if (sizes.length === 0) throw new InputError("nothing to write", { expected: "structures" });
    yield '\n],\n"properties": {\n';
    let separator = "";
    for (const text of properties([["structure", ofStructures], ["atom", ofAtoms]])) {
      yield separator + text;
      separator = ",\n";
    }
    yield '\n},\n"environments": [';
    separator = "\n";
    for (const [structure, size] of sizes.entries()) {
      if (size === 0) continue;
      yield separator + Array.from({ length: size }, (_, center) => JSON.stringify({ structure, center, cutoff })).join(",\n");
      separator = ",\n";
    }
    const arrows = [...shapes(ofAtoms)];
    yield `\n]${arrows.length > 0 ? `,\n"shapes": {\n${arrows.join(",\n")}\n}` : ""}}\n`;
    const left = [...ofStructures.left, ...ofAtoms.left];
    if (left.length > 0) onWarning?.({ code: "data-not-written", text: `chemiscope shows numbers and words that all structures have; not written: ${left.slice(0, 8).join(", ")}${left.length > 8 ? ` and ${left.length - 8} more` : ""}` });
  },
};
