// The server's side of the i-PI protocol, byte by byte as the tests need it, and a place to listen.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

export const header = (name: string): Buffer => Buffer.from(name.padEnd(12), "ascii");
export const float64 = (...values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
export const int32 = (...values: number[]): Buffer => Buffer.from(Int32Array.from(values).buffer);

/** POSDATA of lattice vectors as rows and positions, in bohr; the inverse is not looked at. */
export function posdata(cell: readonly number[], positions: readonly number[], count = positions.length / 3): Buffer {
  const columns = cell.map((_, k) => cell[3 * (k % 3) + Math.floor(k / 3)]!);
  return Buffer.concat([header("POSDATA"), float64(...columns), float64(...new Array<number>(9).fill(NaN)), int32(count), float64(...positions)]);
}

/** What FORCEREADY says, its matrix as it is on the wire. */
export interface Forces {
  readonly energy: number;
  readonly forces: number[];
  readonly virial: number[];
  readonly extras: string;
}

/** One connection of a driver, from the server's side. */
export class Peer {
  readonly socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #news = (): void => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, piece]);
      this.#news();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        this.#news();
      });
    }
  }

  send(...bytes: Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  async read(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      if (this.#ended) throw new Error(`the driver hung up after ${this.#bytes.length} of ${length} bytes`);
      await new Promise<void>((resolve) => (this.#news = resolve));
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async status(): Promise<string> {
    this.send(header("STATUS"));
    return (await this.read(12)).toString("ascii").trimEnd();
  }

  async forces(): Promise<Forces> {
    this.send(header("GETFORCE"));
    const numbers = async (count: number): Promise<number[]> => {
      const bytes = await this.read(8 * count);
      return Array.from({ length: count }, (_, k) => bytes.readDoubleLE(8 * k));
    };
    const count = async (): Promise<number> => (await this.read(4)).readInt32LE();
    const ready = (await this.read(12)).toString("ascii");
    if (ready !== "FORCEREADY  ") throw new Error(`expected FORCEREADY, got ${ready}`);
    const [energy] = await numbers(1);
    const forces = await numbers(3 * (await count()));
    const virial = await numbers(9);
    return { energy: energy!, forces, virial, extras: (await this.read(await count())).toString() };
  }

  /** Until the driver has closed the connection. */
  async hungUp(): Promise<void> {
    while (!this.#ended) await new Promise<void>((resolve) => (this.#news = resolve));
    this.socket.destroy();
  }
}

export interface Listener {
  readonly server: Server;
  /** The next driver that comes. */
  next(): Promise<Peer>;
}

/** A folder for sockets, and servers in it; all are closed after a test. */
export function withListeners(): { readonly folder: string; listen(where: string | { readonly port: number; readonly host: string }): Promise<Listener> } {
  let folder: string | null = null;
  let open: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of open) server.close();
    open = [];
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    folder = null;
  });
  return {
    get folder() {
      return (folder ??= mkdtempSync(join(tmpdir(), "lather-ipi-")));
    },
    async listen(where) {
      const peers: Peer[] = [];
      let came = (): void => undefined;
      const server = createServer((socket) => {
        sockets.add(socket);
        peers.push(new Peer(socket));
        came();
      });
      open.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        if (typeof where === "string") server.listen(where, resolve);
        else server.listen(where.port, where.host, resolve);
      });
      return {
        server,
        async next() {
          while (peers.length === 0) await new Promise<void>((resolve) => (came = resolve));
          return peers.shift()!;
        },
      };
    },
  };
}
