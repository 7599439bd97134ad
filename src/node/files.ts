/** Structure files on disk: streamed in, and written so that a file is either the complete new one or the untouched old one. */
import { createReadStream, type Stats } from "node:fs";
import { access, constants, open, realpath, rename, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InputError } from "../errors.js";
import type { FormatReadOptions, FormatWriteOptions } from "../formats/format.js";
import { formatToWrite, readAnyStructures } from "../formats/formats.js";
import type { Structure } from "../structure/structure.js";
import { gunzipIfCompressed } from "./gunzip.js";
import { followLinks } from "./links.js";
import { releasePart, removeStaleParts, reservePart } from "./part-files.js";
import { socketDescriptor, writeToDescriptor } from "./standard-streams.js";

const CHUNK = 1 << 18;

/** Why the system refused, in words for people who do not read errno. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder", EACCES: "permission denied", EPERM: "not permitted", EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  ENOSPC: "the disk is full", EDQUOT: "the disk quota is used up", EROFS: "the file system is read-only", EMFILE: "too many open files",
  EFBIG: "the file grows too large",
  ENAMETOOLONG: "the name is too long", EIO: "the disk reports an input/output error",
};

/** The system's refusal as an InputError naming the path; anything else unchanged. */
export function explain(error: unknown, path: string, what: string, expected: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !("syscall" in (error as object))) return error;
  const reason = REASONS[code];
  return new InputError(what, { file: path, expected, got: reason === undefined ? `${code} (${(error as Error).message})` : `${code} (${reason})` });
}

/** Elements of numbered atom types, for files that do not name elements, and what takes warnings. */
export type ReadOptions = Pick<FormatReadOptions, "species" | "onWarning">;

/**
 * The structures of a file, plain or gzip, one after the other; its format is found by content and name. Memory does not grow with the file.
 * @throws InputError when the file cannot be read, has no structures, or is malformed (naming line and structure).
 */
export function readStructures(path: string, options: ReadOptions = {}): AsyncGenerator<Structure, void, undefined> {
  return readAnyStructures(gunzipIfCompressed(readBytes(path), path), { ...options, file: path, beside: openIfThere });
}

async function openIfThere(path: string): Promise<AsyncIterable<Uint8Array> | null> {
  const there = await access(path, constants.R_OK).then(() => true, () => false);
  return there ? gunzipIfCompressed(readBytes(path), path) : null;
}

async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const fd = socketDescriptor(path);
    for await (const bytes of createReadStream(path, { highWaterMark: CHUNK, ...(fd !== null && { fd, autoClose: false }) })) yield bytes as Uint8Array;
  } catch (error) {
    throw explain(error, path, "cannot read the file", "a readable file");
  }
}

/** All structures of a file. @throws InputError as `readStructures`. */
export async function readAllStructures(path: string, options: ReadOptions = {}): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of readStructures(path, options)) structures.push(structure);
  return structures;
}

/** Takes what is to be written, in order; text goes out as UTF-8. */
export interface Sink {
  write(data: string | Uint8Array): Promise<void>;
}

/** What is written to: a file, or a descriptor that was open before and stays so. */
interface Writable extends Partial<Pick<FileHandle, "chmod" | "sync" | "close">> {
  write(bytes: Uint8Array, offset: number): Promise<{ bytesWritten: number }>;
}

/** Gathers small writes and remembers the first failure, so that a caller who catches it cannot make an incomplete file look complete. */
class FileSink implements Sink {
  private readonly handle: Writable;
  private readonly signal: AbortSignal | undefined;
  private pending: Uint8Array[] = [];
  private pendingLength = 0;
  failure: { readonly error: unknown } | null = null;

  constructor(handle: Writable, signal: AbortSignal | undefined) {
    this.handle = handle;
    this.signal = signal;
  }

