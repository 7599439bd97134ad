/** Where an i-PI server listens: unix:/path, unix:name (i-PI's and ASE's /tmp/ipi_name) or tcp:host:port. */
import { InputError } from "../errors.js";

export type SocketAddress =
  | { readonly text: string; readonly path: string }
  | { readonly text: string; readonly host: string; readonly port: number };

/** The longest path that Linux puts into an address of a Unix socket (sun_path, without its zero). */
const LONGEST_PATH = 107;

/** @throws InputError on anything else. */
export function parseSocketAddress(text: string): SocketAddress {
  const [, kind, rest] = /^(unix|tcp):(.+)$/s.exec(text) ?? [];
  if (kind === "unix") {
    const path = rest!.includes("/") ? rest! : `/tmp/ipi_${rest!}`;
    if (new TextEncoder().encode(path).length > LONGEST_PATH) throw new InputError("path is too long for a socket", { key: text, expected: `at most ${LONGEST_PATH} bytes` });
    return { text, path };
  }
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^:\s]+):(\d{1,5})$/.exec(rest ?? "") ?? [];
  if (kind === "tcp" && Number(port) >= 1 && Number(port) <= 65535) return { text, host: host!.replace(/^\[|\]$/g, ""), port: Number(port) };
  throw new InputError("not an address of a socket", { key: text, expected: "unix:/path, unix:name (which is /tmp/ipi_name) or tcp:host:port" });
}
