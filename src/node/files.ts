/** Structure files on disk: streamed in, and written so that a file is either the complete new one or the untouched old one. */
import { randomBytes } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { access, constants, open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InputError } from "../errors.js";
import { formatExtxyz, readExtxyz } from "../structure/extxyz.js";
import type { Structure } from "../structure/structure.js";

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

/**
 * The structures of an extended-XYZ file, plain or gzip, one after the other; memory does not grow with the file.
 * @throws InputError when the file cannot be read, has no structures, or is malformed (naming line and structure).
 */
export function readStructures(path: string): AsyncGenerator<Structure, void, undefined> {
  return readExtxyz(readBytes(path), { file: path });
}

async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: CHUNK })) yield bytes as Uint8Array;
  } catch (error) {
    throw explain(error, path, "cannot read the file", "a readable file");
  }
}

/** All structures of an extended-XYZ file, plain or gzip. @throws InputError as `readStructures`. */
export async function readAllStructures(path: string): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of readStructures(path)) structures.push(structure);
  return structures;
}

/** Takes what is to be written, in order; text goes out as UTF-8. */
export interface Sink {
  write(data: string | Uint8Array): Promise<void>;
}

/** Gathers small writes and remembers the first failure, so that a caller who catches it cannot make an incomplete file look complete. */
class FileSink implements Sink {
  private readonly handle: FileHandle;
  private readonly signal: AbortSignal | undefined;
  private pending: Uint8Array[] = [];
  private pendingLength = 0;
  failure: { readonly error: unknown } | null = null;

  constructor(handle: FileHandle, signal: AbortSignal | undefined) {
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
    const temporary = join(dirname(target.path), `.${basename(target.path).slice(0, 100)}.${process.pid}-${randomBytes(4).toString("hex")}.part`);
    try {
      await writeThrough(temporary, "wx", target.mode, write, options.signal);
      await rename(temporary, target.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
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
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { path: resolve(path), mode: undefined, direct: false };
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
  const handle = await open(path, flags);
  try {
    const sink = new FileSink(handle, signal);
    await write(sink);
    if (sink.failure) throw sink.failure.error;
    await sink.flush();
    if (flags === "wx") {
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    }
    signal?.throwIfAborted();
  } finally {
    await handle.close();
  }
}

/**
 * Writes structures as extended XYZ, compressed with gzip when the name ends in ".gz"; atomically, as `writeAtomically`.
 * @throws InputError as `writeAtomically`, and when a structure cannot be written in this format.
 */
export async function writeStructures(
  path: string, structures: Iterable<Structure> | AsyncIterable<Structure>, options: WriteOptions = {},
): Promise<void> {
  await writeAtomically(
    path,
    async (sink) => {
      if (!path.toLowerCase().endsWith(".gz")) {
        for await (const structure of structures) await sink.write(formatExtxyz(structure));
        return;
      }
      await pipeline(formatAll(structures), createGzip(), async (compressed: AsyncIterable<Uint8Array>) => {
        for await (const bytes of compressed) await sink.write(bytes);
      });
    },
    options,
  );
}

async function* formatAll(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string> {
  for await (const structure of structures) yield formatExtxyz(structure);
}
