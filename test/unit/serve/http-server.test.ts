// Predictions over HTTP as a client sees them: the same numbers as the library's, every refusal by its status, and clients that leave.
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Evaluator } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Potential } from "../../../src/model/potential.js";
import { serveHttp, type HttpOptions } from "../../../src/serve/http-server.js";
import { PredictionQueue } from "../../../src/serve/prediction-queue.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import type { Structure } from "../../../src/structure/structure.js";
import { ethanol, hyperparameters, randomPotential, silicon } from "../backend/systems.js";

const structure = silicon(1, 0.1);
let [backend, evaluator, potential] = [null as unknown as Backend, null as unknown as Evaluator, null as unknown as Potential];
const open: { controller: AbortController; ended: Promise<void> }[] = [];

beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
  potential = await randomPotential(backend, structure, hyperparameters());
  evaluator = await backend.createEvaluator(potential);
});
afterAll(() => backend.destroy());
afterEach(async () => {
  for (const { controller, ended } of open.splice(0)) {
    controller.abort(new Error("end of the test"));
    await ended;
  }
});

async function start(options: Partial<HttpOptions> = {}): Promise<{ url: string; log: string[]; controller: AbortController; ended: Promise<void> }> {
  const controller = new AbortController();
  const log: string[] = [];
  const service = await serveHttp({
    address: { host: "127.0.0.1", port: 0 }, token: null, maxBytes: 1 << 20, potential, queue: new PredictionQueue(evaluator, 2), signal: controller.signal,
    log: (text) => log.push(text), ...options,
  });
  open.push({ controller, ended: service.ended });
  return { url: service.url, log, controller, ended: service.ended };
}

const post = (url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> => fetch(`${url}predict`, { method: "POST", body, headers });

/** With headers that `fetch` does not let through. */
function get(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => request(url, { headers }, (response: IncomingMessage) => resolve(response.resume().statusCode!)).on("error", reject).end());
}

interface Row {
  energy: number;
  forces: number[][];
  virial: number[][] | null;
  local_energy: number[];
}

const json = ({ species, positions, cell }: Structure): object => ({
  species: [...species], positions: Array.from(species, (_, atom) => [...positions.subarray(3 * atom, 3 * atom + 3)]),
  ...(cell && { cell: [0, 3, 6].map((k) => [...cell.subarray(k, k + 3)]) }),
});

async function expected(of: Structure): Promise<Row> {
  const [{ energy, forces, virial, localEnergies }] = await evaluator.predict([of]);
  const rows = (values: Float64Array): number[][] => Array.from({ length: values.length / 3 }, (_, k) => [...values.subarray(3 * k, 3 * k + 3)]);
  return { energy, forces: rows(forces!), virial: of.cell ? rows(virial!) : null, local_energy: [...localEnergies] };
}

describe("predictions", () => {
  test.each<[string, () => string]>([
    ["extended XYZ", () => formatExtxyz(structure)],
    ["JSON on a line", () => JSON.stringify(json(structure))],
    ["JSON over many lines", () => `\n${JSON.stringify(json(structure), null, 2)}\n`],
    ["a line of NDJSON", () => `${JSON.stringify(json(structure))}\n`],
  ])("%s in, the library's numbers out, to the bit", async (_, body) => {
    const { url } = await start();
    const response = await post(url, body());
    expect([response.status, response.headers.get("content-type"), response.headers.get("x-content-type-options")]).toEqual([200, "application/json; charset=utf-8", "nosniff"]);
    expect(await response.json()).toEqual(await expected(structure));
  });

  test("several structures in, as many lines out in their order; no virial without a cell", async () => {
    const { url } = await start();
    const molecule = { ...structure, cell: null, pbc: [false, false, false] as const };
    const frames = [structure, molecule, ...Array.from({ length: 300 }, (_, seed) => silicon(1, 0.1, seed + 2))];
    for (const body of [frames.map(formatExtxyz).join(""), frames.map((frame) => JSON.stringify(json(frame))).join("\n")]) {
      const response = await post(url, body);
      expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
      const rows = (await response.text()).trim().split("\n").map((line) => JSON.parse(line) as Row);
      expect(rows).toEqual(await Promise.all(frames.map(expected)));
      expect(rows[1]!.virial).toBeNull();
    }
  });

  test("many clients at a time each get their own", async () => {
    const { url } = await start();
    const frames = Array.from({ length: 20 }, (_, seed) => silicon(1, 0.1, seed + 2));
    const rows = await Promise.all(frames.map(async (frame) => (await post(url, formatExtxyz(frame))).json()));
    expect(rows).toEqual(await Promise.all(frames.map(expected)));
  });

  test("GET / tells elements, cutoff and units", async () => {
    const { url } = await start();
    const response = await fetch(url);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.json()).toMatchObject({ elements: ["Si"], cutoff: 4, units: { energy: "eV", forces: "eV/Å", virial: "eV" }, max_bytes: 1 << 20 });
  });
});

