// Datasets, plans and labels in Redis, by the hash of their bytes: sent once, however often tasks name them, also by the next command.
import type { Redis } from "ioredis";
import { InputError } from "../errors.js";
import { decode } from "./binary.js";
import { hashOf, keys, LIFETIME, Unready } from "./jobs.js";

export interface Chunk {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

export function chunkOf(bytes: Uint8Array): Chunk {
  return { hash: hashOf(bytes), bytes };
}

/** Of the leader: sends what is not there. */
export class ChunkSender {
  readonly #redis: Redis;
  /** Milliseconds at which a chunk was last known to be there, by hash. */
  readonly #sent = new Map<string, number>();
  /** Bytes that went to Redis. */
  bytes = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** @param again also what has been sent before */
  async send(chunks: readonly Chunk[], again = false): Promise<void> {
    const now = Date.now();
    // A third of the lifetime is left for the jobs that wait.
    const fresh = now - (2 / 3) * 1000 * LIFETIME.chunk;
    const due = [...new Map(chunks.map((chunk) => [chunk.hash, chunk])).values()].filter(({ hash }) => again || (this.#sent.get(hash) ?? 0) < fresh);
    await Promise.all(due.map(async ({ hash, bytes }) => {
      const key = keys.chunk(hash);
      // One that an earlier command has sent lives longer; only what is missing travels.
      if ((await this.#redis.expire(key, LIFETIME.chunk)) !== 1) {
        this.bytes += bytes.byteLength;
        await this.#redis.set(key, asBuffer(bytes), "EX", LIFETIME.chunk);
      }
      this.#sent.set(hash, now);
    }));
  }
}

/** Decoded chunks that a worker keeps, in bytes. */
const KEPT = 256 * 2 ** 20;

/** Of a worker: fetches and checks what it does not have. */
export class ChunkReader {
  readonly #redis: Redis;
  /** Oldest first. */
  readonly #values = new Map<string, { readonly value: unknown; readonly size: number }>();
  #size = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** @throws Unready where the chunk is not there, InputError where its bytes are not those of the hash or no plain data. */
  async read(hash: string): Promise<unknown> {
    const known = this.#values.get(hash);
    if (known) {
      this.#values.delete(hash);
      this.#values.set(hash, known);
      return known.value;
    }
    const bytes = await this.#redis.getBuffer(keys.chunk(hash));
    if (bytes === null) throw new Unready(`chunk ${hash} is not in Redis`);
    if (hashOf(bytes) !== hash) throw new InputError("a chunk of a job has other bytes than its hash says", { key: hash });
    const value = decode(bytes);
    if (!this.#values.has(hash)) {
      this.#values.set(hash, { value, size: bytes.byteLength });
      this.#size += bytes.byteLength;
    }
    for (const [oldest, { size }] of this.#values) {
      if (this.#size <= KEPT || oldest === hash) break;
      this.#values.delete(oldest);
      this.#size -= size;
    }
    return value;
  }
}

/** The bytes as ioredis takes them, without a copy. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
