/** Zstandard (RFC 8878), decompressed piece by piece with fzstd, which has no check sums: a damaged file may come out as other text. */
import { Decompress } from "fzstd";
import { InputError } from "../errors.js";

/** First bytes of a frame. */
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** Largest window that is taken, in bytes: that of zstd's own command, as a header of a few bytes may ask for 2 GiB. */
const LARGEST_WINDOW = 2 ** 27;

/** Whether a file that begins with these bytes (four or more) is Zstandard. */
export function isZstandard(head: Uint8Array): boolean {
  return MAGIC.every((byte, index) => head[index] === byte);
}

/** Window of a frame in bytes, by its header (RFC 8878, 3.1.1.1). */
function windowOf(head: Uint8Array): number {
  const descriptor = head[4] ?? 0;
  const single = (descriptor >> 5) & 1;
  if (single === 0) {
    const window = head[5] ?? 0;
    return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  }
  const begin = 5 + [0, 1, 2, 4][descriptor & 3]!;
  const bytes = head.subarray(begin, begin + [1, 2, 4, 8][descriptor >> 6]!);
  return bytes.reduce((size, byte, place) => size + byte * 256 ** place, 0);
}

/**
 * The bytes of one or more frames, whose first piece has the first header whole. Each piece that comes out belongs to the caller.
 * @throws InputError on a file that is damaged or truncated, or begins with a frame that needs a window above 128 MiB; errors of the source pass unchanged.
 */
export async function* unpackZstandard(
  chunks: AsyncIterable<Uint8Array>, file: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  const frames = new Decompress((bytes) => bytes.length > 0 && ready.push(bytes));
  const failure = (got: string): InputError =>
    new InputError("compressed file is damaged or truncated", { ...(file !== undefined && { file }), expected: "Zstandard (with a window of 128 MiB at most)", got });
  const push = (bytes: Uint8Array, last: boolean): void => {
    try {
      frames.push(bytes, last);
    } catch (error) {
      throw failure(error instanceof Error ? error.message : String(error));
    }
  };
  let begun = false;
  for await (const chunk of chunks) {
    if (!begun && windowOf(chunk) > LARGEST_WINDOW) throw failure(`a window of ${windowOf(chunk)} bytes`);
    begun = true;
    push(chunk, false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(0), true);
  yield* ready.splice(0);
}
