/** Names of the temporary files beside what is being written, `.NAME.HOST-PID-RANDOM.part`, and the removal of those that a killed process left. */
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Process numbers say something on their own machine only, and a folder may be shared. */
const HOST = hostname().replace(/[^A-Za-z0-9]/g, "").slice(0, 40) || "host";
const PART = /^\..*\.([A-Za-z0-9]+)-(\d+)-[0-9a-f]{8}\.part$/s;

/** Those of this process that are in use. */
const open = new Set<string>();

/** A new name in the folder of `target`; in use until `releasePart`. */
export function reservePart(target: string): string {
  const path = join(dirname(target), `.${basename(target).slice(0, 100)}.${HOST}-${process.pid}-${randomBytes(4).toString("hex")}.part`);
  open.add(path);
  return path;
}

/** Removes the file, if there is one. */
export async function releasePart(path: string): Promise<void> {
  await rm(path, { force: true });
  open.delete(path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes the temporary files in a folder whose process, of this machine, is no more. What cannot be read or removed stays. */
export async function removeStaleParts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, host, pid] = PART.exec(name) ?? [];
    const path = join(folder, name);
    // A number may have been given out again, even to this process.
    if (host !== HOST || (Number(pid) === process.pid ? open.has(path) : isAlive(Number(pid)))) continue;
    await rm(path, { force: true }).catch(() => undefined);
  }
}