  async write(data: string | Uint8Array): Promise<void> {
    this.signal?.throwIfAborted();
    if (this.failure) throw this.failure.error;
    // Bytes are copied, because the caller may reuse its buffer before the next flush.
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
    this.pending.push(bytes);
    this.pendingLength += bytes.length;
    if (this.pendingLength >= CHUNK) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingLength = 0;
    try {
      for (let offset = 0; offset < bytes.length; ) offset += (await this.handle.write(bytes, offset)).bytesWritten;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }
}

export interface WriteOptions {
  /** Aborting rejects with the signal's reason and leaves the old file as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Hears the name of the temporary file before it is made, and null when it is gone: for a process that may have to end at once. */
  readonly onTemporary?: ((path: string | null) => void) | undefined;
}

/**
 * Writes a file through a temporary one in the same folder: written, synchronized to the disk, then renamed over `path`.
 * When `write` throws, the disk is full, or the signal aborts, the temporary file is removed and what was at `path` stays.
 * Symbolic links are followed; devices and pipes are written directly.
 * @throws InputError naming the path and the reason when the system refuses; whatever `write` throws; the signal's reason.
 */
export async function writeAtomically(path: string, write: (sink: Sink) => Promise<void>, options: WriteOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    const target = await findTarget(path);
    if (target.direct) {
      await writeThrough(target.path, "w", undefined, write, options.signal);
      return;
    }
    await removeStaleParts(dirname(target.path));
    const temporary = reservePart(target.path);
    options.onTemporary?.(temporary);
    try {
      await writeThrough(temporary, "wx", target.mode, write, options.signal);
      await rename(temporary, target.path);
    } finally {
      await releasePart(temporary);
      options.onTemporary?.(null);
    }
  } catch (error) {
    throw explain(error, path, "cannot write the file", "a writable path with enough space");
  }
}

/** The file behind the path, its permissions when it exists, and whether it must be written in place because it is no ordinary file. */
async function findTarget(path: string): Promise<{ path: string; mode: number | undefined; direct: boolean }> {
  let status: Stats;
  try {
    status = await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { path: await followLinks(path), mode: undefined, direct: false };
    throw error;
  }
  if (status.isDirectory()) throw new InputError("cannot write the file", { file: path, expected: "a file name", got: "a folder" });
  // The name of a pipe behind /dev/stdout cannot be resolved, and a device must never be renamed over.
  if (!status.isFile()) return { path, mode: undefined, direct: true };
  // Renaming over a file needs no permission on the file itself; a file that its owner has protected is to stay.
  await access(path, constants.W_OK);
  return { path: await realpath(path), mode: status.mode & 0o7777, direct: false };
}

async function writeThrough(
  path: string, flags: string, mode: number | undefined, write: (sink: Sink) => Promise<void>, signal: AbortSignal | undefined,
): Promise<void> {
  const fd = socketDescriptor(path);
  const handle: Writable = fd === null ? await open(path, flags) : { write: (bytes, offset) => writeToDescriptor(fd, bytes, offset) };
  try {
    const sink = new FileSink(handle, signal);
    await write(sink);
    if (sink.failure) throw sink.failure.error;
    await sink.flush();
    if (flags === "wx") {
      if (mode !== undefined) await handle.chmod?.(mode);
      await handle.sync?.();
    }
    signal?.throwIfAborted();
  } finally {
    await handle.close?.();
  }
}

/**
 * Writes structures in the format that the name says ("POSCAR", "run.lammpstrj"; extended XYZ where it says nothing), compressed with gzip when
 * it ends in ".gz"; atomically, as `writeAtomically`.
 * @throws InputError as `writeAtomically`, and when the format is not written or a structure cannot be said in it.
 */
export async function writeStructures(
  path: string, structures: Iterable<Structure> | AsyncIterable<Structure>, options: WriteOptions & FormatWriteOptions = {},
): Promise<void> {
  const format = formatToWrite(path);
  await writeAtomically(
    path,
    async (sink) => {
      if (!path.toLowerCase().endsWith(".gz")) {
        for await (const text of format.write(structures, options)) await sink.write(text);
        return;
      }
      await pipeline(format.write(structures, options), createGzip(), async (compressed: AsyncIterable<Uint8Array>) => {
        for await (const bytes of compressed) await sink.write(bytes);
      });
    },
    options,
  );
}
