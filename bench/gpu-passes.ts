// The passes of a job on the GPU: the times of one repetition, and what was counted for them.
import type { Backend } from "../src/index.js";
import { GpuBackend } from "../src/backend/gpu/gpu-backend.js";
import type { PassTime } from "../src/backend/gpu/pass-timer.js";
import type { PassCounts } from "./gpu-operations.js";
import type { PassReport } from "./result.js";

export interface PassBudget {
  readonly threads: number;
  /** Without timestamps there are counts alone. */
  readonly timestamps: boolean;
  readonly repetitions: number;
}

/** A GPU backend that times its passes. */
export function createTimedBackend(threads: number): Promise<GpuBackend> {
  return GpuBackend.create({ acceptSoftware: true, threads, timePasses: true });
}

/** Of the repetition whose passes took the least time. `prepare` makes what is to be repeated. */
export async function measurePasses(
  { threads, timestamps, repetitions }: PassBudget, counts: PassCounts, prepare: (backend: Backend) => Promise<() => Promise<unknown>>,
): Promise<PassReport[]> {
  if (!timestamps) return reportPasses(null, counts);
  const backend = await createTimedBackend(threads);
  try {
    const run = await prepare(backend);
    await run();
    await backend.readPassTimes();
    let best: ReadonlyMap<string, PassTime> | null = null;
    for (let k = 0; k < repetitions; k++) {
      await run();
      const times = await backend.readPassTimes();
      if (best === null || total(times) < total(best)) best = times;
    }
    return reportPasses(best, counts);
  } finally {
    backend.destroy();
  }
}

function total(times: ReadonlyMap<string, PassTime>): number {
  return [...times.values()].reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Passes that were timed, in their order, and those that were only counted. A pass that nobody has counted has its time alone. */
export function reportPasses(times: ReadonlyMap<string, PassTime> | null, counts: PassCounts): PassReport[] {
  const names = times ? [...times.keys()] : [...counts.keys()];
  return names.map((name) => {
    const [time, count] = [times?.get(name), counts.get(name)];
    const dispatches = time?.dispatches ?? null;
    return {
      name, dispatches, ms: time ? 1000 * time.seconds : null,
      operations: count?.operations ?? null,
      bytes: count ? count.bytes + count.resident * (dispatches ?? 1) : null,
    };
  });
}
