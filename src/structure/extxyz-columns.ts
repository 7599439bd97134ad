/**
 * What the columns of an extended-XYZ frame are: Properties=name:type:width:... with types R (real), I (integer), L (logical), S (text).
 * Grammar: https://github.com/libAtoms/extxyz.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { excerpt } from "./extxyz-value.js";

export interface Column {
  readonly name: string;
  readonly kind: "R" | "I" | "L" | "S";
  readonly width: number;
  /** Symbols or atomic numbers, positions, or anything else. */
  readonly role: "species" | "positions" | "array";
}

/** Columns of plain XYZ. */
export const PLAIN_COLUMNS = "species:S:1:pos:R:3";

/** In the order of preference. */
export const SPECIES_NAMES = ["species", "element", "elements", "symbols", "Z", "numbers", "atomic_numbers"];
export const POSITION_NAMES = ["pos", "positions"];

/** @throws InputError on a malformed description, a name given twice, and missing species or positions. */
export function parseProperties(text: string, where: ErrorDetails): readonly Column[] {
  const at = { ...where, key: "Properties" };
  const fields = text.trim().split(":");
  if (fields.length % 3 !== 0) throw new InputError("malformed column description", { ...at, expected: "name:type:width:...", got: excerpt(text) });
  const parsed: { name: string; kind: string; width: number }[] = [];
  for (let field = 0; field < fields.length; field += 3) {
    const [name, kind, width] = fields.slice(field, field + 3) as [string, string, string];
    if (name === "" || !/^[RILS]$/.test(kind) || !/^[1-9]\d{0,5}$/.test(width)) {
      throw new InputError("malformed column description", {
        ...at, expected: "name:type:width with type R, I, L or S", got: excerpt(`${name}:${kind}:${width}`),
      });
    }
    if (parsed.some((column) => column.name === name)) {
      throw new InputError("column is described twice", {
        ...at, expected: "different names", got: excerpt(name),
      });
    }
    parsed.push({ name, kind, width: Number(width) });
  }
  const species = SPECIES_NAMES.find((name) => parsed.some((column) => column.name === name && column.width === 1 && /[SI]/.test(column.kind)));
  const positions = POSITION_NAMES.find((name) => parsed.some((column) => column.name === name && column.width === 3 && /[RI]/.test(column.kind)));
  if (species === undefined || positions === undefined) {
    throw new InputError("columns lack species or positions", { ...at, expected: "species:S:1 (or Z:I:1) and pos:R:3", got: excerpt(text) });
  }
  return parsed.map((column): Column => ({
    ...column,
    kind: column.kind as Column["kind"],
    role: column.name === species ? "species" : column.name === positions ? "positions" : "array",
  }));
}
