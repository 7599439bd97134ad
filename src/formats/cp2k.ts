/**
 * CP2K's trajectories in XYZ: positions in Å (…-pos-1.xyz), beside it a file of the same shape with forces in hartree/bohr (…-frc-1.xyz), and
 * one with the cells (…-1.cell, cp2k-cell.ts).
 *
 *   2
 *    i =        5, time =        2.500, E =       -17.2110219413        (energy in hartree)
 *    O   0.0   0.0   0.0
 *
 * Energies become eV, forces eV/Å. Without a file of cells the structures have none, and a warning says so.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { parseNumber } from "../structure/extxyz-value.js";
import { readExtxyz } from "../structure/extxyz.js";
import { annotateStructure, type InfoValue, type Structure } from "../structure/structure.js";
import { CellFile, cellFileOf } from "./cp2k-cell.js";
import type { FormatReadOptions, StructureFormat } from "./format.js";

/** CODATA 2018, as in CP2K's output of these files: eV, Å. */
const HARTREE = 27.211386245988;
const BOHR = 0.529177210903;

const HEAD = /^\s*\d+\s*\r?\n\s*i\s*=\s*\d+\s*,[^\n]*E\s*=/;

/** Whether a name is that of a file of forces. */
export function isForceFile(file: string): boolean {
  return /-frc-\d+\.xyz$/i.test(file);
}

/** Name of the file of forces beside a file of positions; undefined for other names. */
export function forceFileOf(file: string): string | undefined {
  return /-pos-\d+\.xyz$/i.test(file) ? file.replace(/-pos-(\d+\.xyz)$/i, "-frc-$1") : undefined;
}

export const cp2k: StructureFormat = {
  name: "CP2K trajectory",
  recognizes: (_, head) => HEAD.test(head),
  async *read(chunks: AsyncIterable<Uint8Array>, options: FormatReadOptions): AsyncGenerator<Structure, void, undefined> {
    const open = async (file: string | undefined): Promise<Neighbor | undefined> => {
      const found = file === undefined ? null : await options.beside?.(file);
      return found ? { chunks: found, file: file! } : undefined;
    };
    const name = options.file ?? "";
    const beside = { forces: await open(forceFileOf(name)), cells: await open(cellFileOf(name)) };
    if (!beside.cells && options.onWarning) {
      const wanted = cellFileOf(name)?.replace(/^.*[\\/]/, "") ?? "the file of cells";
      const text = `${name === "" ? "" : `${name}: `}CP2K trajectory without its cells (${wanted}): the structures are taken as not periodic`;
      options.onWarning({ code: "cell-unknown", ...(options.file !== undefined && { file: options.file }), text });
    }
    for await (const structure of readCp2k(chunks, beside, options)) yield structure;
  },
};

/** A file beside the positions. */
export interface Neighbor {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly file: string;
}

/**
 * The structures of a file of positions, with the energies (eV) of its comment lines and, where their files are given, `forces` (eV/Å) and
 * cells (Å).
 * @throws InputError where a file is one of forces, a comment line has no energy, or the files are not of the same steps and atoms.
 */
export async function* readCp2k(
  chunks: AsyncIterable<Uint8Array>,
  { forces, cells }: { readonly forces?: Neighbor | undefined; readonly cells?: Neighbor | undefined },
  options: FormatReadOptions,
): AsyncGenerator<Structure, void, undefined> {
  if (options.file !== undefined && isForceFile(options.file)) {
    throw new InputError("this is CP2K's file of forces, not of positions", { file: options.file, line: 1, expected: "the file -pos- beside it" });
  }
  const partner = forces ? readExtxyz(forces.chunks, { file: forces.file }) : null;
  const cellFile = cells ? new CellFile(cells.chunks, cells.file) : null;
  try {
    for await (const structure of readExtxyz(chunks, options)) {
      const step = readStep(structure);
      const others = [...structure.info].filter(([key]) => !["i", "time", "E"].includes(key));
      const info = new Map<string, InfoValue>([["step", step.step], ["energy", step.energy], ...others]);
      if (step.time !== undefined) info.set("time", step.time);
      const plain: Structure = { ...structure, info, ...(cellFile && { cell: await cellFile.at(step.step), pbc: [true, true, true] }) };
      if (partner === null) {
        yield plain;
        continue;
      }
      const { value: other } = await partner.next();
      if (!other) throw new InputError("file of forces ends before the positions", { file: forces!.file, expected: `forces of step ${step.step}` });
      const same = readStep(other).step === step.step && other.species.length === structure.species.length && other.species.every((z, atom) => z === structure.species[atom]);
      if (!same) {
        throw new InputError("forces are not of the step and atoms of the positions", { ...other.origin, expected: `step ${step.step} with the atoms of ${options.file ?? "the positions"}` });
      }
      const values = other.positions.map((force) => force * (HARTREE / BOHR));
      yield annotateStructure(plain, { arrays: [["forces", { kind: "R", width: 3, values }]] });
    }
    const rest = await partner?.next();
    if (rest?.value) throw new InputError("file of forces goes on after the positions", { ...rest.value.origin, expected: "its end" });
  } finally {
    await partner?.return();
    await cellFile?.close();
  }
}

/** The entries of the comment line; the reader of extended XYZ leaves the commas on their values. */
function readStep({ info, origin }: Structure): { readonly step: number; readonly time: number | undefined; readonly energy: number } {
  const number = (key: string): number => {
    const value = info.get(key);
    return typeof value === "number" ? value : typeof value === "string" ? (parseNumber(value.replace(/,$/, "")) ?? NaN) : NaN;
  };
  const [step, energy] = [number("i"), number("E")];
  if (!Number.isSafeInteger(step) || !Number.isFinite(energy)) {
    const where: ErrorDetails = origin?.line === undefined ? { ...origin } : { ...origin, line: origin.line + 1 };
    throw new InputError("comment line is not CP2K's", { ...where, expected: "i = …, time = …, E = …", got: [...info.keys()].join(", ") || "nothing" });
  }
  return { step, time: info.has("time") ? number("time") : undefined, energy: energy * HARTREE };
}
