/**
 * Philox 4×32-10: 128 random bits from a counter of four words and a key of two (Salmon, Moraes, Dror and Shaw, SC '11,
 * doi:10.1145/2063384.2063405). A number belongs to its place in the simulation and not to the order of the calls: a restart needs no state.
 */

/** Upper 32 bits of a·b, by halves: a product of whole words does not fit into a float64. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const first = aHigh * bLow + ((aLow * bLow) >>> 16);
  const second = aLow * bHigh + (first & 0xffff);
  return (aHigh * bHigh + (first >>> 16) + (second >>> 16)) >>> 0;
}

/** Ten rounds on the four words of `block`, in place; words and keys are whole numbers below 2^32. */
export function philox(block: Uint32Array, key0: number, key1: number): void {
  let [x0, x1, x2, x3] = [block[0], block[1], block[2], block[3]];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, x0);
    const low0 = Math.imul(0xd2511f53, x0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, x2);
    const low1 = Math.imul(0xcd9e8d57, x2) >>> 0;
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0;
    key0 = (key0 + 0x9e3779b9) >>> 0;
    key1 = (key1 + 0xbb67ae85) >>> 0;
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
}
