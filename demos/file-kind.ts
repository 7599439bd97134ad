// What a file is, from its beginning: a model, a configuration, structures, or something that no page can use.
import { defaultFitConfiguration, InputError, parseConfigurationText, readAnyStructures } from "lather";

export interface FileKind {
  readonly kind: "structures" | "model" | "property-model" | "configuration" | "other";
  /** "a Lather model": what follows "this is". */
  readonly words: string;
}

/** Bytes that a file is judged by. */
const HEAD = 16384;
/** A configuration is read whole to know it; larger JSON is none. */
const LARGEST_CONFIGURATION = 1 << 20;

const SIGNATURES: readonly (readonly [bytes: readonly number[], words: string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], "a PNG picture"],
  [[0xff, 0xd8, 0xff], "a JPEG picture"],
  [[0x47, 0x49, 0x46, 0x38], "a GIF picture"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF document"],
  [[0x7f, 0x45, 0x4c, 0x46], "a program"],
];

/** The first bytes, unpacked where they are gzip. */
async function readHead(file: Blob): Promise<Uint8Array> {
  const packed = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const reader = file.slice(0, HEAD).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
    }
  } catch {
    // The piece ends in the middle of the file; what came before is enough.
  }
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()).subarray(0, HEAD);
}

/** JSON with comments whose keys are those of a configuration. */
async function isConfiguration(file: Blob): Promise<boolean> {
  if (file.size > LARGEST_CONFIGURATION) return false;
  try {
    const value = parseConfigurationText(await file.text());
    const keys = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const known = [...Object.keys(defaultFitConfiguration), "terms"];
    return keys.length > 0 && keys.every((key) => known.includes(key));
  } catch {
    return false;
  }
}

/** "this looks like …" of the formats that the library knows and does not read; null for all others. */
async function refusedFormat(head: Uint8Array, name: string): Promise<string | null> {
  try {
    for await (const _ of readAnyStructures(new Blob([head as BlobPart]).stream(), { file: name })) break;
  } catch (error) {
    // The beginning alone may well be a broken file of structures.
    if (error instanceof InputError) return /^this looks like (.*), which is not read$/.exec(error.what)?.[1] ?? null;
  }
  return null;
}

/** What a file is. "structures" also stands for whatever is not known: its reader says what is wrong with it. */
export async function recognizeFile(file: File): Promise<FileKind> {
  const structures: FileKind = { kind: "structures", words: "a file of structures" };
  const head = await readHead(file);
  const signature = SIGNATURES.find(([bytes]) => bytes.every((byte, k) => head[k] === byte));
  if (signature) return { kind: "other", words: signature[1] };
  const text = new TextDecoder().decode(head);
  if (/^\s*(?:\/\/[^\n]*\n\s*)*\{/.test(text)) {
    if (/^\s*\{\s*"format"\s*:\s*"lather-restart"/.test(text)) return { kind: "other", words: "a restart file of `lather md`" };
    if (/"format"\s*:\s*"lather-model"/.test(text)) {
      return /"property"\s*:\s*\{/.test(text) ? { kind: "property-model", words: "a Lather model of a property" } : { kind: "model", words: "a Lather model" };
    }
    if (await isConfiguration(file)) return { kind: "configuration", words: "a configuration of `lather fit`" };
    return structures;
  }
  const refused = await refusedFormat(head, file.name);
  return refused === null ? structures : { kind: "other", words: refused };
}
