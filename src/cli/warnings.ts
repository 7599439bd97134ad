import type { DataWarning } from "../index.js";
import type { CommandIo } from "./command-io.js";

/** Each warning on one line of standard error, once. */
export function printWarnings(warnings: readonly DataWarning[], io: Pick<CommandIo, "stderr">): void {
  for (const text of new Set(warnings.map((warning) => warning.text))) io.stderr.write(`lather: warning: ${text}\n`);
}
