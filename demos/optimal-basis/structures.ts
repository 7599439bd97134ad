// Structures of a source, read as a stream, and an even choice of them.
import { InputError, parseExtxyz, readExtxyz, type Progress, type Structure } from "lather";
import type { Source } from "./basis-job.js";

interface Reading {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export function nameOf(source: Source): string {
  return source.kind === "file" ? source.file.name : source.name;
}

async function fetchData(address: string, name: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(address, { signal });
  if (response.ok && response.body) return response;
  throw new InputError("the embedded data could not be loaded", { file: name, expected: "HTTP 200", got: `HTTP ${response.status}` });
}

/** The gallery's structures without periodic axes. */
async function readMolecules(address: string, name: string, { signal }: Reading): Promise<Structure[]> {
  const response = await fetchData(address, name, signal);
  const { structures } = (await response.json()) as { structures: { name: string; xyz: string }[] };
  return structures.flatMap(({ name: title, xyz }) => parseExtxyz(xyz, title)).filter(({ pbc }) => !pbc.some(Boolean));
}

/** Every structure of the source. @throws InputError when there is none, and as `readExtxyz`. */
export async function readStructures(source: Source, reading: Reading): Promise<Structure[]> {
  const { signal, onProgress } = reading;
  const name = nameOf(source);
  if (source.kind === "molecules") return readMolecules(source.address, name, reading);
  const expected = "structures in extended XYZ: a line with the number of atoms, a comment line, the atoms";
  if (source.kind === "file" && source.file.size === 0) throw new InputError("the file is empty", { file: name, expected, got: "0 bytes" });
  const response = source.kind === "file" ? null : await fetchData(source.address, name, signal);
  const stream = source.kind === "file" ? source.file.stream() : response!.body!;
  const total = source.kind === "file" ? source.file.size : Number(response!.headers.get("content-length") ?? 0);
  let done = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.byteLength;
      onProgress({ stage: `reading ${name}`, done: Math.min(done, total || done), total });
      controller.enqueue(chunk);
    },
  });
  const structures: Structure[] = [];
  for await (const structure of readExtxyz(stream.pipeThrough(counter), { file: name })) {
    signal.throwIfAborted();
    structures.push(structure);
  }
  if (structures.length === 0) throw new InputError("no structures in the file", { file: name, expected, got: "blank lines" });
  return structures;
}

/** At most `count` of the numbers from 0 to `total` − 1, evenly spaced: files are often sorted by kind. */
export function chooseEvenly(total: number, count: number): Int32Array {
  const chosen = Math.min(count, total);
  return Int32Array.from({ length: chosen }, (_, k) => Math.floor(((k + 0.5) * total) / chosen));
}
