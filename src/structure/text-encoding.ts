/** Texts that are not UTF-8: UTF-16 is recognized at its beginning, Windows-1252 (which has Latin-1 in it) by bytes that cannot be UTF-8. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });
const WINDOWS = new TextDecoder("windows-1252");

/** The text of some bytes, and whether they had to be read as Windows-1252. */
export function decodeText(bytes: Uint8Array): { readonly text: string; readonly foreign: boolean } {
  try {
    return { text: UTF8.decode(bytes), foreign: false };
  } catch (error) {
    // The decoder's own complaint; anything else is not about the bytes.
    if (!(error instanceof TypeError)) throw error;
    return { text: WINDOWS.decode(bytes), foreign: true };
  }
}

/** Text begins with a byte-order mark or, without one, with a character of ASCII. */
function utf16Of([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (first === undefined || second === undefined) return undefined;
  if ((first === 0xff && second === 0xfe) || (first > 0 && first < 128 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second > 0 && second < 128)) return "utf-16be";
  return undefined;
}

/** The bytes as UTF-8 without a byte-order mark when they are UTF-16 or UTF-8; anything else unchanged. Pieces of UTF-8 are passed on, not copied. */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | null = new Uint8Array(0);
  let decoder: TextDecoder | null = null;
  const encoder = new TextEncoder();
  for await (const piece of chunks) {
    let bytes = piece;
    if (head !== null) {
      if (head.length > 0) {
        bytes = new Uint8Array(head.length + piece.length);
        bytes.set(head);
        bytes.set(piece, head.length);
      }
      if (bytes.length < 3) {
        head = bytes.slice();
        continue;
      }
      head = null;
      const encoding = utf16Of(bytes);
      if (encoding !== undefined) decoder = new TextDecoder(encoding);
      else if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    yield decoder === null ? bytes : encoder.encode(decoder.decode(bytes, { stream: true }));
  }
  if (head !== null && head.length > 0) yield head;
  if (decoder !== null) yield encoder.encode(decoder.decode());
}
