// One computation in a worker of its own. The worker ends with its result: what the page shows afterwards comes from that result alone.
import { proxy, wrap, type Remote } from "comlink";
import type { BasisJob, BasisRequest, BasisResult, Listener } from "./basis-job.js";

/** The user stopped the computation. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export interface BasisRun {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<BasisResult>;
  cancel(): void;
}

/** How long a cancelled job may take to stop by itself before its worker is ended. */
const PATIENCE_MS = 1500;

/** Chromium leaves threads behind when a worker ends while the workers that it started (the backend's) are still ending. */
const GRACE_MS = 1000;

export function startBasis(request: BasisRequest, listener: Listener): BasisRun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "optimal-basis" });
  const job: Remote<BasisJob> = wrap<BasisJob>(worker);
  let cancelled = false;
  let giveUp: (reason: Error) => void;
  const broken = new Promise<never>((_, reject) => (giveUp = reject));
  worker.addEventListener("error", (event) => {
    const place = event.filename ? ` (${event.filename.split("/").pop()}:${event.lineno})` : "";
    giveUp(new Error(`The worker stopped: ${event.message || "it could not be loaded, or ran out of memory"}${place}.`));
  });
  worker.addEventListener("messageerror", () => giveUp(new Error("The worker sent something that this page cannot read.")));
  const result = Promise.race([job.compute(request, proxy(listener)), broken])
    .catch((error: unknown) => {
      throw cancelled ? new Cancelled("cancelled") : error;
    })
    .finally(() => setTimeout(() => worker.terminate(), GRACE_MS));
  return {
    result,
    cancel() {
      if (cancelled) return;
      cancelled = true;
      void job.cancel();
      setTimeout(() => giveUp(new Cancelled("cancelled")), PATIENCE_MS);
    },
  };
}
