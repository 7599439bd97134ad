// One computation in a worker of its own: started, watched, cancelled, and kept for questions about single environments.
import { proxy } from "comlink";
import { startJob } from "../cancellable-worker.js";
import type { BasisJob, BasisRequest, BasisResult, DensityRequest, EnvironmentDensity, Listener } from "./basis-job.js";

export { Cancelled } from "../cancellable-worker.js";

export interface BasisRun {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<BasisResult>;
  cancel(): void;
  /** Text of a configuration with the first `kept` functions. */
  configuration(kept: number): Promise<string>;
  density(request: DensityRequest): Promise<EnvironmentDensity>;
  /** Ends the worker and all that it holds. */
  destroy(): void;
}

export function startBasis(request: BasisRequest, listener: Listener): BasisRun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "optimal-basis" });
  const { job, result, cancel, end } = startJob<BasisJob, BasisResult>(worker, "basis", (remote) => remote.compute(request, proxy(listener)));
  return { result, cancel, configuration: (kept) => job.configuration(kept), density: (wanted) => job.density(wanted), destroy: end };
}
