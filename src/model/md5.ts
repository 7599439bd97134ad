// MD5 of RFC 1321, by which QUIP knows the files that belong to an XML. A guard against mistaken files, not against forged ones.
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Uint32Array.from({ length: 64 }, (_, k) => Math.floor(Math.abs(Math.sin(k + 1)) * 2 ** 32));

/** 32 hexadecimal digits. */
export function md5(bytes: Uint8Array): string {
  const padded = new Uint8Array(64 * Math.ceil((bytes.length + 9) / 64));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  view.setUint8(bytes.length, 0x80);
  view.setUint32(view.byteLength - 8, (bytes.length * 8) >>> 0, true);
  view.setUint32(view.byteLength - 4, Math.floor(bytes.length / 2 ** 29), true);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < view.byteLength; block += 64) {
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    for (let k = 0; k < 64; k++) {
      const round = k >> 4;
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const word = round === 0 ? k : round === 1 ? 5 * k + 1 : round === 2 ? 3 * k + 5 : 7 * k;
      const sum = (a + mixed + SINES[k]! + view.getUint32(block + 4 * (word & 15), true)) | 0;
      const shift = SHIFTS[4 * round + (k & 3)]!;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    [a, b, c, d].forEach((value, k) => (state[k]! += value));
  }
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((value, k) => digest.setUint32(4 * k, value, true));
  return Array.from({ length: 16 }, (_, k) => digest.getUint8(k).toString(16).padStart(2, "0")).join("");
}
