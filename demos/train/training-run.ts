// One training in a worker of its own: started, watched, cancelled, and kept for questions about its structures.
import { proxy, wrap, type Remote } from "comlink";
import type { Listener, StructureErrors, TrainingJob, TrainingRequest, TrainingResult } from "./training-job.js";

/** The user stopped the training. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export interface TrainingRun {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<TrainingResult>;
  cancel(): void;
  structure(index: number): Promise<StructureErrors>;
  /** Ends the worker and all that it holds. */
  destroy(): void;
}

/** How long a cancelled job may take to stop by itself before its worker is ended. */
const PATIENCE_MS = 3000;
/** The worker's own workers are just ending then; a worker that is terminated before they are leaves their threads behind in Chromium. */
const GRACE_MS = 1000;

export function startTraining(request: TrainingRequest, listener: Listener): TrainingRun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" });
  const job: Remote<TrainingJob> = wrap<TrainingJob>(worker);
  const end = (): void => void setTimeout(() => worker.terminate(), GRACE_MS);
  let cancelled = false;
  let giveUp: (reason: Error) => void;
  const broken = new Promise<never>((_, reject) => (giveUp = reject));
  worker.addEventListener("error", (event) => {
    const place = event.filename ? ` (${event.filename.split("/").pop()}:${event.lineno})` : "";
    giveUp(new Error(`The training worker stopped: ${event.message || "it could not be loaded, or ran out of memory"}${place}.`));
  });
  worker.addEventListener("messageerror", () => giveUp(new Error("The training worker sent something that this page cannot read.")));

  const result = Promise.race([job.train(request, proxy(listener)), broken]).catch((error: unknown) => {
    end();
    throw cancelled ? new Cancelled("cancelled") : error;
  });
  return {
    result,
    cancel() {
      if (cancelled) return;
      cancelled = true;
      void job.cancel();
      setTimeout(() => giveUp(new Cancelled("cancelled")), PATIENCE_MS);
    },
    structure: (index) => job.structure(index),
    destroy: end,
  };
}