describe("what is refused", () => {
  test.each<[string, () => string | Uint8Array<ArrayBuffer>, object]>([
    ["a line of XYZ that is no atom", () => "2\n\nSi 0 0 0\nSi 0 zero 0\n", { file: "request", line: 4, structure: 0, atom: 1 }],
    ["an atom too few", () => "3\n\nSi 0 0 0\nSi 0 1 0\n", { file: "request", structure: 0 }],
    ["an element that the model does not know", () => formatExtxyz(structure) + formatExtxyz(ethanol()), { file: "request", line: 11, structure: 1, atom: 0, expected: "Si", got: "C" }],
    ["JSON that is none", () => '{"species": ["Si"],\n "positions": [[0, 0,]]}', { file: "request", line: 2 }],
    ["JSON of something else", () => '{"energy": 1}', { file: "request", line: 1, structure: 0, key: "species" }],
    ["a bad line of NDJSON", () => `${JSON.stringify(json(structure))}\n{"species": [14], "positions": [[0, 0]]}\n`, { file: "request", line: 2, structure: 1, key: "positions" }],
    ["a list", () => "[1, 2]", { file: "request", line: 1 }],
    ["nothing", () => "", {}],
    ["blanks", () => " \n \n", {}],
    ["bytes that are no text", () => Uint8Array.from([0x1f, 0x8b, 0xff]), { file: "request" }],
    ["two atoms on one site", () => "2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nSi 0 0 0\nSi 0 0 0\n", { file: "request", structure: 0 }],
    ["a cell without volume", () => "1\nLattice=\"9 0 0 9 0 0 0 0 9\"\nSi 0 0 0\n", { file: "request", structure: 0, key: "Lattice" }],
  ])("%s: 400 with the place", async (_, body, details) => {
    const { url, log } = await start();
    const response = await post(url, body());
    const { error } = (await response.json()) as { error: { message: string; what: string } };
    expect(response.status, error.message).toBe(400);
    expect(error).toMatchObject(details);
    expect(error.message).toContain(error.what);
    expect(log).toEqual([]);
  });

  test.each([["GET", "predict", 405], ["POST", "", 405], ["GET", "other", 404], ["PUT", "predict", 405]])("%s /%s: %d", async (method, path, status) => {
    const { url } = await start();
    expect((await fetch(url + path, { method })).status).toBe(status);
  });

  test("a body that is too long, announced or not: 413; one of the limit is taken", async () => {
    const text = formatExtxyz(structure);
    const { url } = await start({ maxBytes: text.length });
    expect((await post(url, text)).status).toBe(200);
    expect((await post(url, `${text}\n`)).status).toBe(413);
    // More than sockets hold: the client is still sending when it is refused.
    expect((await post(url, " ".repeat(2 ** 25))).status).toBe(413);
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of [text, text]) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const response = await fetch(`${url}predict`, { method: "POST", body: pieces, duplex: "half" } as RequestInit);
    expect([response.status, await response.json()]).toEqual([413, { error: { message: `the body is longer than ${text.length} bytes` } }]);
  });

  test("who goes on sending after a refusal is cut off", async () => {
    const { url } = await start({ maxBytes: 1000 });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    const closed = new Promise((resolve) => socket.on("data", (bytes) => (answer += bytes.toString())).on("error", () => undefined).on("close", resolve));
    socket.write("POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
    const sending = setInterval(() => socket.write(Buffer.alloc(1 << 16, " ")), 20);
    await closed;
    clearInterval(sending);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  }, 5000);

  test("a client that asks first is told before it sends", async () => {
    const { url } = await start({ maxBytes: 1000 });
    const ask = (length: number): Promise<string> => new Promise((resolve) => {
      const client = request(`${url}predict`, { method: "POST", headers: { Expect: "100-continue", "Content-Length": length } });
      client.on("continue", () => resolve("continue")).on("response", ({ statusCode }) => resolve(String(statusCode))).on("error", () => undefined);
      client.flushHeaders();
    });
    expect([await ask(900), await ask(1001)]).toEqual(["continue", "413"]);
  });

  test("a compressed body: 415", async () => {
    const { url } = await start();
    expect((await post(url, "x", { "Content-Encoding": "gzip" })).status).toBe(415);
  });

  test("the wrong token, none, or the right one in another form: 401, and the right one: 200", async () => {
    const { url } = await start({ token: "correct horse" });
    for (const headers of [{}, { Authorization: "Bearer wrong horse" }, { Authorization: "Bearer correct horse2" }, { Authorization: "Bearer " }, { Authorization: "correct horse" }, { Authorization: "Basic correct horse" }]) {
      const response = await fetch(url, { headers });
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect((await post(url, formatExtxyz(structure), headers)).status).toBe(401);
    }
    const response = await post(url, formatExtxyz(structure), { Authorization: "bearer correct horse" });
    expect(await response.json()).toEqual(await expected(structure));
  });

  test("without a token names that are not this machine's: 403", async () => {
    const { url } = await start();
    const { port } = new URL(url);
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example"]) expect(await get(url, { host }), host).toBe(403);
    for (const host of ["localhost", `localhost:${port}`, "127.0.0.1", "[::1]:80"]) expect(await get(url, { host }), host).toBe(200);
    expect(await get((await start({ token: "t" })).url, { host: "evil.example", authorization: "Bearer t" })).toBe(200);
  });

  test("other hosts without a token, an empty token, and a port that is taken: no server", async () => {
    await expect(start({ address: { host: "0.0.0.0", port: 0 } })).rejects.toThrow(/anybody on the network/);
    await expect(start({ token: "" })).rejects.toThrow(/empty token/);
    const { url } = await start();
    await expect(start({ address: { host: "127.0.0.1", port: Number(new URL(url).port) } })).rejects.toThrow(/cannot listen here: .*EADDRINUSE/);
    await start({ address: { host: "0.0.0.0", port: 0 }, token: "t" });
  });
});

