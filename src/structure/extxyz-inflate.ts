/** gzip (RFC 1952), inflated with the platform's DecompressionStream, and Zstandard: each recognized by its first bytes. */
import { InputError } from "../errors.js";
import { isZstandard, unpackZstandard } from "./zstandard.js";

/** Of a frame of Zstandard, in bytes. */
const LONGEST_HEADER = 18;

/** The bytes of `chunks`, inflated when they are gzip or Zstandard. @throws InputError on damaged or truncated compression. */
export async function* inflateIfCompressed(
  chunks: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = bytesOf(chunks);
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < LONGEST_HEADER) {
      const { done, value } = await source.next();
      if (done) break;
      // Whole pieces are passed on; shorter ones are copied, as the source may use its buffer again.
      head = head.length === 0 && value.length >= LONGEST_HEADER ? value : Uint8Array.of(...head, ...value);
    }
    if (head[0] === 0x1f && head[1] === 0x8b) {
      yield* inflate(head, source, file);
      return;
    }
    const whole = withHead(head, source);
    yield* isZstandard(head) ? unpackZstandard(whole, file) : whole;
  } finally {
    await source.return();
  }
}

async function* withHead(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  yield* rest;
}

/** Safari's ReadableStream is not async iterable, so a stream is read through its reader. */
async function* bytesOf(chunks: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (!("getReader" in chunks)) {
    yield* chunks;
    return;
  }
  const reader = chunks.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

async function* inflate(head: Uint8Array, source: AsyncGenerator<Uint8Array>, file: string | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const reader = readable.getReader();
  let sourceFailure: { readonly error: unknown } | null = null;
  const pump = async (): Promise<void> => {
    let piece = head;
    for (;;) {
      // Each write is awaited: `pipeThrough` trusts the stream's own queue, and Node's takes 16,384 pieces of any size.
      await writer.write(piece as Uint8Array<ArrayBuffer>);
      try {
        const { done, value } = await source.next();
        if (done) break;
        piece = value;
      } catch (error) {
        sourceFailure = { error };
        return writer.abort(error);
      }
    }
    return writer.close();
  };
  // What the pump fails with, the reader fails with as well, and is reported there.
  let pumpFailure: unknown;
  pump().catch((error: unknown) => (pumpFailure = error));
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } catch (error) {
    ended = true;
    const failed = sourceFailure as { readonly error: unknown } | null;
    if (failed) throw failed.error;
    const got = [error, pumpFailure].find((reason) => reason instanceof Error) as Error | undefined;
    throw new InputError("compressed file is damaged or truncated", {
      ...(file === undefined ? {} : { file }), expected: "gzip", got: got?.message ?? String(error),
    });
  } finally {
    if (!ended) await reader.cancel();
  }
}
