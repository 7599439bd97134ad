export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Why a command is ended from outside, and with which exit code: 128 and the number of the signal. */
export class Stopped extends Error {
  readonly exitCode: number;

  constructor(signal: string, exitCode: number) {
    super(`stopped by ${signal}`);
    this.exitCode = exitCode;
  }
}
