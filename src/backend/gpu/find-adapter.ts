// Which GPU there is. Apart from device.ts, so that what the package publishes names no type of WebGPU (test/package).
import type { AdapterReport } from "../backend.js";
import { describeAdapter, requestAdapter } from "./device.js";

/** The GPU that the backend "gpu" would compute on. @throws GpuError when there is none. */
export async function findAdapter(): Promise<Omit<AdapterReport, "limits">> {
  return describeAdapter(await requestAdapter());
}
