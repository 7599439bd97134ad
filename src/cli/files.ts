import { constants, createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../index.js";
import { followLinks } from "../node/links.js";
import { socketDescriptor } from "../node/standard-streams.js";

/** What a system error code means to the person who named the file; undefined for codes that are not about the name. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
};

/** The reason in words when an error is the system's answer to a wrong file name. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? reasons[String(error.code)] : undefined;
}

/** Bytes of a text, which has to fit into one string of the engine. */
export const LONGEST_TEXT = 2 ** 29 - 2 ** 20;

/**
 * All bytes of a file, which may be a pipe. Ends early where the beginning shows that the rest is not worth reading.
 * @param accept what the first piece has to be, else the expectation that it fails
 * @throws InputError when the file cannot be read, is refused by `accept`, or longer than `limit`.
 */
export async function readBytes(path: string, what: string, limit: number, accept: (first: Uint8Array) => string | null): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    const fd = socketDescriptor(path);
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18, ...(fd !== null && { fd, autoClose: false }) })) {
      const expected = length === 0 ? accept(bytes as Uint8Array) : null;
      if (expected !== null) throw new InputError(`cannot read the ${what}`, { file: path, line: 1, expected, got: "binary data" });
      length += (bytes as Uint8Array).length;
      if (length > limit) throw new InputError(`cannot read the ${what}: the file is too long`, { file: path, expected: `at most ${Math.floor(limit / 1e6)} MB`, got: "more" });
      pieces.push(bytes as Uint8Array);
    }
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new InputError(`cannot read the ${what}: ${reason}`, { file: path });
  }
  return Buffer.concat(pieces, length);
}

/** @throws InputError when the file cannot be read, is no text in UTF-8, or longer than a string can be. */
export async function readText(path: string, what: string): Promise<string> {
  // A device that never ends, such as /dev/zero, is not read on, nor is a text in UTF-16.
  const bytes = await readBytes(path, what, LONGEST_TEXT, (first) => (first.includes(0) ? "a text in UTF-8" : null));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`cannot read the ${what}`, { file: path, expected: "a text in UTF-8", got: "other bytes" });
  }
}

/** What a command reads and writes, by the option or argument that names it. */
export interface NamedFiles {
  readonly inputs: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly outputs: Readonly<Record<string, string | undefined>>;
}

/** What two names of one file have in common: device and inode, or the path that links end at where there is no file yet. Null for devices and pipes. */
async function identityOf(path: string): Promise<string | null> {
  const status = await stat(path, { bigint: true }).catch(() => null);
  if (status === null) return followLinks(path);
  return status.isFile() ? `${status.dev}:${status.ino}` : null;
}

/**
 * Finds out before a long job what would make its outputs fail after it, or destroy what was read.
 * @throws InputError when an output is an input or another output (by path, symbolic or hard link), is a folder, or may not be written.
 */
export async function checkFiles({ inputs, outputs }: NamedFiles): Promise<void> {
  const known = new Map<string, string>();
  for (const [name, given] of Object.entries(inputs)) {
    for (const path of typeof given === "string" ? [given] : (given ?? [])) {
      const identity = await identityOf(path);
      if (identity !== null) known.set(identity, `${name} ${path}`);
    }
  }
  for (const [name, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const identity = await identityOf(path);
    const other = identity === null ? undefined : known.get(identity);
    if (other !== undefined) throw new InputError("this would write over another file of the command", { file: path, key: name, expected: "a file of its own", got: `that of ${other}` });
    if (identity !== null) known.set(identity, `${name} ${path}`);
    await checkOutput(path);
  }
}

/**
 * Finds out before a long job what would make its output fail after it.
 * @throws InputError when the output is a folder, or its folder is absent or not writable.
 */
async function checkOutput(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  // Where a link leads to nothing yet, the file is made there.
  const folder = dirname(await followLinks(path));
  if (existing?.isDirectory()) throw new InputError(`cannot write: ${reasons["EISDIR"]}`, { file: path });
  // A device such as /dev/null is written itself; of a file, a new one takes the place.
  const needed = existing && !existing.isFile() ? [path] : existing ? [path, folder] : [folder];
  try {
    for (const name of needed) await access(name, constants.W_OK);
    if (!existing && !(await stat(folder)).isDirectory()) throw new InputError("cannot write: its folder is not a folder", { file: path });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new InputError(`cannot write: ${reason}`, { file: path, expected: "a file that may be written, in a folder that exists" });
  }
}
