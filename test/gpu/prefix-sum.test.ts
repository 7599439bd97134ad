// Prefix sums against a loop: lengths about the sizes of tiles and blocks, and sums beyond 32 bits.
import { afterAll, beforeAll, expect, test } from "vitest";
import { GpuContext, USAGE } from "../../src/backend/gpu/context.js";
import { openDevice } from "../../src/backend/gpu/device.js";
import { BLOCK_SUMS_BYTES, PrefixSumPass } from "../../src/backend/gpu/prefix-sum-pass.js";
import { createRandom } from "../../src/selection/random.js";

let context: GpuContext;
beforeAll(async () => {
  context = new GpuContext(await openDevice(true), true);
});
afterAll(() => context?.destroy());

async function prefixSums(counts: Uint32Array): Promise<Uint32Array> {
  const pass = await PrefixSumPass.create(context);
  const bytes = 4 * (counts.length + 1);
  const content = new Uint32Array(counts.length + 1).fill(77);
  content.set(counts);
  const values = context.createFilled("values", content, USAGE.storage | USAGE.copySource);
  const sums = context.createBuffer("sums", BLOCK_SUMS_BYTES, USAGE.storage);
  const sizes = context.createFilled("sizes", Uint32Array.of(...PrefixSumPass.sizes(counts.length), 0, 0), USAGE.uniform);
  const out = context.createBuffer("out", bytes, USAGE.mapRead | USAGE.copyTarget);
  pass.bind(sizes, values, sums, "counts");
  const encoder = context.device.createCommandEncoder();
  const compute = encoder.beginComputePass();
  pass.encode(compute, 0, counts.length);
  compute.end();
  encoder.copyBufferToBuffer(values, 0, out, 0, bytes);
  context.device.queue.submit([encoder.finish()]);
  await out.mapAsync(1);
  const found = new Uint32Array(out.getMappedRange().slice(0, bytes));
  for (const buffer of [values, sums, sizes, out]) context.destroyBuffer(buffer);
  return found;
}

/** Sums that stay at the largest number. */
function loop(counts: Uint32Array): Uint32Array {
  const sums = new Uint32Array(counts.length + 1);
  counts.forEach((count, k) => (sums[k + 1] = Math.min(2 ** 32 - 1, sums[k]! + count)));
  return sums;
}

test.each([0, 1, 63, 255, 256, 257, 1023, 1024, 1025, 5000, 300_000])("%i counts", async (length) => {
  const random = createRandom(length);
  const counts = Uint32Array.from({ length }, () => random.integer(90));
  expect(await prefixSums(counts)).toEqual(loop(counts));
});

test("sums beyond 32 bits stay at the largest number", async () => {
  const counts = new Uint32Array(2000).fill(3e6);
  const found = await prefixSums(counts);
  expect(found).toEqual(loop(counts));
  expect(found.at(-1)).toBe(2 ** 32 - 1);
});
