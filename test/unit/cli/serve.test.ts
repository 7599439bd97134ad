// lather serve as a shell runs it: what it refuses before it begins, several servers and clients at a time, and its end.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { ethanol, hyperparameters, randomPotential, silicon } from "../backend/systems.js";
import { posdata, withListeners, type Peer } from "../serve/ipi-server.js";
import { withExecutable } from "./executable.js";
import { lather, temporaryFolder } from "./run.js";

const command = withExecutable();
const listeners = withListeners();
const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const [model, template] = [file("model.json"), file("template.xyz")];
const structure = silicon(1, 0.1);
const bohr = 0.529177210903;
const hartree = 27.211386245988;
let energy = NaN;

beforeAll(async () => {
  const backend = await createBackend("cpu", { threads: 1 });
  const potential = await randomPotential(backend, structure, hyperparameters());
  writeFileSync(model, formatModel(potential));
  writeFileSync(template, formatExtxyz(structure));
  writeFileSync(file("ethanol.xyz"), formatExtxyz(ethanol()));
  const evaluator = await backend.createEvaluator(parseModel(formatModel(potential)));
  [{ energy }] = await evaluator.predict([structure]);
  backend.destroy();
});

const inBohr = (values: ArrayLike<number>): number[] => Array.from(values, (x) => x / bohr);

async function expectEnergy(peer: Peer): Promise<void> {
  peer.send(posdata(inBohr(structure.cell!), inBohr(structure.positions)));
  expect(await peer.status()).toBe("HAVEDATA");
  expect((await peer.forces()).energy * hartree).toBeCloseTo(energy, 9);
}

describe("what cannot work is refused before anybody waits", () => {
  test.each<[string, string[], RegExp]>([
    ["nothing to serve", [], /"--socket": nothing to serve/],
    ["a socket without a template", ["--socket", "unix:x"], /"--template": a socket brings no elements/],
    ["an address that is none", ["--socket", "/tmp/x", "--template", template], /not an address of a socket/],
    ["an element that the model does not know", ["--socket", "unix:x", "--template", file("ethanol.xyz")], /ethanol\.xyz:1, .*atom 0: the model does not know this element: expected Si, got C/],
    ["a template that is not there", ["--socket", "unix:x", "--template", file("absent.xyz")], /absent\.xyz.*no such file/],
    ["an end of what has none", ["--http", "8080", "--once"], /"--once": there is no end to wait for/],
    ["another host without a token", ["--http", "0.0.0.0:8080"], /anybody on the network could use this server/],
    ["a port that is none", ["--http", "127.0.0.1:99999"], /not an address to listen on/],
    ["nobody there, and not to wait", ["--socket", `unix:${file("nobody")}`, "--template", template, "--once"], /nobody listens at this socket: .*ENOENT/],
  ])("%s", async (_, words, message) => {
    expect(await lather(["serve", model, ...words])).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});

test("two servers, one of which speaks wrongly: the other is served all the time; with --once the end is theirs", async () => {
  const [one, two] = [join(listeners.folder, "one"), join(listeners.folder, "two")];
  const [first, second] = [await listeners.listen(one), await listeners.listen(two)];
  const { ended, heard, child } = command.start(["serve", model, "--socket", `unix:${one}`, "--socket", `unix:${two}`, "--template", template, "--threads", "1"]);
  const [good, bad] = [await first.next(), await second.next()];
  await Promise.all([expectEnergy(good), expectEnergy(bad)]);
  bad.send(posdata(inBohr(structure.cell!), [0, 0, 0]));
  await bad.hungUp();
  await heard("wrong number of atoms: expected 8, as in the template, got 1");
  await expectEnergy(good);
  await expectEnergy(await second.next());
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 143, stdout: "", stderr: expect.stringContaining("lather: stopped serving\n") });

  const once = command.start(["serve", model, "--socket", `unix:${one}`, "--socket", `unix:${two}`, "--template", template, "--once"]);
  const peers = [await first.next(), await second.next()];
  peers[0]!.socket.end();
  await expectEnergy(peers[1]!);
  peers[1]!.socket.end();
  expect((await once.ended).code).toBe(0);
});

test("sockets and HTTP at the same time, with a token from the environment", async () => {
  const path = join(listeners.folder, "s");
  const listener = await listeners.listen(path);
  process.env.LATHER_TOKEN = "t";
  const { child, ended, heard } = command.start(["serve", model, "--socket", `unix:${path}`, "--template", template, "--http", "0"]);
  delete process.env.LATHER_TOKEN;
  const url = await new Promise<string>((resolve) => child.stdout!.once("data", (bytes: Buffer) => resolve(bytes.toString().trim())));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  await heard("serving");
  const peer = await listener.next();
  const ask = (authorization: string): Promise<Response> => fetch(`${url}predict`, { method: "POST", body: formatExtxyz(structure), headers: { authorization } });
  const [response] = await Promise.all([ask("Bearer t"), expectEnergy(peer)]);
  expect(await response.json()).toMatchObject({ energy });
  expect((await ask("Bearer u")).status).toBe(401);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(143);
});

describe("SIGTERM ends it within a second and nothing is left", () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ["while nobody is there", async () => undefined],
    ["while a server is silent", async (path) => void (await (await listeners.listen(path)).next())],
    ["in the middle of a message", async (path) => (await (await listeners.listen(path)).next()).send(posdata(inBohr(structure.cell!), inBohr(structure.positions)).subarray(0, 100))],
  ])("%s", async (_, meanwhile) => {
    const path = join(listeners.folder, "s");
    const { child, ended, heard } = command.start(["serve", model, "--socket", `unix:${path}`, "--template", template, "--http", "0"]);
    await heard("nobody listens");
    await meanwhile(path);
    const before = readdirSync(listeners.folder);
    const begin = performance.now();
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(performance.now() - begin).toBeLessThan(1000);
    // A driver makes no file: the socket is its server's.
    expect(readdirSync(listeners.folder)).toEqual(before);
    expect(existsSync(path)).toBe(before.length === 1);
  });

  test("in the middle of one long prediction over HTTP", async () => {
    const { child, ended } = command.start(["serve", model, "--http", "0", "--threads", "1"]);
    const url = await new Promise<string>((resolve) => child.stdout!.once("data", (bytes: Buffer) => resolve(bytes.toString().trim())));
    // An image of each atom every 2·10⁻⁵ Å: one task of seconds, which a worker cannot leave.
    const outcome = fetch(`${url}predict`, { method: "POST", body: '2\nLattice="5 0 0 5 2e-5 0 0 0 5"\nSi 0 0 0\nSi 1.36 1.36 1.36\n' }).then(() => "answered", (error: Error) => error.message);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(await outcome).toBe("fetch failed");
  });
});
