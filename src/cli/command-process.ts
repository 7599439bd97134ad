import { rmSync } from "node:fs";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";
import { exitCodes } from "./exit-codes.js";
import type { StopRequest, ThreadReport, ThreadStart } from "./thread-messages.js";

/** Milliseconds that the command has to end by itself after a signal: long enough for a step between two looks at the signal. */
const patience = 600;

/**
 * Runs the command in a thread, writes what it says, and ends it when a signal asks for that: soon, by itself where it can, and at once at a second
 * signal. No temporary file is left in either case.
 * @param program the module that the thread runs
 */
export async function superviseCommand(program: URL): Promise<void> {
  const { stdout, stderr } = process;
  const start: ThreadStart = { argv: process.argv.slice(2), isTTY: stderr.isTTY === true, columns: stderr.columns };
  let temporary: string | null = null;
  let stopping: StopRequest | null = null;
  let ended = false;
  let thread: Worker | null = null;

  const endAtOnce = (exitCode: number): void => {
    // The threads end with the process; what one of them is still writing must not outlive it.
    void Promise.race([thread?.terminate(), new Promise((resolve) => setTimeout(resolve, 200))]).finally(() => {
      if (temporary !== null) rmSync(temporary, { force: true });
      process.exit(exitCode);
    });
  };
  const fail = async (error: unknown): Promise<void> => {
    if (stopping || ended) return;
    ended = true;
    // Rarely needed, and half of the library comes with it.
    const { explain } = await import("./explain.js");
    const { text, exitCode } = explain(error);
    stderr.write(text);
    endAtOnce(exitCode);
  };
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, as in `lather config | head`, is no fault.
    if (error.code === "EPIPE") return endAtOnce(exitCodes.done);
    void fail(Object.assign(new Error(`cannot write to standard output: ${error.message}`), { code: error.code }));
  });
  // Where nobody can be told, there is nothing to tell.
  stderr.on("error", () => undefined);

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const exitCode = 128 + constants.signals[signal];
      const first = stopping === null;
      stopping ??= { signal, exitCode };
      if (!first || thread === null) return endAtOnce(stopping.exitCode);
      thread.postMessage(stopping);
      setTimeout(() => {
        stderr.write("lather: stopped in the middle of a step; nothing is half-written\n");
        endAtOnce(exitCode);
      }, patience).unref();
    });
  }

  try {
    thread = new Worker(program, { workerData: start });
  } catch (error) {
    return fail(error);
  }
  thread.on("error", (error) => void fail(error));
  thread.on("message", (message: ThreadReport) => {
    if (message.kind === "temporary") temporary = message.path;
    else if (message.kind === "end") [ended, process.exitCode] = [true, message.exitCode];
    else (message.kind === "stdout" ? stdout : stderr).write(message.text);
  });
}
