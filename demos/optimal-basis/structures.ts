// An even choice of a source's structures, read as a stream of any length.
import { parseExtxyz, type Structure } from "lather";
import { fetchBeside, streamStructures, type Reading } from "../read-structures.js";
import type { BasisSource } from "./basis-job.js";

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
  const response = await fetchBeside(address, name, signal);
  const { structures } = (await response.json()) as { structures: { name: string; xyz: string }[] };
  return structures.flatMap(({ name: title, xyz }) => parseExtxyz(xyz, title)).filter(({ pbc }) => !pbc.some(Boolean));
}

/** At most `count` structures of the source, evenly. @throws InputError as `streamStructures`. */
export async function readStructures(source: BasisSource, count: number, reading: Reading): Promise<ChosenStructures> {
  const choice = new EvenChoice(count);
  if (source.kind === "molecules") {
    for (const structure of await readMolecules(source.address, source.name, reading)) choice.add(structure);
  } else {
    for await (const structure of streamStructures(source, reading)) choice.add(structure);
  }
  return choice.choose();
}
