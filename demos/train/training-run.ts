// One training in a worker of its own: started, watched, cancelled, and kept for questions about its structures.
import { proxy } from "comlink";
import { startJob } from "../cancellable-worker.js";
import type { PredictedStructure, StructureSource } from "../results.js";
import type { Listener, TrainingJob, TrainingRequest, TrainingResult } from "./training-job.js";

export { Cancelled } from "../cancellable-worker.js";

export interface TrainingRun extends StructureSource {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<TrainingResult>;
  cancel(): void;
  structure(index: number): Promise<PredictedStructure>;
  /** Ends the worker and all that it holds. */
  destroy(): void;
}

export function startTraining(request: TrainingRequest, listener: Listener): TrainingRun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" });
  const { job, result, cancel, end } = startJob<TrainingJob, TrainingResult>(worker, "training", (remote) => remote.train(request, proxy(listener)));
  return { result, cancel, structure: (index) => job.structure(index), destroy: end };
}
