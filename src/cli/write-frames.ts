import { formatExtxyz, InputError, type Structure } from "../index.js";
import { writeAtomically } from "../node/index.js";
import type { CommandIo } from "./command-io.js";

/** @throws InputError for names that promise a compressed file. */
export function checkFrameOutput(path: string): void {
  if (/\.gz$/i.test(path)) throw new InputError("structures are written as plain text", { file: path, expected: "a name without .gz", got: path });
}

/** Writes structures as extended XYZ, one in memory at a time; the file appears when it is complete. */
export async function writeFrames(path: string, structures: Iterable<Structure> | AsyncIterable<Structure>, io: CommandIo): Promise<void> {
  await writeAtomically(
    path,
    async (sink) => {
      for await (const structure of structures) await sink.write(formatExtxyz(structure));
    },
    io,
  );
}
