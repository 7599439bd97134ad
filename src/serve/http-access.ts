/** Who may ask a prediction server: those on the same machine, and those who know its token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { InputError } from "../errors.js";
import { HttpRefusal } from "./http-errors.js";

/** A host and a port to listen on. */
export interface HttpAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** "127.0.0.1:8080", "[::1]:8080", or a port on 127.0.0.1. @throws InputError on anything else. */
export function parseHttpAddress(text: string): HttpAddress {
  const [, host = "127.0.0.1", port] = /^(?:(\[[0-9A-Fa-f:.]+\]|[^:\s/]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65535) throw new InputError("not an address to listen on", { key: text, expected: "host:port, as 127.0.0.1:8080" });
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Whether a host is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @throws InputError where others than this machine could ask without a token. */
export function checkExposure({ host }: HttpAddress, token: string | null): void {
  if (token === "") throw new InputError("empty token", { key: "--token", expected: "a word that is hard to guess" });
  if (token === null && !isLoopback(host)) throw new InputError("anybody on the network could use this server", { key: host, expected: "a token (--token), or 127.0.0.1", got: "no token" });
}

/** @throws HttpRefusal 401 without the token; where there is none, 403 under a name that is not this machine's. */
export function checkAccess({ headers }: IncomingMessage, token: string | null): void {
  if (token === null) {
    // A page that a browser was lured to may let its own name mean 127.0.0.1 (DNS rebinding); the Host header still says the name.
    const host = /^(.*?)(?::\d+)?$/.exec(headers.host ?? "")![1]!.replace(/^\[|\]$/g, "");
    if (!isLoopback(host)) throw new HttpRefusal(403, "without a token this server is asked as localhost only");
    return;
  }
  const given = /^Bearer (.*)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  // Of equal length as hashes, and compared in a time that does not tell how much of it is right.
  const hash = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(hash(given), hash(token))) throw new HttpRefusal(401, "the token is missing or wrong", { "WWW-Authenticate": "Bearer" });
}
