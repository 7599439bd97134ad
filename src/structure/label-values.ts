/**
 * One label of one structure, converted to eV and Å. `nan` means "not there"; infinity is an error.
 *
 *   virial  W = −∂E/∂ε (THEORY.md Eq. 22), 9 numbers
 *   stress  σ = +∂E/∂ε / V as in ASE (positive under tension), 9 numbers or 6 in the order xx yy zz yz xz xy;  W = −V σ
 *
 * The sign of a stress does not depend on its unit: "stress_kbar" is positive under tension too, while the kbar that VASP prints are pressures.
 * Both tensors are symmetrized; an asymmetry above 1 % of the largest component (and above 1 meV) is an error, as the numbers then are no stress.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import type { LabelName } from "./label-names.js";
import { cellVolume, type InfoValue, type Structure } from "./structure.js";

/** A name to read from, as the survey of the structures settled it. */
export interface LabelSource extends Pick<LabelName, "property" | "perAtom" | "stress"> {
  readonly key: string;
  /** Unit of the numbers in the file, for people. */
  readonly unit: string;
  /** What a number in the file is multiplied by to give eV, eV/Å or eV/Å³; per-atom values by the number of atoms besides. */
  readonly factor: number;
}

/** Why a structure that has a name has no label under it: nan; a stress of zeros, or another one, and no cell to make a virial with. */
export type NoLabel = "missing" | "no cell, zero" | "no cell";

/** The label, why there is none, or null when the structure does not have the name. */
export type LabelValue = number | Float64Array | NoLabel | null;

/** @throws InputError naming file, line, structure and atom on infinity, wrong shapes, an asymmetric virial, a stress beside a cell without volume. */
export function readLabelValue(structure: Structure, source: LabelSource, where: ErrorDetails): LabelValue {
  switch (source.property) {
    case "energy":
      return readEnergy(structure, source, { ...where, key: source.key });
    case "forces":
      return readForces(structure, source, { ...where, key: source.key });
    case "virial":
      return readVirial(structure, source, { ...where, key: source.key });
  }
}

/** JSON has no NaN and would show null. */
function shown(value: InfoValue): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner));
}

function readEnergy({ info, species }: Structure, { key, perAtom, factor, unit }: LabelSource, where: ErrorDetails): number | NoLabel | null {
  const value = info.get(key);
  if (value === undefined) return null;
  const number = Array.isArray(value) && value.length === 1 ? (value as readonly InfoValue[])[0] : value;
  if (typeof number !== "number" || Math.abs(number) === Infinity) {
    throw new InputError("energy is not a finite number", { ...where, expected: `a number in ${unit}, or nan for none`, got: shown(value) });
  }
  if (Number.isNaN(number)) return "missing";
  return number * factor * (perAtom ? species.length : 1);
}

/** The structure's own array where there is nothing to convert. */
function readForces({ arrays }: Structure, { key, factor, unit }: LabelSource, where: ErrorDetails): Float64Array | NoLabel | null {
  const column = arrays.get(key);
  if (column === undefined) return null;
  if ((column.kind !== "R" && column.kind !== "I") || column.width !== 3) {
    throw new InputError("forces have the wrong shape", { ...where, expected: `${key}:R:3`, got: `${key}:${column.kind}:${column.width}` });
  }
  const { values } = column;
  let missing = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isFinite(value)) continue;
    if (!Number.isNaN(value)) {
      const expected = `a number in ${unit}, or nan for none`;
      throw new InputError("force is not a finite number", { ...where, atom: Math.floor(k / 3), expected, got: String(value) });
    }
    missing++;
  }
  if (missing > 0 && missing === values.length) return "missing";
  return factor === 1 ? values : values.map((value) => value * factor);
}

/** Indices of xx xy xz yx yy yz zx zy zz among xx yy zz yz xz xy. */
const VOIGT = [0, 5, 4, 5, 1, 3, 4, 3, 2];

/**
 * Nine numbers from 9, or from 6 in the order xx yy zz yz xz xy; nan is let through.
 * @throws InputError for anything else, and for infinity.
 */
export function readTensor(value: InfoValue, what: string, where: ErrorDetails): Float64Array {
  const numbers = (Array.isArray(value) ? (value as readonly InfoValue[]) : [value]).flat() as readonly InfoValue[];
  if ((numbers.length !== 9 && numbers.length !== 6) || !numbers.every((number) => typeof number === "number" && Math.abs(number) !== Infinity)) {
    throw new InputError(`${what} is malformed`, { ...where, expected: "9 numbers, or 6 in the order xx yy zz yz xz xy", got: shown(value) });
  }
  return Float64Array.from(numbers.length === 9 ? numbers : VOIGT.map((index) => numbers[index]!), Number);
}

/** Of a cell whose vectors are linearly dependent, or one of which is missing: relative to the cube of the longest. */
const NO_VOLUME = 1e-12;

function readVirial({ info, cell, species }: Structure, source: LabelSource, where: ErrorDetails): Float64Array | NoLabel | null {
  const value = info.get(source.key);
  if (value === undefined) return null;
  // A program that had none may write a single nan.
  if (typeof value === "number" && Number.isNaN(value)) return "missing";
  const tensor = readTensor(value, "virial or stress", where);
  if (tensor.every(Number.isNaN)) return "missing";
  let factor = source.factor * (source.perAtom ? species.length : 1);
  if (source.stress) {
    const zero = tensor.every((component) => component === 0);
    if (!cell) return zero ? "no cell, zero" : "no cell";
    const volume = Math.abs(cellVolume(cell));
    const length = cell.reduce((most, component) => Math.max(most, Math.abs(component)), 0);
    if (!(volume > NO_VOLUME * length ** 3)) {
      if (zero) return "no cell, zero";
      throw new InputError("a stress needs a volume, and the cell has none", {
        ...where, expected: "three independent lattice vectors, or the virial in eV instead", got: `Lattice="${Array.from(cell).join(" ")}"`,
      });
    }
    factor *= -volume;
  }
  tensor.forEach((component, index) => (tensor[index] = component === 0 ? 0 : factor * component));
  return symmetrize(tensor, where);
}

const LARGEST_ASYMMETRY = 1e-2;
/** eV; rounding in files makes the vanishing shears of crystals asymmetric by any relative amount. */
const NEGLIGIBLE_ASYMMETRY = 1e-3;

/** Where one of two equal components is not there, the other says it. */
function symmetrize(tensor: Float64Array, where: ErrorDetails): Float64Array {
  const largest = tensor.reduce((max, component) => (Number.isNaN(component) ? max : Math.max(max, Math.abs(component))), 0);
  for (const [a, b] of [[1, 3], [2, 6], [5, 7]] as const) {
    const [upper, lower] = [tensor[a]!, tensor[b]!];
    if (Number.isNaN(upper) || Number.isNaN(lower)) {
      tensor[a] = tensor[b] = Number.isNaN(upper) ? lower : upper;
      continue;
    }
    if (!(Math.abs(upper - lower) <= Math.max(LARGEST_ASYMMETRY * largest, NEGLIGIBLE_ASYMMETRY))) {
      throw new InputError("virial is not symmetric", {
        ...where, expected: `an asymmetry below ${LARGEST_ASYMMETRY} of the largest component`, got: Array.from(tensor).join(" "),
      });
    }
    tensor[a] = tensor[b] = (upper + lower) / 2;
  }
  return tensor;
}
