// Redis and BullMQ, which are not installed with Lather: only who works on several machines needs them.
import type * as BullMq from "bullmq";
import type { Redis } from "ioredis";
import { InputError } from "../errors.js";

export interface Packages {
  readonly bullmq: typeof BullMq;
  readonly Redis: typeof Redis;
}

/** @throws InputError where one of the packages is missing, with what to type. */
export async function loadPackages(): Promise<Packages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError("work on several machines needs two more packages", { expected: "npm install bullmq ioredis", got: (error as Error).message });
  }
}

/** The address as a message may show it. */
function withoutPassword(address: string): string {
  return address.replace(/\/\/[^@/]*@/, "//…@");
}

/**
 * Connects once to see that somebody is there; from then on lost connections are made again, and commands wait for them.
 * @param address redis://, or rediss:// for TLS, with user, password and database as ioredis reads them
 * @throws InputError on another address, or when Redis cannot be reached or refuses the password
 */
export async function connect({ Redis: Client }: Packages, address: string): Promise<Redis> {
  const shown = withoutPassword(address);
  if (!/^rediss?:\/\//.test(address) || !URL.canParse(address)) throw new InputError("no address of a Redis server", { expected: "redis://host:6379, or rediss:// for TLS", got: shown });
  let started = false;
  let reason = "";
  const redis = new Client(address, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (started ? Math.min(100 * times, 2000) : null),
  });
  // What it says is seen by whoever waits for an answer; without a listener it would end the process.
  redis.on("error", (error: Error & { readonly code?: string }) => (reason = error.message || error.code || "no answer"));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw new InputError("Redis cannot be reached", { key: shown, expected: "a server that answers", got: reason || (error as Error).message });
  }
  started = true;
  return redis;
}
