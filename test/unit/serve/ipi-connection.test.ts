// A driver on real sockets, with a potential whose numbers are known: E = Σ r² in eV, so that units show.
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Prediction } from "../../../src/backend/backend.js";
import { NumericalError } from "../../../src/errors.js";
import { serveIpi, type IpiConnectionOptions } from "../../../src/serve/ipi-connection.js";
import { parseSocketAddress } from "../../../src/serve/socket-address.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { header, int32, posdata, withListeners } from "./ipi-server.js";

const bohr = 0.529177210903;
const hartree = 27.211386245988;
const listeners = withListeners();
const template = createStructure({ species: [14, 8], positions: [0, 0, 0, 1, 1, 1], cell: [9, 0, 0, 0, 9, 0, 0, 0, 9] });
const cell = [10, 1, 2, 0, 11, 3, 0, 0, 12];
const running: { controller: AbortController; ended: Promise<unknown> }[] = [];

afterEach(async () => {
  for (const { controller, ended } of running.splice(0)) {
    controller.abort(new Error("end of the test"));
    await ended;
  }
});

async function square({ positions, species, cell: box }: Structure): Promise<Prediction> {
  const local = Float64Array.from(species, (_, atom) => positions.subarray(3 * atom, 3 * atom + 3).reduce((sum, x) => sum + x * x, 0));
  return { energy: local.reduce((a, b) => a + b, 0), localEnergies: local, forces: positions.map((x) => -2 * x), virial: box ?? new Float64Array(9) };
}

function drive(address: string, options: Partial<IpiConnectionOptions> = {}): { log: string[]; controller: AbortController; ended: Promise<string> } {
  const log: string[] = [];
  const controller = new AbortController();
  const ended = serveIpi(parseSocketAddress(address), { template, predict: square, localEnergies: false, once: false, signal: controller.signal, log: (text) => log.push(text), ...options }).then(
    () => "done", (error: Error) => error.message,
  );
  running.push({ controller, ended });
  return { log, controller, ended };
}

const path = (): string => join(listeners.folder, "s");

describe("a conversation", () => {
  test("units, transposed matrices, cells that change, INIT on the way, EXIT", async () => {
    const listener = await listeners.listen(path());
    const { log, ended } = drive(`unix:${path()}`, { once: true });
    const peer = await listener.next();
    for (const [step, scale] of [1, 1.1, 0.9].entries()) {
      expect(await peer.status()).toBe("READY");
      if (step === 1) peer.send(header("INIT"), int32(4, 1), Buffer.from([0]));
      peer.send(posdata(cell.map((x) => scale * x), [scale, 0, 0, 0, 2, -3]));
      expect(await peer.status()).toBe("HAVEDATA");
      const { energy, forces, virial, extras } = await peer.forces();
      expect(energy).toBeCloseTo(((scale ** 2 + 13) * bohr ** 2) / hartree, 12);
      [scale, 0, 0, 0, 2, -3].forEach((x, k) => expect(forces[k]).toBeCloseTo((-2 * x * bohr * bohr) / hartree, 12));
      // The fake virial is the cell in Å: what comes back must be on the wire where the cell was.
      [10, 0, 0, 1, 11, 0, 2, 3, 12].forEach((x, k) => expect(virial[k]).toBeCloseTo((scale * x * bohr) / hartree, 12));
      expect(extras).toBe(" ");
    }
    peer.send(header("EXIT"));
    expect(await ended).toBe("done");
    expect(log).toEqual([`unix:${path()}: connected`, `unix:${path()}: the server said EXIT after 3 evaluations`]);
  });

  test("the energy of each atom as extras in JSON, and a molecule in a cell of zeros", async () => {
    const listener = await listeners.listen(path());
    const cells: (Float64Array | null)[] = [];
    drive(`unix:${path()}`, {
      localEnergies: true, template: { ...template, pbc: [false, false, false] },
      predict: async (structure) => {
        cells.push(structure.cell);
        return square(structure);
      },
    });
    const peer = await listener.next();
    peer.send(posdata(new Array<number>(9).fill(0), [1, 0, 0, 0, 0, 2]));
    const { local_energy_eV: energies } = JSON.parse((await peer.forces()).extras) as { local_energy_eV: number[] };
    [bohr ** 2, 4 * bohr ** 2].forEach((e, k) => expect(energies[k]).toBeCloseTo(e, 12));
    expect(cells).toEqual([null]);
  });

  test("over TCP, byte by byte", async () => {
    const listener = await listeners.listen({ host: "127.0.0.1", port: 0 });
    const { port } = listener.server.address() as { port: number };
    drive(`tcp:127.0.0.1:${port}`);
    const peer = await listener.next();
    peer.socket.setNoDelay(true);
    for (const byte of posdata(cell, [1, 0, 0, 0, 2, -3])) {
      peer.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await peer.status()).toBe("HAVEDATA");
    expect((await peer.forces()).forces).toHaveLength(6);
    expect(await peer.status()).toBe("READY");
  });
});

