import { describe, expect, it } from "vitest";
import { CapacityError } from "../../../src/errors.js";
import { WasmKernels, compileKernels } from "../../../src/linalg/wasm-kernels.js";

describe("arena of the WebAssembly kernels", () => {
  it("hands out aligned blocks that do not overlap, above the static data", async () => {
    const kernels = await WasmKernels.create();
    const base = kernels.exports.heapBase() >>> 0;
    let end = base;
    for (const bytes of [1, 63, 64, 65, 100_000, 0, 8]) {
      const pointer = kernels.allocate(bytes);
      expect(pointer % 64).toBe(0);
      expect(pointer).toBeGreaterThanOrEqual(end);
      end = pointer + bytes;
    }
  });

  it("gives memory back to the mark", async () => {
    const kernels = await WasmKernels.create();
    const mark = kernels.mark();
    const first = kernels.allocate(1000);
    kernels.release(mark);
    expect(kernels.allocate(10)).toBe(first);
    expect(() => kernels.release(2 ** 31)).toThrow(RangeError);
    expect(() => kernels.release(mark - 1)).toThrow(RangeError);
    expect(() => kernels.allocate(Number.NaN)).toThrow(RangeError);
  });

  it("keeps contents when the memory grows", async () => {
    const kernels = await WasmKernels.create();
    const pointer = kernels.allocate(8 * 100);
    kernels.float64(pointer, 100).fill(0.25);
    const large = kernels.allocate(64 * 2 ** 20);
    kernels.float64(large, (64 * 2 ** 20) / 8)[8 * 2 ** 20 - 1] = 1;
    expect(kernels.float64(pointer, 100).every((value) => value === 0.25)).toBe(true);
    expect(kernels.int32(pointer, 2)[1]).toBe(0x3fd00000);
  });

  it("computes above 2 GiB, where signed pointers would be negative", async () => {
    const kernels = await WasmKernels.create();
    kernels.allocate(2 ** 31);
    const a = kernels.allocate(8 * 12);
    const c = kernels.allocate(8 * 4);
    expect(a).toBeGreaterThan(2 ** 31);
    kernels.float64(a, 12).set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    kernels.exports.gemm(0, 0, 2, 2, 3, 1, a, 3, a + 48, 2, 0, c, 2);
    expect([...kernels.float64(c, 4)]).toEqual([58, 64, 139, 154]);
    kernels.exports.mirrorLower(2, c, 2);
    expect(kernels.float64(c, 4)[1]).toBe(139);
  });

  it("names the size when the memory does not suffice, and stays usable", async () => {
    const kernels = await WasmKernels.create(await compileKernels());
    const mark = kernels.mark();
    expect(() => kernels.allocate(5 * 2 ** 30)).toThrow(CapacityError);
    expect(() => kernels.allocate(5 * 2 ** 30)).toThrow("5120.0 MiB");
    expect(kernels.mark()).toBe(mark);
    expect(kernels.allocate(64)).toBeGreaterThan(0);
  });
});
