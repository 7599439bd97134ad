import { descriptorOf } from "../node/standard-streams.js";

/** Where a command speaks: results to `stdout`, progress and complaints to `stderr`; `signal` ends it early. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: {
    write(text: string): unknown;
    readonly isTTY?: boolean | undefined;
    /** The stream behind it, on which a progress bar moves the cursor. */
    readonly terminal?: NodeJS.WritableStream | undefined;
  };
  readonly signal: AbortSignal;
  /** Hears of temporary files, as `WriteOptions` says. */
  readonly onTemporary?: ((path: string | null) => void) | undefined;
}

/** `io` with its reports on standard error where an output of the command goes to standard output. */
export function reportingBeside(io: CommandIo, outputs: readonly (string | undefined)[]): CommandIo {
  return outputs.some((path) => path !== undefined && descriptorOf(path) === 1) ? { ...io, stdout: io.stderr } : io;
}

/** One JSON object on standard output. */
export function writeJson(io: CommandIo, value: object): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Largest resident memory of this process so far, workers included, in MB (10⁶ bytes). */
export function peakMemory(): number {
  // Kibibytes on every platform since Node 14.
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e5) / 10;
}

/** A job was stopped by the signal and has kept what it had: the message says where. */
export class StoppedRun extends Error {}
