import type { DataWarning } from "../index.js";
import type { CommandIo } from "./command-io.js";

/** Prints a warning the first time that it comes: a file may be read twice. */
export function warnOnce(io: Pick<CommandIo, "stderr">): (warning: DataWarning) => void {
  const seen = new Set<string>();
  return (warning) => {
    if (seen.has(warning.text)) return;
    seen.add(warning.text);
    printWarnings([warning], io);
  };
}

/** Warnings that are printed when they come, the first time, and kept for --json. */
export class WarningList {
  readonly all: DataWarning[] = [];
  private readonly print: (warning: DataWarning) => void;
  private readonly texts = new Set<string>();

  constructor(io: Pick<CommandIo, "stderr">) {
    this.print = warnOnce(io);
  }

  readonly add = (warning: DataWarning): void => {
    this.print(warning);
    if (this.texts.has(warning.text)) return;
    this.texts.add(warning.text);
    this.all.push(warning);
  };
}

/** Each warning on one line of standard error, once. */
export function printWarnings(warnings: readonly DataWarning[], io: Pick<CommandIo, "stderr">): void {
  for (const text of new Set(warnings.map((warning) => warning.text))) io.stderr.write(`lather: warning: ${text}\n`);
}
