// Base64 of RFC 4648 §4, with padding. Written out because browsers and Node share no fast, exact route from bytes to text and back:
// btoa wants a string of 16-bit units, Buffer is Node's, Uint8Array.fromBase64 is too young.
const alphabet = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const padding = "=".charCodeAt(0);
const invalid = 255;
const sextets = new Uint8Array(256).fill(invalid);
alphabet.forEach((letter, value) => (sextets[letter] = value));

export function encodeBase64(bytes: Uint8Array): string {
  const letters = new Uint8Array(4 * Math.ceil(bytes.length / 3)).fill(padding);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const rest = bytes.length - from;
    const word = (bytes[from]! << 16) | ((rest > 1 ? bytes[from + 1]! : 0) << 8) | (rest > 2 ? bytes[from + 2]! : 0);
    letters[to] = alphabet[word >> 18]!;
    letters[to + 1] = alphabet[(word >> 12) & 63]!;
    if (rest > 1) letters[to + 2] = alphabet[(word >> 6) & 63]!;
    if (rest > 2) letters[to + 3] = alphabet[word & 63]!;
  }
  return new TextDecoder().decode(letters);
}

/** The bytes of a base64 text; null when it is none (length, letters or padding). */
export function decodeBase64(text: string): Uint8Array | null {
  const letters = new TextEncoder().encode(text);
  if (letters.length % 4 !== 0) return null;
  const padded = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((letters.length / 4) * 3 - padded);
  let seen = 0;
  for (let from = 0, to = 0; from < letters.length; from += 4, to += 3) {
    const last = from + 4 === letters.length ? padded : 0;
    const a = sextets[letters[from]!]!;
    const b = sextets[letters[from + 1]!]!;
    const c = last > 1 ? 0 : sextets[letters[from + 2]!]!;
    const d = last > 0 ? 0 : sextets[letters[from + 3]!]!;
    seen |= a | b | c | d;
    const word = (a << 18) | (b << 12) | (c << 6) | d;
    // Writes behind the end of a typed array are ignored, which drops the padding.
    bytes[to] = word >> 16;
    bytes[to + 1] = word >> 8;
    bytes[to + 2] = word;
  }
  // Sextets stay below 64; only the mark of an invalid letter has the bits above.
  return seen > 63 ? null : bytes;
}

/** The bits of float64 numbers in little-endian order, on any machine. */
export function encodeFloat64(values: Float64Array): string {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  return encodeBase64(new Uint8Array(view.buffer));
}

/** Inverse of `encodeFloat64`; null when the text is no whole number of float64 values. */
export function decodeFloat64(text: string): Float64Array | null {
  const bytes = decodeBase64(text);
  if (bytes === null || bytes.length % 8 !== 0) return null;
  const view = new DataView(bytes.buffer);
  const values = new Float64Array(bytes.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(8 * i, true);
  return values;
}
