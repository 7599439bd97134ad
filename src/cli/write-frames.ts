import { formatToWrite, InputError, type Structure } from "../index.js";
import { writeStructures } from "../node/index.js";
import type { CommandIo } from "./command-io.js";
import { printWarnings } from "./warnings.js";

/** @throws InputError for names of formats that are not written, or that cannot hold what a job has computed. */
export function checkFrameOutput(path: string, { computed = false } = {}): void {
  const { name, keepsData } = formatToWrite(path);
  if (!computed || keepsData) return;
  throw new InputError(`${name} holds atoms and cell alone`, {
    file: path, expected: "a name ending in .xyz, .json, .ndjson or .chemiscope.json, so that energies and forces are kept", got: name,
  });
}

/** Says on standard error what a format may leave out of the structures. */
export function warnOfLosses(path: string, names: ReadonlySet<string>, io: Pick<CommandIo, "stderr">): void {
  const { name, keepsData } = formatToWrite(path);
  if (keepsData || names.size === 0) return;
  const lost = [...names].slice(0, 8).join(", ") + (names.size > 8 ? ` and ${names.size - 8} more` : "");
  printWarnings([{ code: "data-not-written", file: path, text: `${name} does not hold everything: ${lost} may be missing in ${path}` }], io);
}

/** Writes structures in the format of the name, one in memory at a time; the file appears when it is complete. `cutoff`: of the model, Å. */
export async function writeFrames(path: string, structures: Iterable<Structure> | AsyncIterable<Structure>, io: CommandIo, cutoff?: number): Promise<void> {
  await writeStructures(path, structures, { ...io, cutoff, onWarning: (warning) => printWarnings([warning], io) });
}
