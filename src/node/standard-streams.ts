/** /dev/stdin, /dev/stdout and /dev/fd/N where these are sockets, as between two Node processes: Linux does not open a socket by its name. */
import { fstatSync, write } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const DESCRIPTORS: ReadonlyMap<string, number> = new Map([["/dev/stdin", 0], ["/dev/stdout", 1], ["/dev/stderr", 2]]);

/** The descriptor that the path names; null for any other path. */
export function descriptorOf(path: string): number | null {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d{1,4})$/.exec(path)?.[1];
  return DESCRIPTORS.get(path) ?? (number === undefined ? null : Number(number));
}

/** The descriptor to read or write in place of opening the path; null where the path can be opened. */
export function socketDescriptor(path: string): number | null {
  const fd = descriptorOf(path);
  if (fd === null) return null;
  try {
    return fstatSync(fd).isSocket() ? fd : null;
  } catch {
    return null;
  }
}

const writeSome = promisify(write);

/** Writes to a descriptor that may be set not to wait. */
export async function writeToDescriptor(fd: number, bytes: Uint8Array, offset: number): Promise<{ bytesWritten: number }> {
  for (;;) {
    try {
      return await writeSome(fd, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await setTimeout(5);
    }
  }
}
