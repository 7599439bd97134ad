// Times of the passes: every dispatch is under its program's name, the sum is no longer than the job, and the results have the same bits.
import { expect, test } from "vitest";
import { ComputeProgram } from "../../src/backend/gpu/compute-program.js";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { PassTimer } from "../../src/backend/gpu/pass-timer.js";
import { ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters({ basis: { nMax: 2, lMax: 1 } });

async function timingDevice(): Promise<GPUDevice> {
  return (await findGpu().requestAdapter())!.requestDevice({ requiredFeatures: ["timestamp-query"] });
}

test("a prediction in chunks: the dispatches of each program, times within the job's, results as without", async () => {
  const potential = await randomPotential(backends.cpu, silicon(1, 0.1), hyper, { zeta: 3, components: 5 });
  // On one device every program is compiled once.
  const device = await timingDevice();
  const [gpu, untimed] = [await createGpu({ device, timePasses: true, chunkRows: 4 }), await createGpu({ device })];
  const [timed, plain] = [await gpu.createEvaluator(potential), await untimed.createEvaluator(potential)];
  await timed.predict([silicon(1, 0.1)]);
  await gpu.readPassTimes();
  const start = performance.now();
  const found = await timed.predict([silicon(1, 0.1), silicon(1, 0.2)]);
  const seconds = (performance.now() - start) / 1000;
  expect(found).toEqual(await plain.predict([silicon(1, 0.1), silicon(1, 0.2)]));
  const times = await gpu.readPassTimes();
  // Sixteen rows are four chunks; the sums come once.
  expect(Object.fromEntries([...times].map(([label, { dispatches }]) => [label, dispatches]))).toMatchObject({
    "density-coefficients": 4, "power-spectrum": 4, "matrix-product: projection": 4, "centered-features": 4, "matrix-product: curvature": 4,
    curvature: 4, "matrix-product: sparse points": 4, kernel: 4, "matrix-product: sparse points, transposed": 4,
    "matrix-product: projection, transposed": 4, "power-spectrum-adjoint": 4, "pair-forces": 4, "force-gather": 1, virial: 1,
  });
  for (const [label, { seconds: own }] of times) expect(own, label).toBeGreaterThan(0);
  expect([...times.values()].reduce((sum, { seconds: own }) => sum + own, 0)).toBeLessThan(seconds);
  expect((await gpu.readPassTimes()).size).toBe(0);
  await gpu.computeFeatures([ethanol()], hyper);
  expect([...(await gpu.readPassTimes()).keys()]).toEqual(expect.arrayContaining(["density-coefficients", "power-spectrum"]));
  gpu.destroy();
  untimed.destroy();
  device.destroy();
});

test("more dispatches than a set of queries holds, under the labels of what they bind", async () => {
  const device = await timingDevice();
  const code = "@group(0) @binding(0) var<storage, read_write> x: array<f32>; @compute @workgroup_size(1) fn main() { x[0] += 1; }";
  const program = await ComputeProgram.create(device, { label: "count", code, bindings: ["write"] });
  // STORAGE
  const buffer = device.createBuffer({ size: 16, usage: 0x80 });
  const groups = [program.bind([buffer]), program.bind([buffer], "other")] as const;
  const timer = new PassTimer(device);
  const encoder = device.createCommandEncoder();
  const pass = timer.begin(encoder);
  for (let k = 0; k < 2100; k++) program.encode(pass, groups[k % 3 === 0 ? 1 : 0], null, 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const times = await timer.read();
  expect([...times].map(([label, { dispatches }]) => [label, dispatches])).toEqual([["count: other", 700], ["count", 1400]]);
  for (const { seconds } of times.values()) expect(seconds).toBeGreaterThan(0);
  timer.destroy();
  device.destroy();
});

test("a backend that was not asked has no times, and a device without timestamps says so", async () => {
  await backends.gpu.computeFeatures([ethanol()], hyper);
  expect((await backends.gpu.readPassTimes()).size).toBe(0);
  const device = await (await findGpu().requestAdapter())!.requestDevice();
  expect(() => new PassTimer(device)).toThrow(/timestamp-query/);
  await expect(createGpu({ device, timePasses: true })).rejects.toThrow(/does not tell the time/);
  device.destroy();
});
