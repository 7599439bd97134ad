// ASE itself (python3-ase of Debian) moves atoms with a model that `lather serve` serves; what it got is what the library predicts.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createSimulation } from "../../../src/dynamics/create-simulation.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { formatModel } from "../../../src/model/model-file.js";
import type { Potential } from "../../../src/model/potential.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { cellVolume, type Structure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { silicon } from "../backend/systems.js";
import { withExecutable } from "../cli/executable.js";
import { temporaryFolder } from "../cli/run.js";

// The system's own, which Debian's package belongs to, whatever `python3` is in the path.
const python = "/usr/bin/python3";
const hasAse = spawnSync(python, ["-c", "import ase.calculators.socketio"]).status === 0;

interface Frame {
  positions: number[];
  cell: number[];
  velocities: number[];
  energy: number;
  forces: number[];
  stress: number[];
}

interface Report {
  dynamics: Frame[];
  relaxation: Frame[];
  cell_relaxation: Frame[];
  relaxed: boolean;
  cell_relaxed: boolean;
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0);
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a.length === b.length ? largest(Array.from(a, (value, k) => value - b[k]!)) : NaN;
}

function suite(): void {
  const command = withExecutable();
  const folder = temporaryFolder();
  const start = silicon(1, 0.08, 5);
  let [backend, potential] = [null as unknown as Backend, null as unknown as Potential];

  beforeAll(async () => {
    backend = await createBackend("cpu", { threads: 1 });
    const train = Array.from({ length: 12 }, (_, seed) => {
      const { cell, positions, ...rest } = silicon(1, 0.12, seed + 20);
      const scale = 0.95 + 0.01 * seed;
      const structure: Structure = { ...rest, cell: cell!.map((x) => scale * x), positions: positions.map((x) => scale * x) };
      return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
    });
    const configuration = parseFitConfiguration({ cutoff: { radius: 4.5 }, basis: { nMax: 5, lMax: 4 }, sparse: { count: 60 } });
    ({ potential } = await fitPotential(backend, train, configuration));
    writeFileSync(join(folder, "model.json"), formatModel(potential));
    writeFileSync(join(folder, "start.xyz"), formatExtxyz(start));
  });
  afterAll(() => backend.destroy());

  async function runAse(kind: "unix" | "port", where: string, address: string, ...options: string[]): Promise<Report> {
    const { child, ended, heard } = command.start(["serve", join(folder, "model.json"), "--socket", address, "--template", join(folder, "start.xyz"), "--threads", "1", ...options]);
    try {
      // The driver first: it waits for ASE.
      await heard("nobody listens");
      const ase = spawn(python, [fileURLToPath(new URL("move_atoms.py", import.meta.url)), join(folder, "start.xyz"), kind, where], { stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr] = ["", ""];
      ase.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
      ase.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
      const [code] = (await once(ase, "close")) as [number];
      expect(code, stderr).toBe(0);
      await heard("the server has gone after");
      return JSON.parse(stdout) as Report;
    } finally {
      child.kill("SIGTERM");
      expect((await ended).code).toBe(143);
      if (kind === "unix") expect(existsSync(`/tmp/ipi_${where}`)).toBe(false);
    }
  }

  /** ASE counts by CODATA 2014, Lather by 2018: 8e-9 of an energy, 6e-10 of a length. */
  async function compare(frames: readonly Frame[]): Promise<void> {
    const structures = frames.map(({ positions, cell }) => ({ ...start, positions: Float64Array.from(positions), cell: Float64Array.from(cell) }));
    const evaluator = await backend.createEvaluator(potential);
    const predictions = await evaluator.predict(structures);
    evaluator.destroy();
    frames.forEach(({ energy, forces, stress }, k) => {
      const { energy: ours, forces: ourForces, virial } = predictions[k]!;
      expect(Math.abs(energy / ours - 1)).toBeLessThan(1.5e-8);
      expect(difference(forces, ourForces!)).toBeLessThan(1e-7);
      expect(difference(stress, virial!.map((w) => -w / cellVolume(structures[k]!.cell!)))).toBeLessThan(1e-8);
    });
  }

  test("20 steps of velocity Verlet, a relaxation, and one of the cell, over a Unix socket", async () => {
    const name = `lather-test-${process.pid}`;
    const { dynamics, relaxation, cell_relaxation: cells, relaxed, cell_relaxed: cellRelaxed } = await runAse("unix", name, `unix:${name}`);
    expect([dynamics.length, relaxed, cellRelaxed]).toEqual([21, true, true]);
    expect(relaxation.length).toBeGreaterThan(3);
    for (const frames of [dynamics, relaxation, cells]) await compare(frames);

    // The same motion by Lather's own integrator.
    const [first] = dynamics as [Frame];
    const state = { step: 0, positions: Float64Array.from(first.positions), velocities: Float64Array.from(first.velocities), cell: Float64Array.from(first.cell), exchanged: 0 };
    const { simulation, destroy } = await createSimulation(backend, potential, start, { ensemble: { kind: "nve" }, timestep: 1, temperature: 300, state });
    await simulation.run(20);
    expect(difference(simulation.state.positions, dynamics[20]!.positions)).toBeLessThan(1e-6);
    expect(difference(simulation.state.velocities, dynamics[20]!.velocities)).toBeLessThan(1e-8);
    expect(difference(first.positions, dynamics[20]!.positions)).toBeGreaterThan(0.05);
    destroy();

    // It has moved, and the end is a minimum for the library as well.
    expect(largest(relaxation[0]!.forces)).toBeGreaterThan(0.5);
    expect(largest(relaxation.at(-1)!.forces)).toBeLessThan(0.01);
    expect(largest(cells[0]!.stress)).toBeGreaterThan(5 * largest(cells.at(-1)!.stress));
    expect(difference(cells[0]!.cell, cells.at(-1)!.cell)).toBeGreaterThan(0.05);
  });

  test("the same over TCP", async () => {
    const port = await freePort();
    const { dynamics, relaxation, cell_relaxation: cells } = await runAse("port", String(port), `tcp:127.0.0.1:${port}`);
    for (const frames of [dynamics, relaxation, cells]) await compare(frames);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

if (hasAse) describe("ASE", suite);
else {
  const title = `ABSENT: ASE over sockets (python3-ase not found by ${python})`;
  process.stderr.write(`${title}\n`);
  test(title, () => undefined);
}
