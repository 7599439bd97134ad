// Structures from a file of the user's or one beside the page, as a stream that reports how much of it has gone by. For workers.
import { InputError, readAnyStructures, type DataWarning, type Progress, type Structure } from "lather";
import { recognizeFile } from "./file-kind.js";

/** Where structures come from: a file of the user, or one that lies beside the page. */
export type Source = { readonly kind: "file"; readonly file: File } | { readonly kind: "address"; readonly address: string; readonly name: string };

export interface Reading {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning?: (warning: DataWarning) => void;
}

const EXPECTED = "structures in extended XYZ or a file of VASP, LAMMPS, CP2K, CIF or ASE";

export function nameOf(source: Source): string {
  return source.kind === "file" ? source.file.name : source.name;
}

/** @throws InputError when a file beside the page is not there. */
export async function fetchBeside(address: string, name: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(address, { signal });
  if (response.ok && response.body) return response;
  throw new InputError("the embedded data could not be loaded", { file: name, expected: "HTTP 200", got: `HTTP ${response.status}` });
}

/** The stream of a source and its length in bytes; 0 when unknown. */
async function open(source: Source, signal: AbortSignal): Promise<{ stream: ReadableStream<Uint8Array>; bytes: number }> {
  if (source.kind === "address") {
    const response = await fetchBeside(source.address, source.name, signal);
    return { stream: response.body!, bytes: Number(response.headers.get("content-length") ?? 0) };
  }
  const { file } = source;
  if (file.size === 0) throw new InputError("the file is empty", { file: file.name, expected: EXPECTED, got: "0 bytes" });
  const { kind, words } = await recognizeFile(file);
  if (kind !== "structures") throw new InputError(`this is ${words}`, { file: file.name, expected: EXPECTED, got: "another kind of file" });
  return { stream: file.stream(), bytes: file.size };
}

/** @throws InputError when there is none, on what is not a file of structures, and as `readAnyStructures`. */
export async function* streamStructures(source: Source, { signal, onProgress, onWarning }: Reading): AsyncGenerator<Structure, void, undefined> {
  const { stream, bytes } = await open(source, signal);
  const name = nameOf(source);
  let seen = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      onProgress({ stage: `reading ${name}`, done: Math.min(seen, bytes || seen), total: bytes });
      controller.enqueue(chunk);
    },
  });
  let count = 0;
  for await (const structure of readAnyStructures(stream.pipeThrough(counter), { file: name, onWarning })) {
    signal.throwIfAborted();
    count++;
    yield structure;
  }
  if (count === 0) throw new InputError("no structures in the file", { file: name, expected: EXPECTED, got: "blank lines" });
}

export async function readAllStructures(source: Source, reading: Omit<Reading, "onWarning">): Promise<{ structures: Structure[]; warnings: DataWarning[] }> {
  const [structures, warnings]: [Structure[], DataWarning[]] = [[], []];
  for await (const structure of streamStructures(source, { ...reading, onWarning: (warning) => warnings.push(warning) })) structures.push(structure);
  return { structures, warnings };
}
