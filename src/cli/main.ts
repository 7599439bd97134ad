#!/usr/bin/env node
// The executable: connects `lather` to the process.
import { exitCodes } from "./command-io.js";
import { enableRelaxedSimd } from "./relaxed-simd.js";
import { runCommand } from "./run-command.js";

enableRelaxedSimd();
const controller = new AbortController();
process.on("SIGINT", () => {
  // Whoever presses Ctrl-C twice does not want to wait for the end of the current step.
  if (controller.signal.aborted) process.exit(exitCodes.interrupted);
  controller.abort(new Error("interrupted"));
});
process.on("SIGTERM", () => controller.abort(new Error("terminated")));
// A reader that has seen enough, as in `lather config | head`, is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.done);
});
process.exitCode = await runCommand(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, signal: controller.signal });
