import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../index.js";

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

/** @throws InputError when the file cannot be read. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new InputError(`cannot read the ${what}: ${reason}`, { file: path });
  }
}

/**
 * Finds out before a long job what would make its output fail after it.
 * @throws InputError when the output is a folder, or its folder is absent or not writable.
 */
export async function checkOutput(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory()) throw new InputError(`cannot write: ${reasons["EISDIR"]}`, { file: path });
  // A device such as /dev/null is written itself; of a file, a new one takes the place.
  const needed = existing && !existing.isFile() ? [path] : existing ? [path, dirname(path)] : [dirname(path)];
  try {
    for (const name of needed) await access(name, constants.W_OK);
    if (!existing && !(await stat(dirname(path))).isDirectory()) throw new InputError("cannot write: its folder is not a folder", { file: path });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new InputError(`cannot write: ${reason}`, { file: path, expected: "a file that may be written, in a folder that exists" });
  }
}
