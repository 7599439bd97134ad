// --backend of every command that computes. A machine without any WebGPU adapter, not even one in software, fails these tests.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { findGpu } from "../../src/backend/gpu/dawn.js";
import { parseNpz } from "../../src/model/npz.js";
import { formatExtxyz, parseExtxyz } from "../../src/structure/extxyz.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal } from "../unit/backend/systems.js";
import { lather, temporaryFolder } from "../unit/cli/run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const [input, model, basis] = [file("in.xyz"), file("m.json"), file("b.json")];
const settings = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3"];
const frames = (count: number): string =>
  Array.from({ length: count }, (_, seed) => formatExtxyz({ ...crystal([14], 4, seed + 1), info: new Map([["energy", -seed]]) })).join("");
writeFileSync(input, frames(3));

/** Every command that computes, as the words for it. */
const commands = (): Record<string, string[]> => ({
  features: ["features", input, "--out", file("gpu.npz"), ...settings],
  select: ["select", input, "--count", "2", "--out", file("s.xyz"), ...settings],
  basis: ["basis", input, "--keep", "2", "--out", file("b2.json"), ...settings],
  fit: ["fit", "--train", input, "--config", basis, "--model", file("m2.json")],
  predict: ["predict", model, input, "--out", file("p.xyz")],
});
const names = Object.keys(commands());

async function run(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await lather([...words, "--threads", "1"]);
  expect(code, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  await run("basis", input, "--keep", "2", "--out", basis, ...settings);
  await run("fit", "--train", input, "--config", basis, "--model", model);
});
afterEach(() => void vi.restoreAllMocks());

describe.each(names)("%s", (name) => {
  test("on a GPU on request: --json reports the adapter and its limits, the report for people names it", async () => {
    const words = [...commands()[name]!, "--backend", "gpu"];
    const report = JSON.parse(await run(...words, "--json")) as Record<string, unknown>;
    expect(report).toMatchObject({ backend: "gpu", threads: 1, fallback: null, description: expect.stringMatching(/^GPU/) });
    const adapter = report["adapter"] as Record<string, unknown>;
    for (const key of ["name", "vendor", "architecture", "device", "description"]) expect(adapter[key]).toBeTypeOf("string");
    expect(report["description"]).toContain(adapter["name"]);
    expect(adapter["software"]).toBeTypeOf("boolean");
    const limits = adapter["limits"] as Record<string, number>;
    for (const key of ["maxBufferSize", "maxStorageBufferBindingSize"]) expect(limits["usedBufferSize"]).toBeLessThan(limits[key]!);
    expect(limits["usedBufferSize"]).toBeGreaterThan(1e8);
    expect(await run(...words)).toMatch(/^ *GPU.*WebGPU \(float32\)/m);
  });

  test("on the CPU otherwise; \"auto\" says what it took and why", async () => {
    const words = commands()[name]!;
    expect(JSON.parse(await run(...words, "--json"))).toMatchObject({ backend: "cpu", adapter: null, fallback: null });
    expect(await run(...words)).toMatch(/^ *CPU, 1 thread, SIMD WebAssembly \(float64(, fused multiply-add)?\)[:;]/m);
    const auto = await run(...words, "--backend", "auto");
    expect(auto).toMatch(/^ *(CPU, 1 thread.* \(--backend auto: (no|only a software) GPU found\)|GPU, .* \(--backend auto: a GPU was found\))/m);
  });
});

test("features of the GPU are those of the CPU in float32", async () => {
  const values = async (kind: string): Promise<Float64Array> => {
    await run("features", input, "--out", file("f.npz"), ...settings, "--backend", kind);
    return parseNpz(readFileSync(file("f.npz")))["features"]!.data as Float64Array;
  };
  const [cpu, gpu] = [await values("cpu"), await values("gpu")];
  expect(relativeDifference(gpu, cpu)).toBeLessThan(5e-6);
  expect(gpu).not.toEqual(cpu);
});

test("a prediction on the GPU shows its progress, and Ctrl-C in its middle leaves the old file as it was", async () => {
  const many = file("many.xyz");
  writeFileSync(many, frames(100));
  const words = ["predict", model, many, "--backend", "gpu", "--threads", "1"];
  const shown = await lather([...words, "--out", file("all.xyz")]);
  // Atoms that come close in some frames are warned of first.
  expect(shown).toMatchObject({ code: 0, stderr: expect.stringMatching(/^(?:lather: warning: .*\n)?predict\n/) });
  expect(parseExtxyz(readFileSync(file("all.xyz"), "utf8"))).toHaveLength(100);

  const kept = file("kept.xyz");
  writeFileSync(kept, "old\n");
  const before = readdirSync(folder).sort();
  const controller = new AbortController();
  const { code, stdout, stderr } = await lather([...words, "--out", kept], controller.signal, (text) => text.startsWith("predict") && controller.abort(new Error("interrupted")));
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).toMatch(/predict\nlather: stopped; nothing was written\n$/);
  expect(readFileSync(kept, "utf8")).toBe("old\n");
  expect(readdirSync(folder).sort()).toEqual(before);
});

/** Changes every device that is given out from now on. */
function onDevice(change: (device: GPUDevice) => void): void {
  const gpu = findGpu();
  const request = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, "requestAdapter").mockImplementation(async (options) => {
    const adapter = await request(options);
    const open = adapter!.requestDevice.bind(adapter);
    adapter!.requestDevice = async (descriptor) => {
      const device = await open(descriptor);
      change(device);
      return device;
    };
    return adapter;
  });
}

const mishaps: [string, (device: GPUDevice) => void, RegExp][] = [
  ["loses its device", (device) => {
    const submit = device.queue.submit.bind(device.queue);
    device.queue.submit = (buffers) => (submit(buffers), device.destroy(), undefined);
  }, /the GPU device was lost: expected to begin again.*\n\(--backend cpu computes without a GPU\)\n$/],
  ["has no memory left", (device) => {
    const pop = device.popErrorScope.bind(device);
    let pushed: GPUErrorFilter[] = [];
    const push = device.pushErrorScope.bind(device);
    device.pushErrorScope = (filter) => (pushed = [...pushed, filter], push(filter));
    device.popErrorScope = async () => {
      const filter = pushed.at(-1);
      pushed = pushed.slice(0, -1);
      const error = await pop();
      return filter === "out-of-memory" ? ({ message: "no memory" } as GPUError) : error;
    };
  }, /the GPU has no memory left: expected fewer structures/],
  ["allows only small buffers", (device) => {
    Object.defineProperty(device, "limits", { value: { maxBufferSize: 66_000, maxStorageBufferBindingSize: 66_000 } });
  }, /would be larger than this GPU allows: expected at most 464 bytes/],
];

test.each(mishaps)("a GPU that %s ends the command with 1, says what to do and leaves nothing", async (_, change, message) => {
  onDevice(change);
  const out = file("never.xyz");
  const { code, stdout, stderr } = await lather(["predict", model, input, "--out", out, "--backend", "gpu", "--threads", "1"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/or the CPU backend/);
  expect(stderr).not.toMatch(/internal error|\n\s+at /);
  expect(existsSync(out)).toBe(false);
});

test("without any adapter \"gpu\" is refused with what to do", async () => {
  vi.spyOn(findGpu(), "requestAdapter").mockResolvedValue(null);
  const { code, stderr } = await lather(["features", input, "--out", file("never.npz"), "--backend", "gpu"]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^lather: no GPU found: expected a GPU with a driver .*\(--backend cpu computes without a GPU\)\n$/s)]);
});
