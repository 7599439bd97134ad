// What a prediction asks of a GPU, on a device that computes nothing and counts: uploads, submissions, dispatches and readbacks.
import { afterAll, beforeAll, expect, test } from "vitest";
import { countingDevice, type DeviceCounts } from "../../../bench/counting-device.js";
import type { Evaluator } from "../../../src/backend/backend.js";
import { CpuBackend } from "../../../src/backend/cpu/cpu-backend.js";
import { GpuBackend } from "../../../src/backend/gpu/gpu-backend.js";
import type { Potential } from "../../../src/model/potential.js";
import type { Structure } from "../../../src/structure/structure.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "./systems.js";

const { device, read, reset } = countingDevice();
const atoms = 64;
let potential: Potential;
let gpu: GpuBackend;
let evaluator: Evaluator;

beforeAll(async () => {
  const cpu = await CpuBackend.create(1);
  const hyper = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
  const random = await randomPotential(cpu, crystal([6, 14, 8, 1], 8), hyper, { species: [1, 6, 8, 14], zeta: 3 });
  potential = { ...random, baseline: new Map([[14, -4.25]]) };
  cpu.destroy();
  gpu = await GpuBackend.create({ acceptSoftware: true, threads: 1, device });
  evaluator = await gpu.createEvaluator(potential);
});
afterAll(() => gpu?.destroy());

async function count(structures: readonly Structure[], forces: boolean): Promise<DeviceCounts> {
  reset();
  await evaluator.predict(structures, { forces });
  return read();
}

test("a step is one submission and one readback; the next one with the same elements uploads all but the 8 bytes of each row", async () => {
  const [first, second] = [await count([silicon(2, 0.1)], true), await count([silicon(2, 0.1, 2)], true)];
  expect(first).toMatchObject({ submissions: 1, maps: 1 });
  expect(second).toEqual({ ...first, writes: first.writes - 1, bytesUp: first.bytesUp - 8 * atoms });
  // Other elements, then the first ones again: theirs are not there any more.
  await count([ethanol()], true);
  expect(await count([silicon(2, 0.1)], true)).toEqual(first);
});

test("energies alone: no pass of the forces, and nothing read but 8 bytes per atom and the 16 of the state", async () => {
  const [both, alone] = [await count([silicon(2, 0.1)], true), await count([silicon(2, 0.1)], false)];
  expect(alone.bytesDown).toBe(8 * atoms + 16);
  expect(both.bytesDown).toBe((8 + 12) * atoms + 36 + 16);
  // Reverse pairs; products with sparse points and ∂ε/∂c; pair forces, forces, virials.
  expect(alone.dispatches).toBe(both.dispatches - 6);
});

test("zeros of the GPU are the energies of the baseline", async () => {
  const [prediction] = await evaluator.predict([silicon(1, 0.1)]);
  expect(prediction!.localEnergies).toEqual(new Float64Array(8).fill(potential.baseline.get(14)!));
  expect(prediction!.energy).toBeCloseTo(8 * potential.baseline.get(14)!, 9);
  expect(prediction!.forces).toEqual(new Float64Array(24));
});
