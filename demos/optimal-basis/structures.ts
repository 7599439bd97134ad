// An even choice of a source's structures, read as a stream of any length.
import { InputError, parseExtxyz, readAnyStructures, type Progress, type Structure } from "lather";
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

/** Structures held while a stream is read, at least, so that files of this length lose none before the choice. */
const HELD = 1000;

export interface ChosenStructures {
  readonly structures: readonly Structure[];
  /** Place of each in the source, counted from 0. */
  readonly frames: Int32Array;
  /** Structures of the whole source. */
  readonly total: number;
}

/** At most `count` of the structures added, evenly spaced (files are often sorted by kind), with no more than 2 `count` or so in memory. */
export class EvenChoice {
  private held: Structure[] = [];
  private stride = 1;
  private seen = 0;

  constructor(private readonly count: number) {}

  add(structure: Structure): void {
    if (this.seen++ % this.stride === 0) this.held.push(structure);
    if (this.held.length <= Math.max(HELD, 2 * this.count)) return;
    this.held = this.held.filter((_, k) => k % 2 === 0);
    this.stride *= 2;
  }

  choose(): ChosenStructures {
    const chosen = Math.min(this.count, this.held.length);
    const places = Int32Array.from({ length: chosen }, (_, k) => Math.floor(((k + 0.5) * this.held.length) / chosen));
    return { structures: Array.from(places, (k) => this.held[k]!), frames: places.map((k) => k * this.stride), total: this.seen };
  }
}

/** The gallery's structures without periodic axes. */
async function readMolecules(address: string, name: string, { signal }: Reading): Promise<Structure[]> {
  const response = await fetchData(address, name, signal);
  const { structures } = (await response.json()) as { structures: { name: string; xyz: string }[] };
  return structures.flatMap(({ name: title, xyz }) => parseExtxyz(xyz, title)).filter(({ pbc }) => !pbc.some(Boolean));
}

/** At most `count` structures of the source, evenly. @throws InputError when there is none, and as `readAnyStructures`. */
export async function readStructures(source: Source, count: number, reading: Reading): Promise<ChosenStructures> {
  const { signal, onProgress } = reading;
  const name = nameOf(source);
  const choice = new EvenChoice(count);
  if (source.kind === "molecules") {
    for (const structure of await readMolecules(source.address, name, reading)) choice.add(structure);
    return choice.choose();
  }
  const expected = "structures in extended XYZ or a file of VASP, LAMMPS, CP2K, CIF or ASE";
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
  for await (const structure of readAnyStructures(stream.pipeThrough(counter), { file: name })) {
    signal.throwIfAborted();
    choice.add(structure);
  }
  const chosen = choice.choose();
  if (chosen.total === 0) throw new InputError("no structures in the file", { file: name, expected, got: "blank lines" });
  return chosen;
}
