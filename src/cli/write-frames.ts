import { formatToWrite, type Structure } from "../index.js";
import { writeStructures } from "../node/index.js";
import type { CommandIo } from "./command-io.js";

/** @throws InputError for names of formats that are not written. */
export function checkFrameOutput(path: string): void {
  formatToWrite(path);
}

/** Writes structures in the format of the name, one in memory at a time; the file appears when it is complete. */
export async function writeFrames(path: string, structures: Iterable<Structure> | AsyncIterable<Structure>, io: CommandIo): Promise<void> {
  await writeStructures(path, structures, io);
}
