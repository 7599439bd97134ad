// How many pairs a workgroup takes at a time: as many as fit the workgroup memory that every device has.
import type { GpuContext } from "./context.js";

/** Bytes of workgroup memory under the default limits. */
const WORKGROUP_BYTES = 16384;
/** SwiftShader takes 80 ms per kilobyte to compile, and gains nothing by more. */
const SOFTWARE_BYTES = 4096;

/** A power of two from 1 to `most`; `bytes` per pair, `reserved` beside them. */
export function pairsPerTile(bytes: number, reserved: number, most: number, { adapter }: GpuContext): number {
  let tile = most;
  while (tile > 1 && tile * bytes + reserved > (adapter.software ? SOFTWARE_BYTES : WORKGROUP_BYTES)) tile /= 2;
  return tile;
}
