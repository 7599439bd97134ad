/** Where a command speaks: results to `stdout`, progress and complaints to `stderr`; `signal` ends it early. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

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
