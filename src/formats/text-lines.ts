/** Lines of a text that comes in pieces of bytes, for formats that are read line by line. */
import { InputError } from "../errors.js";
import { decodeText } from "../structure/text-encoding.js";

/** Bytes; a binary file without line ends is not to be read into memory whole. */
const LONGEST_LINE = 1 << 26;

const NEWLINE = 10;

/**
 * The lines without their ends ("\n" or "\r\n"), as UTF-8 or, a line that is not, as Windows-1252; the last one even if nothing ends it.
 * @throws InputError on a line beyond 64 MiB.
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array>, file?: string): AsyncGenerator<string, void, undefined> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let line = 0;
  for await (const bytes of chunks) {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      for (const text of linesOf(joined([...pieces, bytes.subarray(0, end - 1)]))) {
        line++;
        yield text;
      }
      [pieces, length] = [[], 0];
    }
    // Copied, as the source may use its buffer again (`slice` of a Buffer would not).
    if (end < bytes.length) pieces.push(new Uint8Array(bytes.subarray(end)));
    length += bytes.length - end;
    if (length > LONGEST_LINE) {
      throw new InputError("line does not end", {
        ...(file !== undefined && { file }), line: line + 1, expected: `text with lines below ${LONGEST_LINE} bytes`, got: "a binary file?",
      });
    }
  }
  if (length > 0) yield* linesOf(joined(pieces));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}

/** The lines of a block at once, which is several times faster; one after the other only where one of them is not UTF-8. */
function linesOf(block: Uint8Array): string[] {
  const { text, foreign } = decodeText(block);
  const lines = foreign ? split(block).map((bytes) => decodeText(bytes).text) : text.split("\n");
  return lines.map((content) => (content.endsWith("\r") ? content.slice(0, -1) : content));
}

function split(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let begin = 0;
  for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, begin)) {
    lines.push(block.subarray(begin, end));
    begin = end + 1;
  }
  lines.push(block.subarray(begin));
  return lines;
}