describe("clients that leave, and the end", () => {
  const many = (): string => Array.from({ length: 3000 }, (_, seed) => formatExtxyz(silicon(1, 0.1, seed + 1))).join("");

  /** A queue that counts what is asked of it. */
  function counted(): { queue: PredictionQueue; count: () => number } {
    let count = 0;
    const counting: Evaluator = { ...evaluator, destroy: () => undefined, predictStream: evaluator.predictStream.bind(evaluator), predict: (structures, options) => {
      count += structures.length;
      return evaluator.predict(structures, options);
    } };
    return { queue: new PredictionQueue(counting, 1), count: () => count };
  }

  test("a client that leaves in the middle ends its work", async () => {
    const { queue, count } = counted();
    const { url, log } = await start({ queue, maxBytes: 1 << 24 });
    const leaving = new AbortController();
    const response = await fetch(`${url}predict`, { method: "POST", body: many(), signal: leaving.signal });
    leaving.abort();
    await expect(response.text()).rejects.toThrow("aborted");
    const other = await post(url, formatExtxyz(structure));
    expect(await other.json()).toEqual(await expected(structure));
    const before = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(count()).toBe(before);
    expect(before).toBeLessThan(2900);
    expect([queue.waiting, log]).toEqual([0, []]);
  });

  test("a client that leaves while it waits is told to the queue", async () => {
    const signals: AbortSignal[] = [];
    const queue = { predict: (_: unknown, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    } } as unknown as PredictionQueue;
    const { url, log } = await start({ queue });
    const leaving = new AbortController();
    const asked = fetch(`${url}predict`, { method: "POST", body: formatExtxyz(structure), signal: leaving.signal }).catch(() => "left");
    while (signals.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(signals[0]!.aborted).toBe(false);
    leaving.abort();
    expect(await asked).toBe("left");
    while (!signals[0]!.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log).toEqual([]);
  });

  test("an error after the first line is the last line, and the answer has no proper end", async () => {
    const { url } = await start({ maxBytes: 1 << 24 });
    const bad = "2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nSi 0 0 0\nSi 0 0 0\n";
    const { port } = new URL(url);
    const body = many() + bad;
    const text = await new Promise<string>((resolve) => {
      let all = "";
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("data", (bytes) => (all += bytes.toString())).on("close", () => resolve(all));
      socket.write(`POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    expect(text).toMatch(/^HTTP\/1.1 200 OK/);
    expect(text).toMatch(/\{"error":\{"message":"request:\d+, structure 3000.*\}\}\n\r\n$/);
    expect(text.endsWith("0\r\n\r\n")).toBe(false);
  });

  test("an error of the program: 500 that tells nothing, and the log has it", async () => {
    const queue = { predict: () => Promise.reject(new TypeError("a secret")) } as unknown as PredictionQueue;
    const { url, log } = await start({ queue });
    const response = await post(url, formatExtxyz(structure));
    expect([response.status, await response.json()]).toEqual([500, { error: { message: "internal error" } }]);
    expect(log).toEqual([expect.stringMatching(/POST \/predict: TypeError: a secret/)]);
  });

  test("the signal ends the server at once, whoever is connected", async () => {
    const { url, controller, ended } = await start({ maxBytes: 1 << 24 });
    const { port } = new URL(url);
    const idle = connect(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => idle.once("close", resolve).on("error", () => undefined));
    idle.write("POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf");
    // Its first lines are there, of many.
    const working = await post(url, many());
    const begin = performance.now();
    controller.abort(new Error("stop"));
    await ended;
    await closed;
    await expect(working.text()).rejects.toThrow("terminated");
    expect(performance.now() - begin).toBeLessThan(1000);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });
});
