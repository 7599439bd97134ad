import { InputError } from "../errors.js";
import type { LabelTrust } from "./label-sigmas.js";

/** A value of an extended-XYZ comment line: scalar, list, list of lists (row-major), or whatever JSON can say. */
export type InfoValue = string | number | boolean | null | readonly InfoValue[] | { readonly [key: string]: InfoValue };

/** One per-atom column group, [atom][width]. */
export type AtomArray =
  | { readonly kind: "R"; readonly width: number; readonly values: Float64Array }
  | { readonly kind: "I"; readonly width: number; readonly values: Float64Array }
  | { readonly kind: "L"; readonly width: number; readonly values: readonly boolean[] }
  | { readonly kind: "S"; readonly width: number; readonly values: readonly string[] };

/** Where a structure was read: what every message about it names. The fields are those of `ErrorDetails`. */
export interface Origin {
  readonly file?: string;
  /** 1-based line on which the structure begins. */
  readonly line?: number;
  /** 0-based index of the structure in its file. */
  readonly structure: number;
}

/** Atoms in a cell. Lengths in Å; the rows of `cell` are the lattice vectors. */
export interface Structure {
  /** Atomic numbers, [atom]. */
  readonly species: Uint8Array;
  /** Cartesian positions in Å, [atom][xyz]. */
  readonly positions: Float64Array;
  /** Lattice vectors as rows in Å, [3][3]; null for a structure without a cell. */
  readonly cell: Float64Array | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Comment-line entries other than Lattice, pbc and Properties, in file order. */
  readonly info: ReadonlyMap<string, InfoValue>;
  /** Per-atom columns other than species and positions, in file order. */
  readonly arrays: ReadonlyMap<string, AtomArray>;
  /** Where it was read; absent for a structure that was made in memory. */
  readonly origin?: Origin;
}

/**
 * Energies in eV, forces in eV/Å [atom][xyz], virial in eV [3][3] (−dE/dε, positive when the structure wants to expand); null where unknown.
 * A component that is NaN is unknown by itself.
 */
export interface Labels {
  readonly energy: number | null;
  readonly forces: Float64Array | null;
  readonly virial: Float64Array | null;
  /** `config_type` of the frame, or "default". */
  readonly configType: string;
  /** σ and weights that the data give; absent where they give none. */
  readonly trust?: Readonly<Partial<Record<"energy" | "forces" | "virial", LabelTrust>>>;
}

/** A structure with the labels found in it. */
export interface LabeledStructure {
  readonly structure: Structure;
  readonly labels: Labels;
}

/** Signed volume of a cell in Å³: positive for a right-handed cell. */
export function cellVolume(cell: Float64Array): number {
  return (
    cell[0]! * (cell[4]! * cell[8]! - cell[5]! * cell[7]!) -
    cell[1]! * (cell[3]! * cell[8]! - cell[5]! * cell[6]!) +
    cell[2]! * (cell[3]! * cell[7]! - cell[4]! * cell[6]!)
  );
}

export interface StructureInput {
  readonly species: ArrayLike<number>;
  readonly positions: ArrayLike<number>;
  readonly cell?: ArrayLike<number> | null;
  readonly pbc?: boolean | readonly [boolean, boolean, boolean];
  readonly info?: ReadonlyMap<string, InfoValue>;
  readonly arrays?: ReadonlyMap<string, AtomArray>;
}

/**
 * Makes a structure from plain arrays and checks it.
 * `species` atomic numbers [atom], `positions` Å [atom][xyz], `cell` rows Å [3][3]; `pbc` defaults to true on every axis when there is a cell.
 * @throws InputError on lengths that disagree, positions that are not finite, or a periodic axis without volume.
 */
