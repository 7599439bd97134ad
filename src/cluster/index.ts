/** Several machines over BullMQ on Redis: the same backend, the same bits. For Node; the packages bullmq and ioredis are the user's to install. */
export { createClusterBackend, type ClusterBackend, type ClusterBackendOptions } from "./create-cluster-backend.js";
export { runClusterWorker, type ClusterWorkerOptions } from "./cluster-worker.js";
export type { Traffic } from "./cluster-pool.js";
