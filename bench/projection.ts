// What a pass would take on a GPU that is not here: its operations and bytes at a share of that GPU's peaks, whichever takes longer.
// A projection, not a measurement: no dispatch, no waiting, no transfer to the host and nothing that a pass loads twice is in it.
import type { PassReport } from "./result.js";

/** Peaks of a GPU as its maker gives them: float32 operations and bytes of memory per second. */
export interface ProjectedGpu {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
}

export const PROJECTED: readonly ProjectedGpu[] = [
  { name: "laptop GPU", flops: 5e12, bytes: 200e9 },
  { name: "H200", flops: 60e12, bytes: 4.8e12 },
];

/** Share of both peaks that a pass is taken to reach. */
export const SHARE = 0.3;

/** Milliseconds; NaN for a pass that nobody has counted. */
export function projectedTime({ operations, bytes }: Pick<PassReport, "operations" | "bytes">, gpu: ProjectedGpu): number {
  if (operations === null || bytes === null) return NaN;
  return (1000 * Math.max(operations / gpu.flops, bytes / gpu.bytes)) / SHARE;
}