export function createStructure(input: StructureInput): Structure {
  const species = Uint8Array.from(input.species);
  const positions = Float64Array.from(input.positions);
  if (positions.length !== 3 * species.length) {
    throw new InputError("positions and species disagree", {
      key: "positions", expected: `${3 * species.length} numbers for ${species.length} atoms`, got: `${positions.length}`,
    });
  }
  const bad = positions.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError("position is not a finite number", {
      key: "positions", atom: Math.floor(bad / 3), expected: "a number in Å", got: String(positions[bad]),
    });
  }
  const cell = input.cell ? Float64Array.from(input.cell) : null;
  if (cell && cell.length !== 9) {
    throw new InputError("cell has the wrong size", {
      key: "cell", expected: "9 numbers (rows are the lattice vectors)", got: `${cell.length}`,
    });
  }
  const pbc = input.pbc ?? cell !== null;
  const axes: readonly [boolean, boolean, boolean] = typeof pbc === "boolean" ? [pbc, pbc, pbc] : pbc;
  const structure: Structure = { species, positions, cell, pbc: axes, info: input.info ?? new Map(), arrays: input.arrays ?? new Map() };
  checkCell(structure);
  return structure;
}

/** What `annotateStructure` adds: comment-line entries by key, per-atom columns by name. */
export interface Annotations {
  readonly info?: Iterable<readonly [string, InfoValue]>;
  readonly arrays?: Iterable<readonly [string, AtomArray]>;
}

/**
 * The same atoms with more written beside them (predicted energies, forces, …): entries of a name that is there already replace it
 * in its place, others follow at the end. The structure given is left as it is; unchanged columns are shared with it.
 * @throws InputError when a column does not have `width` values per atom.
 */
export function annotateStructure(structure: Structure, annotations: Annotations): Structure {
  const info = new Map(structure.info);
  for (const [key, value] of annotations.info ?? []) info.set(key, value);
  const arrays = new Map(structure.arrays);
  for (const [name, column] of annotations.arrays ?? []) {
    const expected = column.width * structure.species.length;
    if (!(column.width >= 1) || column.values.length !== expected) {
      throw new InputError("column does not fit the atoms", {
        key: name, expected: `${column.width} values for each of ${structure.species.length} atoms`, got: `${column.values.length} values`,
      });
    }
    arrays.set(name, column);
  }
  return { ...structure, info, arrays };
}

/** @throws InputError when a periodic axis has no lattice vector, or the periodic lattice vectors are linearly dependent. */
export function checkCell({ cell, pbc }: Pick<Structure, "cell" | "pbc">, where: { file?: string; line?: number; structure?: number } = {}): void {
  const axes = [0, 1, 2].filter((axis) => pbc[axis]);
  if (axes.length === 0) return;
  if (!cell) {
    throw new InputError("periodic structure without a cell", {
      ...where, key: "Lattice", expected: "9 numbers, or pbc=\"F F F\"", got: "none",
    });
  }
  const span = periodicMeasure(cell, axes);
  if (!(span > 1e-9)) {
    throw new InputError("cell has no volume along its periodic axes", {
      ...where, key: "Lattice", expected: "linearly independent lattice vectors, or pbc=\"F F F\"", got: Array.from(cell).join(" "),
    });
  }
}

/** Length, area or volume spanned by the periodic lattice vectors, relative to the product of their lengths. */
function periodicMeasure(cell: Float64Array, axes: readonly number[]): number {
  const rows = axes.map((axis) => cell.subarray(3 * axis, 3 * axis + 3));
  const lengths = rows.map((row) => Math.hypot(row[0]!, row[1]!, row[2]!));
  if (!lengths.every((length) => length > 0 && Number.isFinite(length))) return 0;
  if (rows.length === 1) return 1;
  if (rows.length === 3) return Math.abs(cellVolume(cell)) / (lengths[0]! * lengths[1]! * lengths[2]!);
  const [a, b] = rows as [Float64Array, Float64Array];
  const cosine = (a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!) / (lengths[0]! * lengths[1]!);
  return Math.sqrt(Math.max(0, 1 - cosine * cosine));
}
