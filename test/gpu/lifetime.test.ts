// Who creates, destroys: buffers are counted. A lost device, a caller's device, and what cannot be had end in an error that says what to do.
import { expect, test } from "vitest";
import { createBackend } from "../../src/backend/create-backend.js";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { GpuContext } from "../../src/backend/gpu/context.js";
import { openDevice } from "../../src/backend/gpu/device.js";
import { findAdapter } from "../../src/backend/gpu/find-adapter.js";
import { createFeatureTables } from "../../src/backend/gpu/feature-tables.js";
import { ResidentTables } from "../../src/backend/gpu/resident-tables.js";
import { CapacityError, GpuError } from "../../src/errors.js";
import { createStructure } from "../../src/structure/structure.js";
import { ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters({ basis: { nMax: 2, lMax: 1 } });

/** The steps of a small simulation: positions change, the number of pairs a little. */
const steps = Array.from({ length: 50 }, (_, step) => silicon(1, 0.02 + 0.001 * step, step));

test("50 predictions create no buffer, compile nothing and wait for one readback each after the first, and the evaluator gives back all it took", async () => {
  const device = await watch();
  const own = await createGpu({ device: device.device });
  const potential = await randomPotential(backends.cpu, silicon(1, 0.1), hyper, { zeta: 3 });
  const before = own.bufferCount;
  const evaluator = await own.createEvaluator(potential);
  await evaluator.predict([steps[0]!]);
  const after = { count: own.bufferCount, ...device.created };
  expect(after.count).toBeGreaterThan(before);
  for (const step of steps) await evaluator.predict([step]);
  expect({ count: own.bufferCount, ...device.created }).toEqual({ ...after, readbacks: after.readbacks + steps.length });
  evaluator.destroy();
  expect(own.bufferCount).toBe(before);
  own.destroy();
  // The caller's device outlives the backend.
  device.device.createBuffer({ size: 16, usage: 8 }).destroy();
  device.device.destroy();
});

test("radial tables that no pass could bind are refused before a buffer is made", async () => {
  const context = new GpuContext(await openDevice(true), true);
  const tables = { ...createFeatureTables(hyper, [6]), table: { byteLength: context.maxBytes + 4 } as Float32Array<ArrayBuffer> };
  expect(() => new ResidentTables(context, tables)).toThrow(CapacityError);
  expect(context.bufferCount).toBe(0);
  context.destroy();
});

/** A device that counts what is created on it. */
async function watch(): Promise<{ device: GPUDevice; created: { buffers: number; pipelines: number; readbacks: number } }> {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  const created = { buffers: 0, pipelines: 0, readbacks: 0 };
  const [buffer, pipeline] = [device.createBuffer.bind(device), device.createComputePipelineAsync.bind(device)];
  device.createBuffer = (descriptor) => {
    const made = buffer(descriptor);
    const map = made.mapAsync.bind(made);
    made.mapAsync = (...range) => (created.readbacks++, map(...range));
    created.buffers++;
    return made;
  };
  device.createComputePipelineAsync = (descriptor) => (created.pipelines++, pipeline(descriptor));
  return { device, created };
}

test("50 feature calculations leave nothing behind; destroying the backend leaves nothing at all", async () => {
  const gpu = await createGpu();
  await gpu.computeFeatures([ethanol()], hyper);
  const kept = gpu.bufferCount;
  for (let call = 0; call < 50; call++)
    await gpu.computeFeatures([call % 2 ? ethanol() : silicon(1, 0.1)], hyper, { species: [1, 6, 8, 14].slice(call % 2 ? 0 : 3) });
  // Two further sets of features stay ready.
  expect(gpu.bufferCount).toBeLessThanOrEqual(3 * kept);
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, ethanol(), hyper));
  await evaluator.predict([ethanol()]);
  gpu.destroy();
  expect(gpu.bufferCount).toBe(0);
  await expect(evaluator.predict([ethanol()])).rejects.toThrow(/destroyed/);
  await expect(gpu.computeFeatures([ethanol()], hyper)).rejects.toThrow(GpuError);
  gpu.destroy();
});

test("a lost device fails with what to do next, before and during a job", async () => {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  const gpu = await createGpu({ device });
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, silicon(1, 0.1), hyper));
  await evaluator.predict([silicon(1, 0.1)]);
  const running = evaluator.predict([silicon(1, 0.2)]);
  device.destroy();
  await expect(running).rejects.toThrow(GpuError);
  await expect(evaluator.predict([silicon(1, 0.1)])).rejects.toThrow(/lost.*begin again/);
  await expect(gpu.computeFeatures([silicon(1, 0.1)], hyper)).rejects.toThrow(GpuError);
  gpu.destroy();
});

