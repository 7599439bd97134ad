// A Redis of the tests' own, on a free port of this machine and in its own folder, and workers as processes.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, test } from "vitest";

const program = "redis-server";
const hasRedis = spawnSync(program, ["--version"]).status === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export class RedisServer {
  readonly url: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "lather-redis-"));
  readonly #options: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, options: readonly string[], protocol = "redis") {
    this.#port = port;
    this.#options = options;
    this.url = `${protocol}://127.0.0.1:${port}`;
  }

  static async create(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  static async createWithTls(certificate: string, key: string): Promise<RedisServer> {
    const port = await freePort();
    const options = ["--port", "0", "--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"];
    const server = new RedisServer(port, options, "rediss");
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.#child = spawn(program, [
      "--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always", ...this.#options,
    ], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      this.#child!.stdout!.on("data", (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes("Ready to accept connections")) resolve();
      });
      this.#child!.on("close", () => reject(new Error(said)));
    });
  }

  client(): Redis {
    return new Redis(this.url, { maxRetriesPerRequest: null });
  }

  /** As a machine that loses its power does. */
  async kill(): Promise<void> {
    const ended = once(this.#child!, "exit");
    this.#child!.kill("SIGKILL");
    await ended;
  }

  async destroy(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The tests where there is a Redis, which take long on a busy machine, being several processes; their absence by name elsewhere. */
export function describeCluster(name: string, suite: () => void): void {
  if (hasRedis) return void describe(name, { timeout: 90_000 }, suite);
  const title = `ABSENT: ${name} (redis-server not found)`;
  process.stderr.write(`${title}\n`);
  test(title, () => undefined);
}
