/**
 * Predictions over HTTP. GET / tells what the model knows; POST /predict takes structures (request-body.ts) and answers
 *
 *   {"energy": eV, "forces": [[x, y, z] eV/Å, …], "virial": [[…], […], […]] eV or null without periodic axes, "local_energy": [eV, …]}
 *
 * as one JSON object, or for several structures as NDJSON, line by line as they are done. Input is checked as a whole before the first line.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Prediction } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { checkSpecies } from "../features/feature-layout.js";
import { rowsOf } from "../formats/ndjson.js";
import { cutoffOf } from "../model/cutoff-of.js";
import type { Potential } from "../model/potential.js";
import { latherVersion } from "../model/version.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { checkAccess, checkExposure, type HttpAddress } from "./http-access.js";
import { errorBody, HttpRefusal, statusOf } from "./http-errors.js";
import type { PredictionQueue } from "./prediction-queue.js";
import { parseRequest } from "./request-body.js";

/** Atoms of the structures that are predicted in one turn: enough for all threads, few enough for others to come soon. */
const TURN_ATOMS = 1024;
const MOST_CONNECTIONS = 64;
/** Milliseconds for a client to send the rest of what was refused, so that it hears the answer. */
const DRAIN = 1000;

export interface HttpOptions {
  readonly address: HttpAddress;
  /** What the header `Authorization: Bearer …` has to say; null lets everybody on this machine ask. */
  readonly token: string | null;
  /** Longest body in bytes. */
  readonly maxBytes: number;
  readonly potential: Potential;
  readonly queue: PredictionQueue;
  readonly signal: AbortSignal;
  /** Hears of errors that are the server's own. */
  readonly log: (text: string) => void;
}

/** A server that listens. */
export interface HttpService {
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
  /** Fulfilled when the signal has ended the server and its connections. */
  readonly ended: Promise<void>;
}

