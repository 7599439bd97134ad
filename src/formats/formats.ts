/**
 * The formats of structure files, and which of them a file is of: by its content first, whatever its name says; then by its name; and else
 * extended XYZ, whose reader says what is wrong with the first line. Writing goes by the name alone.
 */
import { InputError } from "../errors.js";
import { inflateIfCompressed } from "../structure/extxyz-inflate.js";
import type { Structure } from "../structure/structure.js";
import { asUtf8 } from "../structure/text-encoding.js";
import { aseJson } from "./ase-json.js";
import { chemiscope } from "./chemiscope.js";
import { cif } from "./cif.js";
import { cp2k } from "./cp2k.js";
import { extendedXyz } from "./extended-xyz.js";
import type { FormatReadOptions, StructureFormat } from "./format.js";
import { lammpsData } from "./lammps-data.js";
import { lammpsDump } from "./lammps-dump.js";
import { ndjson } from "./ndjson.js";
import { recognizedFormats } from "./recognized.js";
import { vaspOutcar } from "./vasp-outcar.js";
import { vaspPoscar } from "./vasp-poscar.js";
import { vaspVasprun } from "./vasp-vasprun.js";
import { vaspXdatcar } from "./vasp-xdatcar.js";

/** In the order in which they are asked; extended XYZ comes before the kinds that are not read, as a comment line may have their words. */
export const formats: readonly StructureFormat[] = [
  vaspOutcar, vaspVasprun, vaspXdatcar, vaspPoscar, lammpsDump, lammpsData, cif, chemiscope, aseJson, ndjson, cp2k, extendedXyz, ...recognizedFormats,
];

/** Bytes that a format is recognized by. */
const HEAD = 4096;

/** "runs/POSCAR.gz" → "POSCAR". */
function plainName(file: string): string {
  return file.replace(/^.*[\\/]/, "").replace(/\.(?:gz|zst)$/i, "");
}

/** The format of a file with this name and this beginning, decompressed. */
export function recognizeFormat(file: string, head: string): StructureFormat {
  const name = plainName(file);
  const byContent = formats.find((format) => format.recognizes("", head));
  return byContent ?? formats.find((format) => format.recognizes(name, "")) ?? extendedXyz;
}

/**
 * The structures of a file of any of the formats, one after the other, plain, gzip or Zstandard; memory as the format's reader needs.
 * Leaving the loop early ends the source.
 * @throws InputError as the format's reader; naming the format where it is recognized and not read.
 */
export async function* readAnyStructures(
  chunks: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>, options: FormatReadOptions = {},
): AsyncGenerator<Structure, void, undefined> {
  const { file } = options;
  const source = asUtf8(inflateIfCompressed(chunks, file));
  try {
    const { head, ended } = await readHead(source);
    const format = recognizeFormat(file ?? "", new TextDecoder().decode(head.subarray(0, HEAD)));
    if (!format.read) {
      throw new InputError(`this looks like ${format.name}, which is not read`, {
        ...(file !== undefined && { file }), expected: readableNames(), got: plainName(file ?? "") || "another",
      });
    }
    // A plain loop: `yield*` would make three promises more per structure.
    for await (const structure of format.read(rejoin(head, ended, source), options)) yield structure;
  } finally {
    await source.return();
  }
}

/**
 * The format that a file of this name is written in; extended XYZ where the name says nothing.
 * @throws InputError when the name belongs to a format or a compression that is not written.
 */
export function formatToWrite(file: string): StructureFormat & Required<Pick<StructureFormat, "write">> {
  if (/\.zst$/i.test(file)) throw new InputError("Zstandard is not written", { file, expected: "a name without .zst, or with .gz", got: plainName(file) });
  const format = recognizeFormat(file, "");
  if (canWrite(format)) return format;
  const expected = `a name of one of the formats that are: ${formats.filter(canWrite).map(({ name }) => name).join(", ")}`;
  throw new InputError(`${format.name} is not written`, { file, expected, got: plainName(file) });
}

function canWrite(format: StructureFormat): format is StructureFormat & Required<Pick<StructureFormat, "write">> {
  return format.write !== undefined;
}

function readableNames(): string {
  return formats.filter(({ read }) => read).map(({ name }) => name).join(", ");
}

/** The first pieces until they are enough to recognize a format by, copied, as the source may reuse its buffer. */
async function readHead(source: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; ended: boolean }> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD) {
    const { done, value } = await source.next();
    if (done) return { head, ended: true };
    if (head.length === 0 && value.length >= HEAD) return { head: value, ended: false };
    const longer = new Uint8Array(head.length + value.length);
    longer.set(head);
    longer.set(value, head.length);
    head = longer;
  }
  return { head, ended: false };
}

async function* rejoin(head: Uint8Array, ended: boolean, source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  if (!ended) yield* source;
}
