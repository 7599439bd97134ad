// One computation in a worker of its own. The worker ends with its result: what the page shows afterwards comes from that result alone.
import { proxy } from "comlink";
import { startJob } from "../cancellable-worker.js";
import type { BasisJob, BasisRequest, BasisResult, Listener } from "./basis-job.js";

export { Cancelled } from "../cancellable-worker.js";

export interface BasisRun {
  /** Rejects with Cancelled, with the library's errors, or with an Error when the worker itself broke down. */
  readonly result: Promise<BasisResult>;
  cancel(): void;
}

export function startBasis(request: BasisRequest, listener: Listener): BasisRun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "optimal-basis" });
  const { result, cancel, end } = startJob<BasisJob, BasisResult>(worker, "basis", (remote) => remote.compute(request, proxy(listener)));
  void result.then(end, () => undefined);
  return { result, cancel };
}
