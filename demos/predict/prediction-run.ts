// Predictions in a worker of their own: started, watched, cancelled, and kept for questions about single structures.
import { proxy } from "comlink";
import { startJob } from "../cancellable-worker.js";
import type { StructureSource } from "../results.js";
import type { Listener, ModelDescription, PredictionJob, PredictionRequest, PredictionResult } from "./prediction-job.js";

export { Cancelled } from "../cancellable-worker.js";

export interface PredictionRun extends StructureSource {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<PredictionResult>;
  cancel(): void;
  /** Ends the worker and all that it holds. */
  destroy(): void;
}

function createWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "prediction" });
}

export function startPrediction(request: PredictionRequest, listener: Listener): PredictionRun {
  const { job, result, cancel, end } = startJob<PredictionJob, PredictionResult>(createWorker(), "prediction", (remote) => remote.predict(request, proxy(listener)));
  return { result, cancel, structure: (index) => job.structure(index), destroy: end };
}

/** Reads a model's file, which may have a hundred megabytes, off the page's thread. */
export async function describeModel(model: File): Promise<ModelDescription> {
  const { result, end } = startJob<PredictionJob, ModelDescription>(createWorker(), "model", (remote) => remote.describe(model));
  const description = await result;
  end();
  return description;
}
