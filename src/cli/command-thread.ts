import { parentPort, workerData } from "node:worker_threads";
import { Stopped } from "./exit-codes.js";
import { runCommand } from "./run-command.js";
import type { StopRequest, ThreadReport, ThreadStart } from "./thread-messages.js";

/** Runs the command in this thread; the process writes what it says and tells it when to stop. */
export async function runInThread(): Promise<void> {
  const port = parentPort!;
  const { argv, isTTY, columns } = workerData as ThreadStart;
  const report = (message: ThreadReport): void => port.postMessage(message);
  const stream = (kind: "stdout" | "stderr") => ({
    write: (text: string): boolean => {
      report({ kind, text });
      return true;
    },
  });
  const controller = new AbortController();
  port.on("message", ({ signal, exitCode }: StopRequest) => controller.abort(new Stopped(signal, exitCode)));
  // Listening alone is no reason to live.
  port.unref();
  const exitCode = await runCommand(argv, {
    stdout: stream("stdout"),
    stderr: { ...stream("stderr"), isTTY, columns } as { write(text: string): boolean },
    signal: controller.signal,
    onTemporary: (path) => report({ kind: "temporary", path }),
  });
  report({ kind: "end", exitCode });
}