describe("a server that is not there, goes away or speaks wrongly", () => {
  test("is waited for, said once, and again after it has gone", async () => {
    const { log } = drive(`unix:${path()}`);
    await setTimeout(1200);
    expect(log).toEqual([`unix:${path()}: nobody listens (ENOENT); waiting`]);
    const first = await listeners.listen(path());
    (await first.next()).socket.destroy();
    const peer = await first.next();
    peer.send(posdata(cell, [1, 0, 0, 0, 2, -3]));
    expect(await peer.status()).toBe("HAVEDATA");
    expect(log.map((text) => text.split(": ")[1])).toEqual(["nobody listens (ENOENT); waiting", "connected", "the server has gone after 0 evaluations", "connected"]);
  });

  test.each<[string, Buffer, RegExp]>([
    ["no message", header("GET / HTTP/1"), /not a message of i-PI/],
    ["three atoms for two", posdata(cell, [0, 0, 0, 1, 1, 1, 2, 2, 2]), /wrong number of atoms: expected 2/],
    ["2³¹ − 1 atoms", posdata(cell, [], 2 ** 31 - 1), /wrong number of atoms/],
    ["forces that were not asked for", header("GETFORCE"), /GETFORCE without positions/],
    ["a position that is no number", posdata(cell, [0, 0, 0, 1, NaN, 1]), /atom 1.*not a finite number/],
    ["a flat cell", posdata([1, 0, 0, 0, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1]), /no volume/],
  ])("%s: its connection is closed, others go on, and it may come again", async (_, bytes, message) => {
    const [bad, good] = [await listeners.listen(path()), await listeners.listen(`${path()}2`)];
    const [of, other] = [drive(`unix:${path()}`), drive(`unix:${path()}2`)];
    const [wrong, right] = [await bad.next(), await good.next()];
    right.send(posdata(cell, [1, 0, 0, 0, 2, -3]));
    wrong.send(bytes);
    await wrong.hungUp();
    expect(of.log.at(-1)).toMatch(/^unix:.*: connection closed: /);
    expect(of.log.at(-1)).toMatch(message);
    expect((await right.forces()).energy).toBeCloseTo((14 * bohr ** 2) / hartree, 12);
    expect(other.log).toHaveLength(1);
    const again = await bad.next();
    again.send(posdata(cell, [1, 0, 0, 0, 2, -3]));
    expect((await again.forces()).energy).toBeCloseTo((14 * bohr ** 2) / hartree, 12);
  });

  test("half a message and no more", async () => {
    const listener = await listeners.listen(path());
    const { log } = drive(`unix:${path()}`);
    const peer = await listener.next();
    peer.socket.end(posdata(cell, [1, 0, 0, 0, 2, -3]).subarray(0, 200));
    await peer.hungUp();
    await setTimeout(50);
    expect(log.at(-1)).toMatch(/connection closed: the connection ended in the middle of a message: expected 48 bytes more of it, got 40/);
  });

  test("a structure that cannot be predicted is not the end, an error of the program is", async () => {
    const listener = await listeners.listen(path());
    const errors: Error[] = [new NumericalError("not finite"), new TypeError("a bug")];
    const { log, ended } = drive(`unix:${path()}`, { predict: () => Promise.reject(errors.shift()!) });
    for (const _ of [1, 2]) {
      const peer = await listener.next();
      peer.send(posdata(cell, [1, 0, 0, 0, 2, -3]));
      await peer.hungUp();
    }
    expect(log).toContainEqual(expect.stringMatching(/connection closed: not finite/));
    expect(await ended).toBe("a bug");
  });

  test("with `once` nobody there is an error, going away is the end, half a message is an error", async () => {
    expect(await drive(`unix:${path()}`, { once: true }).ended).toMatch(/nobody listens at this socket: .*got ENOENT/);
    const listener = await listeners.listen(path());
    const first = drive(`unix:${path()}`, { once: true });
    (await listener.next()).socket.destroy();
    expect(await first.ended).toBe("done");
    const second = drive(`unix:${path()}`, { once: true });
    (await listener.next()).socket.end(header("STATUS").subarray(0, 5));
    expect(await second.ended).toMatch(/in the middle of a message/);
  });
});

describe("the signal ends it", () => {
  test("while nobody is there, while the server is silent, in the middle of a prediction", async () => {
    const listener = await listeners.listen(path());
    const never = new Promise<Prediction>(() => undefined);
    const cases = [drive(`unix:${path()}-absent`), drive(`unix:${path()}`), drive(`unix:${path()}`)];
    const peers = [await listener.next(), await listener.next()];
    const controller = new AbortController();
    const predicting = drive(`unix:${path()}`, { signal: controller.signal, predict: () => Promise.race([never, new Promise<never>((_, reject) => controller.signal.addEventListener("abort", () => reject(controller.signal.reason)))]) });
    peers.push(await listener.next());
    for (const peer of peers) peer.send(header("STATUS"));
    peers[2]!.send(posdata(cell, [1, 0, 0, 0, 2, -3]));
    await setTimeout(50);
    const begin = performance.now();
    for (const { controller: own } of cases) own.abort(new Error("stop"));
    controller.abort(new Error("stop"));
    expect(await Promise.all([...cases, predicting].map(({ ended }) => ended))).toEqual(["stop", "stop", "stop", "stop"]);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});

describe("addresses", () => {
  test.each([
    ["unix:/tmp/a b", { path: "/tmp/a b" }], ["unix:name", { path: "/tmp/ipi_name" }], ["unix:./s", { path: "./s" }], ["tcp:localhost:31415", { host: "localhost", port: 31415 }],
    ["tcp:[::1]:80", { host: "::1", port: 80 }],
  ])("%s", (text, expected) => expect(parseSocketAddress(text)).toEqual({ text, ...expected }));

  test.each(["", "unix:", "tcp:", "tcp:host", "tcp:host:0", "tcp:host:65536", "tcp:host:80x", "/tmp/s", "udp:host:80", `unix:/${"x".repeat(200)}`])("%s is none", (text) => {
    expect(() => parseSocketAddress(text)).toThrow(/not an address of a socket|too long/);
  });
});
