// How many pairs a workgroup takes at a time: as many as fit the workgroup memory that every device has.

/** Bytes of workgroup memory under the default limits. */
const WORKGROUP_BYTES = 16384;

/** A power of two from 1 to `most`; `bytes` per pair, `reserved` beside them. */
export function pairsPerTile(bytes: number, reserved: number, most: number): number {
  let tile = most;
  while (tile > 1 && tile * bytes + reserved > WORKGROUP_BYTES) tile /= 2;
  return tile;
}