test("a refused command is a GpuError and leaves the backend usable", async () => {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  const gpu = await createGpu({ device });
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, silicon(1, 0.1), hyper));
  const [expected] = await evaluator.predict([silicon(1, 0.1)]);
  const create = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = create(descriptor);
    if (descriptor?.label === "sums") encoder.popDebugGroup();
    return encoder;
  };
  await expect(evaluator.predict([silicon(1, 0.1)])).rejects.toThrow(/refused a command/);
  device.createCommandEncoder = create;
  expect(await evaluator.predict([silicon(1, 0.1)])).toEqual([expected]);
  gpu.destroy();
  device.destroy();
});

test("too little memory and too small buffers are errors that say what to do", async () => {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  const potential = await randomPotential(backends.cpu, silicon(1, 0.1), hyper);
  const gpu = await createGpu({ device });
  const [push, pop] = [device.pushErrorScope.bind(device), device.popErrorScope.bind(device)];
  const filters: GPUErrorFilter[] = [];
  device.pushErrorScope = (filter) => (filters.push(filter), push(filter));
  device.popErrorScope = async () => (filters.pop() === "out-of-memory" ? (await pop(), { message: "none left" } as GPUError) : pop());
  await expect(gpu.createEvaluator(potential)).rejects.toThrow(/no memory left: expected fewer structures.*CPU backend, got none left/);
  expect(gpu.bufferCount).toBe(0);
  Object.assign(device, { pushErrorScope: push, popErrorScope: pop });
  const evaluator = await gpu.createEvaluator(potential);
  expect(await evaluator.predict([silicon(1, 0.1)])).toHaveLength(1);
  gpu.destroy();
  expect(gpu.bufferCount).toBe(0);
  Object.defineProperty(device, "limits", { value: { maxBufferSize: 65536 + 400, maxStorageBufferBindingSize: 1e6 } });
  const small = await createGpu({ device });
  const refused = small.createEvaluator(potential);
  await expect(refused).rejects.toThrow(CapacityError);
  await expect(refused).rejects.toThrow(/expected at most 400 bytes; fewer elements.*CPU backend, got \d+ bytes/);
  small.destroy();
  expect(small.bufferCount).toBe(0);
  device.destroy();
});

test("'auto' leaves a software adapter alone, 'gpu' takes it and says so", async () => {
  const reasons: string[] = [];
  const auto = await createBackend("auto", { threads: 1, onFallback: ({ what }) => reasons.push(what) });
  const gpu = await createBackend("gpu", { threads: 1 });
  const { software } = backends.gpu.adapter;
  expect(auto.kind).toBe(software ? "cpu" : "gpu");
  expect(auto.adapter === null).toBe(software);
  expect(reasons).toEqual(software ? [expect.stringMatching(/^(no GPU found|only a software GPU found)$/)] : []);
  expect(gpu.adapter).toEqual(backends.gpu.adapter);
  expect({ ...(await findAdapter()), limits: gpu.adapter!.limits }).toEqual(gpu.adapter);
  expect(gpu.adapter!.limits.usedBufferSize).toBeLessThan(gpu.adapter!.limits.maxStorageBufferBindingSize);
  expect(gpu.kind).toBe("gpu");
  expect(gpu.description).toMatch(software ? /^GPU in software \(slow\), / : /^GPU, /);
  expect(gpu.description).toMatch(/\(float32\); sums of a fit, and rows of chains and of several terms, in float64 on the CPU, 1 thread$/);
  auto.destroy();
  gpu.destroy();
  await expect(createBackend("tpu" as "gpu")).rejects.toThrow(/expected auto, cpu or gpu, got tpu/);
  await expect(createBackend("gpu", { onDeviceLost: "wait" as "cpu" })).rejects.toThrow(/"onDeviceLost".*expected resume, cpu, fail, got wait/);
});

test("1,000 predictions and 1,000 feature calculations leave as many buffers as the first; destroying leaves none", async () => {
  const gpu = await createGpu();
  const dimers = Array.from({ length: 1000 }, (_, call) => createStructure({ species: [14, 14], positions: [0, 0, 0, 2.2 + 0.001 * call, 0, 0] }));
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, dimers[0]!, hyper));
  await evaluator.predict([dimers[0]!]);
  await gpu.computeFeatures([dimers[0]!], hyper);
  const kept = gpu.bufferCount;
  expect(kept).toBeGreaterThan(0);
  for (const dimer of dimers) await evaluator.predict([dimer]);
  expect(gpu.bufferCount).toBe(kept);
  // Many at once, since each waits for the GPU.
  for (let call = 0; call < dimers.length; call += 50)
    await Promise.all(dimers.slice(call, call + 50).map((dimer) => gpu.computeFeatures([dimer], hyper)));
  expect(gpu.bufferCount).toBe(kept);
  gpu.destroy();
  expect(gpu.bufferCount).toBe(0);
}, 120_000);
