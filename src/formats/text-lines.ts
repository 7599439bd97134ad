/** Lines of a text that comes in pieces of bytes, for formats that are read line by line. */
import { InputError } from "../errors.js";

/** Bytes; a binary file without line ends is not to be read into memory whole. */
const LONGEST_LINE = 1 << 26;

/**
 * The lines without their ends ("\n" or "\r\n"), as UTF-8; the last one even if nothing ends it.
 * @throws InputError on a line beyond 64 MiB.
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array>, file?: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let line = 0;
  for await (const bytes of chunks) {
    const pieces = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = pieces.pop()!;
    for (const piece of pieces) {
      line++;
      yield piece.endsWith("\r") ? piece.slice(0, -1) : piece;
    }
    if (rest.length > LONGEST_LINE) {
      throw new InputError("line does not end", {
        ...(file !== undefined && { file }), line: line + 1, expected: `text with lines below ${LONGEST_LINE} bytes`, got: "a binary file?",
      });
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.endsWith("\r") ? rest.slice(0, -1) : rest;
}
