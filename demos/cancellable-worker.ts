// A job in a worker of its own that can be cancelled, and that fails in words when the worker itself breaks down.
import { wrap, type Remote } from "comlink";

/** The user stopped the job. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export interface CancellableWorker<Job, Result> {
  readonly job: Remote<Job>;
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<Result>;
  cancel(): void;
  /** Ends the worker and all that it holds. */
  end(): void;
}

/** How long a cancelled job may take to stop by itself before it is given up. */
const PATIENCE_MS = 3000;
/** The worker's own workers (the backend's) are just ending; one that is terminated before them leaves their threads behind in Chromium. */
const GRACE_MS = 1000;

/** Starts the job of a worker. A job that fails or is cancelled ends its worker. `name` is the job in messages: "training". */
export function startJob<Job extends { cancel(): void }, Result>(worker: Worker, name: string, start: (job: Remote<Job>) => Promise<Result>): CancellableWorker<Job, Result> {
  const job = wrap<Job>(worker);
  const end = (): void => void setTimeout(() => worker.terminate(), GRACE_MS);
  let cancelled = false;
  let giveUp: (reason: Error) => void;
  const broken = new Promise<never>((_, reject) => (giveUp = reject));
  worker.addEventListener("error", (event) => {
    const place = event.filename ? ` (${event.filename.split("/").pop()}:${event.lineno})` : "";
    giveUp(new Error(`The ${name} worker stopped: ${event.message || "it could not be loaded, or ran out of memory"}${place}.`));
  });
  worker.addEventListener("messageerror", () => giveUp(new Error(`The ${name} worker sent something that this page cannot read.`)));
  const result = Promise.race([start(job), broken]).catch((error: unknown) => {
    end();
    throw cancelled ? new Cancelled("cancelled") : error;
  });
  return {
    job,
    result,
    cancel() {
      if (cancelled) return;
      cancelled = true;
      void (job as Remote<{ cancel(): void }>).cancel();
      setTimeout(() => giveUp(new Cancelled("cancelled")), PATIENCE_MS);
    },
    end,
  };
}
