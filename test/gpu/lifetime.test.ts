// Who creates, destroys: buffers are counted. A lost device, a caller's device, and what cannot be had end in an error that says what to do.
import { expect, test } from "vitest";
import { createBackend } from "../../src/backend/create-backend.js";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { GpuError } from "../../src/errors.js";
import { ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters({ basis: { nMax: 2, lMax: 1 } });

/** The steps of a small simulation: positions change, the number of pairs a little. */
const steps = Array.from({ length: 50 }, (_, step) => silicon(1, 0.02 + 0.001 * step, step));

test("50 predictions create no buffer and compile nothing after the first, and the evaluator gives back all it took", async () => {
  const device = await watch();
  const own = await createGpu({ device: device.device });
  const potential = await randomPotential(backends.cpu, silicon(1, 0.1), hyper, { zeta: 3 });
  const before = own.bufferCount;
  const evaluator = await own.createEvaluator(potential);
  await evaluator.predict([steps[0]!]);
  const after = { count: own.bufferCount, ...device.created };
  expect(after.count).toBeGreaterThan(before);
  for (const step of steps) await evaluator.predict([step]);
  expect({ count: own.bufferCount, ...device.created }).toEqual(after);
  evaluator.destroy();
  expect(own.bufferCount).toBe(before);
  own.destroy();
  // The caller's device outlives the backend.
  device.device.createBuffer({ size: 16, usage: 8 }).destroy();
  device.device.destroy();
});

/** A device that counts what is created on it. */
async function watch(): Promise<{ device: GPUDevice; created: { buffers: number; pipelines: number } }> {
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  const created = { buffers: 0, pipelines: 0 };
  const [buffer, pipeline] = [device.createBuffer.bind(device), device.createComputePipelineAsync.bind(device)];
  device.createBuffer = (descriptor) => (created.buffers++, buffer(descriptor));
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
  await expect(evaluator.predict([silicon(1, 0.1)])).rejects.toThrow(/lost.*createBackend again/);
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

test("'auto' leaves a software adapter alone, 'gpu' takes it and says so", async () => {
  const [auto, gpu] = [await createBackend("auto", { threads: 1 }), await createBackend("gpu", { threads: 1 })];
  const { software } = backends.gpu.adapter;
  expect(auto.kind).toBe(software ? "cpu" : "gpu");
  expect(gpu.kind).toBe("gpu");
  expect(gpu.description).toMatch(software ? /^GPU in software \(slow\), / : /^GPU, /);
  expect(gpu.description).toMatch(/\(float32\); sums of a fit in float64 on the CPU, 1 thread$/);
  auto.destroy();
  gpu.destroy();
  await expect(createBackend("tpu" as "gpu")).rejects.toThrow(/expected auto, cpu or gpu, got tpu/);
  await expect(createBackend("gpu", { onDeviceLost: "wait" as "cpu" })).rejects.toThrow(/"onDeviceLost".*expected resume, cpu, fail, got wait/);
});
