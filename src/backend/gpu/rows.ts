// The rows that the passes work on. A row is one center; rows come in chunks that fit the buffers.
// In a chunk those of one element stand together.
import { ROWS_STRIDE } from "./compute-program.js";
import type { Workspace } from "./workspace.js";

/** Rows [first, first + count) of a chunk, and the block that tells the programs so. */
export interface RowRange {
  readonly block: number;
  readonly first: number;
  readonly count: number;
}

export interface Chunk extends RowRange {
  /** Rows of one element of the centers, ascending. */
  readonly parts: readonly (RowRange & { readonly element: number })[];
  /** Index of the chunk's first row among all rows. */
  readonly slot: number;
}

export interface Rows {
  readonly chunks: readonly Chunk[];
  /** Center of every row. */
  readonly centers: Uint32Array;
  /** Center and element, [row][2]. */
  readonly slots: Uint32Array<ArrayBuffer>;
  /** Slot, first row and count of every block, and a word that is the programs', ROWS_STRIDE bytes apart. */
  readonly blocks: Uint32Array<ArrayBuffer>;
}

/** Values of an element index, which is one byte. */
const ELEMENTS = 256;

/**
 * Rows of the centers whose element is wanted, sorted by element, in chunks of at most `size` rows.
 * @param elements index of the element of each center
 */
export function createRows(elements: Uint8Array, wanted: (element: number) => boolean, size: number): Rows {
  // Row of the next center of each element; behind the last center of one stands the first of the next.
  const next = new Uint32Array(ELEMENTS + 1);
  for (let center = 0; center < elements.length; center++) next[elements[center]! + 1]!++;
  const isWanted = Uint8Array.from({ length: ELEMENTS }, (_, element) => (next[element + 1]! > 0 && wanted(element) ? 1 : 0));
  for (let element = 0; element < ELEMENTS; element++) next[element + 1] = next[element]! + isWanted[element]! * next[element + 1]!;
  const centers = new Uint32Array(next[ELEMENTS]!);
  const slots = new Uint32Array(2 * centers.length);
  for (let center = 0; center < elements.length; center++) {
    const element = elements[center]!;
    if (isWanted[element] === 0) continue;
    const row = next[element]!++;
    centers[row] = center;
    slots[2 * row] = center;
    slots[2 * row + 1] = element;
  }
  const blocks: number[][] = [];
  const range = (slot: number, first: number, count: number): RowRange => ({ block: blocks.push([slot, first, count]) - 1, first, count });
  const chunks: Chunk[] = [];
  for (let slot = 0; slot < centers.length; slot += size) {
    const count = Math.min(size, centers.length - slot);
    const parts: (RowRange & { element: number })[] = [];
    for (let first = 0; first < count;) {
      const element = slots[2 * (slot + first) + 1]!;
      // By now the row behind the last one of the element.
      const end = Math.min(count, next[element]! - slot);
      parts.push({ ...range(slot, first, end - first), element });
      first = end;
    }
    chunks.push({ ...range(slot, 0, count), slot, parts });
  }
  return { chunks, centers, slots, blocks: packBlocks(blocks) };
}

/** Blocks of up to four numbers, ROWS_STRIDE bytes apart. */
export function packBlocks(blocks: readonly (readonly number[])[]): Uint32Array<ArrayBuffer> {
  const words = ROWS_STRIDE / 4;
  const packed = new Uint32Array(Math.max(1, blocks.length) * words);
  blocks.forEach((block, index) => packed.set(block, index * words));
  return packed;
}

export function uploadRows(workspace: Workspace, { slots, blocks }: Rows): void {
  workspace.write("slots", slots);
  workspace.write("rows", blocks);
}

/** Rows on the GPU of one batch after the other: those of the batch before serve again when the elements are the same, as they are in dynamics. */
export class ResidentRows {
  readonly #wanted: (element: number) => boolean;
  readonly #size: number;
  #elements = new Uint8Array(0);
  #rows: Rows | null = null;
  /** Which rows stand in which buffer. */
  #uploaded: { readonly rows: Rows; readonly slots: GPUBuffer } | null = null;

  /** @param size most rows of a chunk; both as for `createRows` */
  constructor(wanted: (element: number) => boolean, size: number) {
    this.#wanted = wanted;
    this.#size = size;
  }

  /** @param elements index of the element of each center; kept, and not to be changed */
  of(elements: Uint8Array<ArrayBuffer>): Rows {
    if (this.#rows && haveSameValues(elements, this.#elements)) return this.#rows;
    this.#elements = elements;
    return (this.#rows = createRows(elements, this.#wanted, this.#size));
  }

  /** @param slopes whether the programs are to leave derivatives, for forces */
  upload(workspace: Workspace, rows: Rows, slopes: boolean): void {
    for (let word = 3; word < rows.blocks.length; word += ROWS_STRIDE / 4) rows.blocks[word] = Number(slopes);
    workspace.write("rows", rows.blocks);
    workspace.reserve("slots", rows.slots.byteLength);
    const slots = workspace.get("slots");
    if (this.#uploaded?.rows === rows && this.#uploaded.slots === slots) return;
    workspace.write("slots", rows.slots);
    this.#uploaded = { rows, slots };
  }
}

function haveSameValues(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** Rows of a chunk: as many as the buffers allow, in whole tiles of the matrix product. `bytes`: what one row takes in each buffer. */
export function chunkRows(bytes: readonly number[], maxBytes: number): number {
  const total = bytes.reduce((sum, own) => sum + own, 0);
  const rows = Math.min(Math.floor(maxBytes / Math.max(...bytes)), Math.floor(CHUNK_BYTES / total), CHUNK_ROWS);
  return rows >= 64 ? rows - (rows % 64) : Math.max(1, rows);
}

/** Below the 65,535 workgroups of a dispatch. */
const CHUNK_ROWS = 16384;
/** All buffers of a chunk together. */
const CHUNK_BYTES = 256 * 2 ** 20;
