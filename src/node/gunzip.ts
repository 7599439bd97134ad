/** gzip (RFC 1952), recognized by its first two bytes, with Node's zlib: unlike the platform's DecompressionStream it takes files of several members. */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../errors.js";

/**
 * The bytes of `chunks`, inflated when they are gzip; errors of the source pass unchanged.
 * @throws InputError on damaged or truncated compression. Zeros behind the last member are padding.
 */
export async function* gunzipIfCompressed(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let sourceFailure: { readonly error: unknown } | null = null;
  async function* whole(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let bytes: Uint8Array | undefined = head; bytes !== undefined; ) {
        if (bytes.length > 0) yield bytes;
        const next: IteratorResult<Uint8Array> = await source.next();
        bytes = next.done === true ? undefined : next.value;
      }
    } catch (error) {
      sourceFailure = { error };
      throw error;
    } finally {
      await source.return?.();
    }
  }
  while (head.length < 2) {
    const { done, value } = await source.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip();
  const input = Readable.from(whole(), { objectMode: false });
  input.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const bytes of input.pipe(gunzip)) yield bytes as Uint8Array;
  } catch (error) {
    const failed = sourceFailure as { readonly error: unknown } | null;
    throw failed ? failed.error : new InputError("compressed file is damaged or truncated", { file, expected: "gzip", got: (error as Error).message });
  } finally {
    input.destroy();
  }
}
