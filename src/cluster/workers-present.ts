// Who works for a queue: each worker keeps a key alive as long as it lives.
import type { Redis } from "ioredis";
import { keys } from "./jobs.js";

export interface Workforce {
  readonly workers: number;
  /** Jobs that they take at a time. */
  readonly slots: number;
  readonly threads: number;
}

export async function countWorkers(redis: Redis, queue: string): Promise<Workforce> {
  const ids = await redis.smembers(keys.workers(queue));
  const found = ids.length === 0 ? [] : await redis.mget(ids.map((id) => keys.worker(queue, id)));
  const gone = ids.filter((_, index) => found[index] === null);
  if (gone.length > 0) await redis.srem(keys.workers(queue), ...gone);
  let [workers, slots, threads] = [0, 0, 0];
  for (const text of found) {
    const match = /^(\d{1,4}) (\d{1,4})$/.exec(text ?? "");
    if (!match) continue;
    workers++;
    slots += Number(match[1]);
    threads += Number(match[2]);
  }
  return { workers, slots, threads };
}
