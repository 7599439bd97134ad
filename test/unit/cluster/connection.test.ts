// Addresses, passwords, TLS, and what is missing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { createClusterBackend, runClusterWorker } from "../../../src/cluster/index.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { silicon } from "../backend/systems.js";
import { withExecutable } from "../cli/executable.js";
import { lather, temporaryFolder } from "../cli/run.js";
import { describeCluster, RedisServer } from "./redis-server.js";

const signal = new AbortController().signal;

test("what is no address, no queue, no number of threads, or nobody's, is an InputError", async () => {
  const refused = { name: "InputError" };
  await expect(createClusterBackend({ redis: "http://127.0.0.1" })).rejects.toMatchObject({ ...refused, message: expect.stringContaining("redis://host:6379") });
  await expect(createClusterBackend({ redis: "redis://127.0.0.1", queue: "a b" })).rejects.toMatchObject(refused);
  await expect(runClusterWorker({ redis: "redis://127.0.0.1", threads: 0, signal })).rejects.toMatchObject(refused);
  await expect(runClusterWorker({ redis: "redis://127.0.0.1", patience: 0, signal })).rejects.toMatchObject(refused);
  await expect(runClusterWorker({ redis: "redis://127.0.0.1", kernels: "odd" as "plain", signal })).rejects.toMatchObject(refused);
  // The password of an address is not shown.
  await expect(createClusterBackend({ redis: "redis://me:secret@127.0.0.1:1" })).rejects.toMatchObject({ ...refused, message: expect.not.stringContaining("secret") });
  await expect(runClusterWorker({ redis: "redis://127.0.0.1:1", signal })).rejects.toMatchObject({ ...refused, message: expect.stringContaining("ECONNREFUSED") });
});

test("without the packages the message says what to type", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lather-cluster-"));
  const outfile = join(folder, "cluster.mjs");
  try {
    await build({ entryPoints: [fileURLToPath(new URL("../../../src/cluster/index.ts", import.meta.url))], bundle: true, outfile, format: "esm", platform: "node", external: ["bullmq", "ioredis"] });
    const program = `import { createClusterBackend } from ${JSON.stringify(pathToFileURL(outfile).href)}; await createClusterBackend({ redis: "redis://127.0.0.1:1" }).catch(({ name, message }) => console.log(name, message));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: folder, encoding: "utf8" });
    expect(stdout).toMatch(/^InputError .*npm install bullmq ioredis/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const folder = temporaryFolder();

test("options that say nothing on a cluster are wrong usage", async () => {
  const structures = join(folder, "in.xyz");
  writeFileSync(structures, formatExtxyz(silicon(1, 0.1)));
  const features = (...options: string[]) => lather(["features", structures, "--out", join(folder, "out.npz"), ...options]);
  for (const [words, ...odd] of [["--threads", "--threads", "2"], ["--backend", "--backend", "auto"]]) {
    expect(await features("--cluster", "redis://127.0.0.1:1", ...odd)).toMatchObject({ code: 2, stderr: expect.stringContaining(`"${words}"`) });
  }
  expect(await features("--queue-name", "x")).toMatchObject({ code: 2, stderr: expect.stringContaining("--cluster beside it") });
  expect(await features("--cluster", "redis://127.0.0.1:1")).toMatchObject({ code: 2, stderr: expect.stringContaining("ECONNREFUSED") });
  expect(await lather(["worker"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--queue") });
  expect((await features("--help")).stdout).toContain("--cluster <url>");
});

describeCluster("connections of a cluster", () => {
  const command = withExecutable();

  async function compute(server: RedisServer, url: string, env: Record<string, string>): Promise<void> {
    const [structures, out] = [join(folder, "in.xyz"), join(folder, "out.npz")];
    writeFileSync(structures, formatExtxyz(silicon(1, 0.1)));
    Object.assign(process.env, env);
    try {
      const worker = command.start(["worker", "--queue", url, "--threads", "1"]);
      await worker.heard("works for queue");
      const leader = await command.start(["features", structures, "--out", out, "--cluster", url, "--json"]).ended;
      expect(leader, leader.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(leader.stdout)).toMatchObject({ description: expect.stringMatching(/^cluster, 1 worker with 1 thread/), atoms: 8 });
      worker.child.kill("SIGTERM");
      expect((await worker.ended).code).toBe(143);
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
      await server.destroy();
    }
  }

  test("with a password, which the environment knows", async () => {
    const server = await RedisServer.create("--requirepass", "s3:c/r@t");
    await expect(createClusterBackend({ redis: server.url })).rejects.toMatchObject({ name: "InputError", message: expect.stringContaining("NOAUTH") });
    await compute(server, server.url, { LATHER_REDIS_PASSWORD: "s3:c/r@t" });
  });

  test("over TLS, with a certificate of one's own", async () => {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const made = spawnSync("openssl", [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", certificate,
      "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
    ], { encoding: "utf8" });
    expect(made.status, made.stderr).toBe(0);
    const server = await RedisServer.createWithTls(certificate, key);
    // Nobody has said that this certificate is good.
    await expect(createClusterBackend({ redis: server.url })).rejects.toMatchObject({ name: "InputError", message: expect.stringContaining("self") });
    await compute(server, server.url, { NODE_EXTRA_CA_CERTS: certificate });
  });
});
