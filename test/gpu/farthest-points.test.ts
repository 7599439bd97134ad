// Farthest-point sampling on the GPU finds the points that the CPU backend finds.
import { expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { InputError } from "../../src/errors.js";
import { createRandom } from "../../src/selection/random.js";
import { hyperparameters, silicon } from "../unit/backend/systems.js";
import { createGpu, limited, withBackends } from "./backends.js";

const backends = withBackends();

async function chosen(backend: Backend, points: Float64Array, size: number, count: number, zeta: number, first = 3): Promise<number[]> {
  const indices: number[] = [];
  for await (const index of backend.farthestPoints(points, size, count, zeta, first)) indices.push(index);
  return indices;
}

function randomPoints(count: number, size: number): Float64Array {
  const random = createRandom(9);
  return Float64Array.from({ length: count * size }, () => random.normal());
}

test.each([1, 2, 4])("environments of silicon, ζ %i", async (zeta) => {
  const { values, size } = await backends.cpu.computeFeatures([silicon(2, 0.1), silicon(2, 0.02)], hyperparameters({ basis: { nMax: 3, lMax: 2 } }));
  const expected = await chosen(backends.cpu, values, size, 60, zeta);
  const found = await chosen(backends.gpu, values, size, 60, zeta);
  expect(found).toEqual(expected);
  expect(new Set(found).size).toBe(60);
});

test("points that are not normalized, in one piece and where a buffer holds four components", async () => {
  const points = randomPoints(1200, 10);
  const expected = await chosen(backends.cpu, points, 10, 40, 1);
  expect(await chosen(backends.gpu, points, 10, 40, 1)).toEqual(expected);
  const device = await limited(65536 + 16 * 1200);
  const gpu = await createGpu({ device });
  expect(await chosen(gpu, points, 10, 40, 1)).toEqual(expected);
  gpu.destroy();
  device.destroy();
});

test("ends early among copies; more points than there are, and stopping, are refused and possible", async () => {
  const once = randomPoints(6, 5);
  const points = new Float64Array([...once, ...once, ...once]);
  const expected = await chosen(backends.cpu, points, 5, 18, 1);
  expect(expected).toHaveLength(6);
  expect(await chosen(backends.gpu, points, 5, 18, 1)).toEqual(expected);
  await expect(chosen(backends.gpu, once, 5, 7, 1)).rejects.toThrow(InputError);
  const stop = new AbortController();
  const chain = backends.gpu.farthestPoints(randomPoints(300, 5), 5, 300, 1, 0, { signal: stop.signal });
  expect((await chain.next()).value).toBe(0);
  stop.abort(new Error("enough"));
  await expect(
    (async () => {
      for await (const index of chain) expect(index).toBeGreaterThan(0);
    })(),
  ).rejects.toThrow("enough");
});
