import type { Backend } from "../backend/backend.js";
import { CpuBackend } from "../backend/cpu/cpu-backend.js";
import { ClusterPool, type Traffic } from "./cluster-pool.js";
import { queueName } from "./jobs.js";
import { loadPackages } from "./redis.js";

export interface ClusterBackendOptions {
  /** redis://user:password@host:6379/0, or rediss:// for TLS. */
  readonly redis: string;
  /** Name of the queue, for several groups of workers on one Redis; "lather" by default. */
  readonly queue?: string | undefined;
  /** Hears when jobs wait and no worker is there; `queue` is its full name, with the versions that workers must have. */
  readonly onWaiting?: ((queue: string) => void) | undefined;
}

export interface ClusterBackend extends Backend {
  /** Jobs so far, and bytes that went to Redis and came from it. */
  readonly traffic: Traffic;
}

/**
 * A backend whose tasks run on the workers of a queue (`lather worker`), as many as there are at the time, from none on. Results have the bits of
 * `createBackend("cpu")` on one machine. Needs the npm packages bullmq and ioredis.
 * @throws InputError when a package is missing, the name of the queue is none, or Redis cannot be reached; a Redis that goes away later is waited for.
 */
export async function createClusterBackend({ redis, queue = "lather", onWaiting = () => undefined }: ClusterBackendOptions): Promise<ClusterBackend> {
  const name = queueName(queue);
  const pool = await ClusterPool.create({ packages: await loadPackages(), address: redis, queue: name, onWaiting });
  const backend = CpuBackend.over(pool, () => {
    const { workers, threads } = pool.workforce;
    return `cluster, ${workers} worker${workers === 1 ? "" : "s"} with ${threads} thread${threads === 1 ? "" : "s"}`;
  });
  return Object.defineProperty(backend, "traffic", { get: () => pool.traffic }) as CpuBackend & ClusterBackend;
}