/** @throws InputError where the address cannot be listened on, or is open to others without a token. */
export async function serveHttp(options: HttpOptions): Promise<HttpService> {
  const { address, token, signal } = options;
  checkExposure(address, token);
  signal.throwIfAborted();
  const server = createServer((request, response) => void answer(request, response, options));
  // Who asks before sending a long body is told before sending it; what is refused stays where it is.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => void answer(request, response, options));
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, address);
  const ended = new Promise<void>((resolve) => server.once("close", resolve));
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  signal.addEventListener("abort", stop, { once: true });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}/`, ended };
}

function listen(server: Server, { host, port }: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new InputError("cannot listen here", { key: `${host}:${port}`, expected: "a free port of this machine", got: error.code ?? error.message }));
    });
    server.listen(port, host, resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort(new Error("the client has gone")));
  // A connection that breaks says so by `close` as well; without a listener it would end the process.
  for (const stream of [request, response]) stream.on("error", () => undefined);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Cache-Control", "no-store");
  try {
    checkAccess(request, options.token);
    await respond(request, response, options, AbortSignal.any([left.signal, options.signal]));
  } catch (error) {
    if (left.signal.aborted || options.signal.aborted) return;
    if (statusOf(error) === 500) options.log(`${request.method} ${request.url}: ${(error instanceof Error && error.stack) || String(error)}`);
    if (response.headersSent) return breakOff(response, error);
    if (error instanceof HttpRefusal) for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    if (!request.complete) refuseRest(request, response);
    sendJson(response, statusOf(error), errorBody(error));
  }
}

/** Takes what is still coming and forgets it, for a while: a client that is still sending would not hear the answer over a closed connection. */
function refuseRest(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Connection", "close");
  request.resume();
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), DRAIN);
  socket.once("close", () => clearTimeout(timer));
}

/** In the middle of an answer an error is its last line, and the connection ends without the mark of a complete answer. */
function breakOff(response: ServerResponse, error: unknown): void {
  response.write(`${JSON.stringify(errorBody(error))}\n`, () => response.socket?.destroySoon());
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(`${JSON.stringify(body)}\n`);
}

async function respond(request: IncomingMessage, response: ServerResponse, options: HttpOptions, signal: AbortSignal): Promise<void> {
  const path = (request.url ?? "").split("?")[0];
  const allow = path === "/" ? "GET" : path === "/predict" ? "POST" : null;
  if (allow === null) throw new HttpRefusal(404, "there are GET / and POST /predict");
  if (request.method !== allow) throw new HttpRefusal(405, `${path} is for ${allow}`, { Allow: allow });
  if (path === "/") return sendJson(response, 200, describe(options));
  const structures = parseRequest(await readBody(request, response, options.maxBytes));
  structures.forEach((structure, index) => checkSpecies(structure, options.potential.species, index));
  await predictAll(response, structures, options.queue, signal);
}

/** What GET / tells. */
function describe({ potential, maxBytes }: HttpOptions): object {
  const { species } = potential;
  return {
    lather: latherVersion, elements: species.map(symbolOf), cutoff: cutoffOf(potential),
    units: { cutoff: "Å", positions: "Å", cell: "Å", energy: "eV", forces: "eV/Å", virial: "eV", local_energy: "eV" },
    predict: "POST extended XYZ, or JSON {species, positions, cell, pbc}, to /predict", max_bytes: maxBytes,
  };
}

async function readBody(request: IncomingMessage, response: ServerResponse, maxBytes: number): Promise<Uint8Array> {
  const tooLong = new HttpRefusal(413, `the body is longer than ${maxBytes} bytes`);
  const encoding = request.headers["content-encoding"] ?? "identity";
  // A short body may inflate to any length.
  if (encoding !== "identity") throw new HttpRefusal(415, `the body is compressed (${encoding})`, { "Accept-Encoding": "identity" });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLong;
  if (request.headers.expect !== undefined) response.writeContinue();
  const pieces: Uint8Array[] = [];
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    // Not the request as an iterable: leaving that would destroy the connection, and with it the answer.
    request.on("data", (bytes: Uint8Array) => {
      length += bytes.length;
      if (length > maxBytes) {
        request.removeAllListeners("data");
        reject(tooLong);
      } else pieces.push(bytes);
    });
    request.once("end", resolve).once("close", () => reject(new Error("the client has gone")));
  });
  const body = new Uint8Array(length);
  let at = 0;
  for (const bytes of pieces) {
    body.set(bytes, at);
    at += bytes.length;
  }
  return body;
}

async function predictAll(response: ServerResponse, structures: readonly Structure[], queue: PredictionQueue, signal: AbortSignal): Promise<void> {
  for (const turn of turns(structures)) {
    const predictions = await queue.predict(turn, signal);
    // Not before the first is there: what is wrong with it is still an answer of its own.
    if (!response.headersSent) response.writeHead(200, { "Content-Type": structures.length === 1 ? "application/json; charset=utf-8" : "application/x-ndjson; charset=utf-8" });
    for (let k = 0; k < turn.length; k++) await write(response, `${JSON.stringify(rowOf(turn[k]!, predictions[k]!))}\n`, signal);
  }
  response.end();
}

/** Parts of TURN_ATOMS atoms, or single larger structures. */
function* turns(structures: readonly Structure[]): Generator<readonly Structure[]> {
  let open: Structure[] = [];
  let atoms = 0;
  for (const structure of structures) {
    if (open.length > 0 && atoms + structure.species.length > TURN_ATOMS) {
      yield open;
      [open, atoms] = [[], 0];
    }
    open.push(structure);
    atoms += structure.species.length;
  }
  if (open.length > 0) yield open;
}

function rowOf({ pbc }: Structure, { energy, forces, virial, localEnergies }: Prediction): object {
  return { energy, forces: rowsOf(forces!, 3), virial: pbc.some(Boolean) ? rowsOf(virial!, 3) : null, local_energy: [...localEnergies] };
}

/** Waits for a client that reads slowly. @throws the signal's reason. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (response.write(text)) return;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    response.once("drain", () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}
