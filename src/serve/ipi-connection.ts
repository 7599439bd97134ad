/** A driver that looks for its i-PI server until it is there, and again when it has gone. */
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { CapacityError, InputError, NumericalError } from "../errors.js";
import { driveIpi, type DriverOptions } from "./ipi-driver.js";
import type { SocketAddress } from "./socket-address.js";

/** Milliseconds between two attempts to find the server. */
const PATIENCE = 500;

export interface IpiConnectionOptions extends DriverOptions {
  /** End where the server is not there or goes away, in place of waiting for it. */
  readonly once: boolean;
  /** Hears what happens, a sentence each. */
  readonly log: (text: string) => void;
}

/** A connection, or why there is none. @throws the signal's reason. */
async function open(address: SocketAddress, signal: AbortSignal): Promise<Socket | string> {
  const socket = connect(address);
  const hangUp = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    // A port that nobody listens on may be given to the very socket that asks for it, which then speaks to itself.
    if (socket.localPort !== undefined && socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress) {
      socket.destroy();
      return "ECONNREFUSED";
    }
    // A message is to go out at once, however short.
    return socket.setNoDelay(true).setKeepAlive(true);
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    return String((error as NodeJS.ErrnoException).code ?? error);
  } finally {
    signal.removeEventListener("abort", hangUp);
  }
}

/** What ends a conversation and not the driver: a wrong message or structure, a prediction that fails for it, a connection that breaks. */
function isOfTheServer(error: unknown): error is Error {
  if (error instanceof InputError || error instanceof NumericalError || error instanceof CapacityError) return true;
  return error instanceof Error && "code" in error && ("syscall" in error || String(error.code).startsWith("ERR_STREAM_"));
}

/**
 * Connects to the server and answers it (ipi-driver.ts), again and again until the signal fires. Whatever a server sends, others are not
 * concerned: its connection is closed, and looked for again.
 * @throws the signal's reason; with `once` InputError where nobody listens, and what ended the conversation unless it was the server's wish.
 */
export async function serveIpi(address: SocketAddress, options: IpiConnectionOptions): Promise<void> {
  const { once, signal, log } = options;
  let known = "";
  // The same news every half second would be none.
  const say = (text: string): void => {
    if (text !== known) log(`${address.text}: ${text}`);
    known = text;
  };
  for (;;) {
    const socket = await open(address, signal);
    if (typeof socket === "string") {
      if (once) throw new InputError("nobody listens at this socket", { key: address.text, expected: "an i-PI server that is there already (or no --once)", got: socket });
      say(`nobody listens (${socket}); waiting`);
    } else {
      say("connected");
      try {
        const { end, evaluations } = await driveIpi(socket, options);
        say(`${end === "EXIT" ? "the server said EXIT" : "the server has gone"} after ${evaluations} evaluation${evaluations === 1 ? "" : "s"}`);
        if (once) return;
      } catch (error) {
        if (once || signal.aborted || !isOfTheServer(error)) throw error;
        say(`connection closed: ${error.message}`);
      }
    }
    await setTimeout(PATIENCE, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
