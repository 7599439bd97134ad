/** gzip (RFC 1952) recognized by its first two bytes and inflated piece by piece with the platform's DecompressionStream. */
import { InputError } from "../errors.js";

/** The bytes of `chunks`, inflated when they are gzip. @throws InputError on damaged or truncated compression. */
export async function* inflateIfCompressed(
  chunks: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = bytesOf(chunks);
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 2) {
      const { done, value } = await source.next();
      if (done) break;
      head = head.length === 0 ? value : Uint8Array.of(...head, ...value);
    }
    if (head[0] === 0x1f && head[1] === 0x8b) {
      yield* inflate(head, source, file);
      return;
    }
    if (head.length > 0) yield head;
    yield* source;
  } finally {
    await source.return();
  }
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
  let failure: { readonly error: unknown } | null = null;
  let first = true;
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (first) {
        first = false;
        controller.enqueue(head as Uint8Array<ArrayBuffer>);
        return;
      }
      try {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        failure = { error };
        throw error;
      }
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream("gzip")).getReader();
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
    const cause = failure as { readonly error: unknown } | null;
    if (cause) throw cause.error;
    throw new InputError("compressed file is damaged or truncated", {
      ...(file === undefined ? {} : { file }), expected: "gzip", got: error instanceof Error ? error.message : String(error),
    });
  } finally {
    if (!ended) await reader.cancel();
  }
}
