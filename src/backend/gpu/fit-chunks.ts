// How the environments of a batch become chunks whose derivatives fit the buffers, and where everything of a batch stands in the rows of a fit.
import type { EnvironmentBatch } from "./environments.js";
import { packBlocks, type RowRange } from "./rows.js";

/** Centers of one element, some of those in the batch, and the blocks that tell the programs so. */
export interface FitChunk {
  /** Index of the element. */
  readonly element: number;
  /** Rows of centers, and with three rows per pair behind them. */
  readonly centers: RowRange;
  readonly products: RowRange;
  readonly pairs: number;
  /** The atoms and the segments of the structures that the centers belong to. */
  readonly atoms: RowRange;
  readonly segments: RowRange;
}

/** Limits of a chunk: one center at least. */
export interface ChunkLimits {
  readonly centers: number;
  readonly pairs: number;
}

export interface FitChunks {
  readonly chunks: readonly FitChunk[];
  /** Center and element, [slot][2]. */
  readonly slots: Uint32Array<ArrayBuffer>;
  readonly blocks: Uint32Array<ArrayBuffer>;
  /** Slot, from the pairs of the batch to those of the chunk (modulo 2³²), first row of the force, 0; [atom][4]. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** First atom, the atom behind the last, first row, 0; [segment][4]. */
  readonly segments: Uint32Array<ArrayBuffer>;
  /** First row, and the first row of forces, of each structure; [structure][2]. */
  readonly structureRows: readonly (readonly [number, number])[];
  readonly rows: number;
}

/** Atoms whose virials are summed up in float32; segments are summed in float64 on the host. */
const SEGMENT = 64;
/** Rows of a segment: xx, yy, zz, yz, xz, xy. */
export const VIRIAL_ROWS = 6;

/** Rows of a structure with this many atoms. */
export function rowsOf(atoms: number): number {
  return VIRIAL_ROWS * Math.ceil(atoms / SEGMENT) + 3 * atoms;
}

/**
 * @param offsets first pair of [center · elements + element], and the number of pairs behind the last
 * @param wanted whether the centers of an element have sparse points
 */
export function createFitChunks(
  { atoms, elements, structures, firstAtoms }: EnvironmentBatch,
  offsets: Uint32Array,
  wanted: (element: number) => boolean,
  limits: ChunkLimits,
): FitChunks {
  const perCenter = (offsets.length - 1) / Math.max(1, atoms);
  const places = new Uint32Array(4 * atoms).fill(NO_SLOT);
  const segments: number[] = [];
  const firstSegments = new Int32Array(structures.length + 1);
  const structureOf = new Int32Array(atoms);
  const structureRows: (readonly [number, number])[] = [];
  let row = 0;
  structures.forEach((_, s) => {
    const [first, end] = [firstAtoms[s]!, firstAtoms[s + 1]!];
    const start = row;
    for (let atom = first; atom < end; atom += SEGMENT, row += VIRIAL_ROWS) segments.push(atom, Math.min(atom + SEGMENT, end), row, 0);
    firstSegments[s + 1] = segments.length / 4;
    structureOf.fill(s, first, end);
    structureRows.push([start, row]);
    for (let atom = first; atom < end; atom++, row += 3) places[4 * atom + 2] = row;
  });

  const slots: number[] = [];
  const blocks: number[][] = [];
  const range = (count: number, block: number[]): RowRange => ({ block: blocks.push(block) - 1, first: 0, count });
  const chunks: FitChunk[] = [];
  for (const [element, centers] of centersByElement(elements, wanted).entries()) {
    let open: number[] = [];
    let pairs = 0;
    const close = (): void => {
      const slot = slots.length / 2;
      const [s0, s1] = [structureOf[open[0]!]!, structureOf[open.at(-1)!]! + 1];
      const [count, atomCount, segmentCount] = [open.length, firstAtoms[s1]! - firstAtoms[s0]!, firstSegments[s1]! - firstSegments[s0]!];
      for (const center of open) slots.push(center, element);
      chunks.push({
        element,
        pairs,
        centers: range(count, [slot, 0, count]),
        products: range(count + 3 * pairs, [slot, 0, count + 3 * pairs]),
        atoms: range(atomCount, [slot, count, firstAtoms[s0]!, atomCount]),
        segments: range(segmentCount, [slot, count, firstSegments[s0]!, segmentCount]),
      });
      [open, pairs] = [[], 0];
    };
    for (const center of centers) {
      const [first, end] = [offsets[center * perCenter]!, offsets[(center + 1) * perCenter]!];
      const own = end - first;
      if (open.length > 0 && (open.length === limits.centers || pairs + own > limits.pairs)) close();
      places[4 * center] = slots.length / 2 + open.length;
      places[4 * center + 1] = pairs - first;
      open.push(center);
      pairs += own;
    }
    if (open.length > 0) close();
  }
  return {
    chunks,
    places,
    structureRows,
    rows: row,
    slots: Uint32Array.from(slots),
    blocks: packBlocks(blocks),
    segments: Uint32Array.from(segments),
  };
}

/** Of an atom that no kernel has as a center. */
const NO_SLOT = 0xffffffff;

function centersByElement(elements: Uint8Array, wanted: (element: number) => boolean): number[][] {
  const centers: number[][] = [];
  elements.forEach((element, atom) => {
    while (centers.length <= element) centers.push([]);
    if (wanted(element)) centers[element]!.push(atom);
  });
  return centers;
}
