// WebGPU in Node: Dawn, from the optional npm package `webgpu`. In a browser navigator.gpu is used instead.
import { GpuError } from "../../errors.js";

/** Kept alive as long as the process: Dawn must outlive every device that it made. */
let dawn: GPU | undefined;

/** Timestamps are rounded to 65.5 µs to protect pages from each other; there are no pages in Node. */
const DAWN_FLAGS = ["disable-dawn-features=timestamp_quantization"];

/** Found beside this library, or in the project that is being run. */
function loadPackage(): { readonly create: (flags: string[]) => GPU } {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  const reasons: string[] = [];
  for (const from of [import.meta.url, pathToFileURL(`${process.cwd()}/package.json`).href]) {
    try {
      return createRequire(from)("webgpu") as { create: (flags: string[]) => GPU };
    } catch (error) {
      reasons.push((error as Error).message.split("\n")[0]!);
    }
  }
  throw new GpuError('WebGPU in Node needs the package "webgpu"', { expected: "npm install webgpu, or the CPU backend", got: reasons[0]! });
}

/** What navigator.gpu is in a browser. @throws GpuError when there is none. */
export function findGpu(): GPU {
  if (typeof navigator !== "undefined" && navigator.gpu) return navigator.gpu;
  if (typeof process !== "undefined" && process.versions?.node) return (dawn ??= loadPackage().create(DAWN_FLAGS));
  throw new GpuError("no WebGPU in this browser", {
    expected: "a browser with WebGPU and a page served over https or from localhost, or the CPU backend",
    got: "no navigator.gpu",
  });
}

/** Kernel devices of GPUs on Linux: DRM, NVIDIA, and DirectX under WSL. */
const LINUX_DEVICES = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"];

/** Whether it is worth asking Dawn for a real GPU: where Linux has none, Dawn takes a tenth of a second and says on stderr what it tried. */
export function mayHaveGpu(): boolean {
  if (typeof navigator !== "undefined" && navigator.gpu) return true;
  if (typeof process === "undefined" || process.platform !== "linux") return true;
  const { existsSync } = process.getBuiltinModule("node:fs");
  return LINUX_DEVICES.some((path) => existsSync(path));
}
