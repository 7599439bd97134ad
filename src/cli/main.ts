#!/usr/bin/env node
// The executable. The command runs in a thread of its own, so that this one hears a signal whatever the other is doing.
import { isMainThread } from "node:worker_threads";
import { enableRelaxedSimd } from "./relaxed-simd.js";

// Each thread loads what it needs of the rest.
if (isMainThread) {
  enableRelaxedSimd();
  await (await import("./command-process.js")).superviseCommand(new URL(import.meta.url));
} else await (await import("./command-thread.js")).runInThread();
