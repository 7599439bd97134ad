// Which features occur in a batch of environments, and where they stand in its rows.
import type { FeatureLayout } from "../../features/feature-layout.js";

/** A run of features that stands together both in the batch's rows and in the full feature vector. */
export interface FeatureRun {
  /** Column in the batch's rows. */
  readonly packed: number;
  /** Column in the full feature vector. */
  readonly full: number;
  readonly size: number;
}

/** A block of a spectrum of pairs: positions of its elements in the batch's `present`, and its column. */
interface PackedBlock {
  readonly a: number;
  readonly b: number;
  readonly packed: number;
  readonly size: number;
}

export interface PackedLayout {
  readonly blocks: readonly PackedBlock[];
  readonly runs: readonly FeatureRun[];
  /** Features present; rows are padded to `stride`, an even number. */
  readonly rowSize: number;
  readonly stride: number;
}

/** Columns for the blocks whose elements are both `present` (element indices, ascending). */
export function packLayout(layout: FeatureLayout, present: readonly number[]): PackedLayout {
  const blocks: PackedBlock[] = [];
  const runs: FeatureRun[] = [];
  let packed = 0;
  for (const { a, b, offset, size } of layout.blocks) {
    const [ka, kb] = [present.indexOf(a), present.indexOf(b)];
    if (ka < 0 || kb < 0) continue;
    blocks.push({ a: ka, b: kb, packed, size });
    const last = runs.at(-1);
    if (last && last.full + last.size === offset) runs[runs.length - 1] = { ...last, size: last.size + size };
    else runs.push({ packed, full: offset, size });
    packed += size;
  }
  return { blocks, runs, rowSize: packed, stride: packed + (packed & 1) };
}
