// Asking for a GPU: adapter, limits, and whether it is only software.
import { GpuError } from "../../errors.js";
import type { AdapterReport } from "../backend.js";
import { findGpu, mayHaveGpu } from "./dawn.js";

/** The adapter behind a device. */
export type AdapterDescription = Omit<AdapterReport, "limits">;

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render/i;

function describe(info: GPUAdapterInfo | undefined, isFallback: boolean): AdapterDescription {
  const { vendor = "", architecture = "", device = "", description = "" } = info ?? {};
  const name = [description || device, `${vendor} ${architecture}`.trim()].filter((part) => part !== "").join(", ") || "unnamed adapter";
  return { name, vendor, architecture, device, description, software: isFallback || SOFTWARE.test(`${vendor} ${architecture} ${device} ${description}`) };
}

function isFallback(adapter: GPUAdapter): boolean {
  // Where the flag stands has changed between versions of the specification.
  return adapter.info.isFallbackAdapter === true || (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter === true;
}

/** The platform's adapter. @throws GpuError when there is none. */
export async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await findGpu().requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw noGpu();
  return adapter;
}

export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  return describe(adapter.info, isFallback(adapter));
}

function noGpu(): GpuError {
  return new GpuError("no GPU found", { expected: "a GPU with a driver that WebGPU can use, or the CPU backend", got: "no adapter" });
}

/**
 * A device with as large buffers as the adapter offers.
 * @param acceptSoftware whether an adapter that computes on the processor will do
 * @throws GpuError when there is no adapter, or only a software one and that is not accepted, or the adapter refuses.
 */
export async function openDevice(acceptSoftware: boolean): Promise<OpenDevice> {
  if (!acceptSoftware && !mayHaveGpu()) throw noGpu();
  const adapter = await requestAdapter();
  const description = describeAdapter(adapter);
  if (description.software && !acceptSoftware) {
    throw new GpuError("only a software GPU found", {
      expected: "a real GPU, or the CPU backend",
      got: description.name,
    });
  }
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const requiredFeatures: GPUFeatureName[] = adapter.features.has("timestamp-query") ? ["timestamp-query"] : [];
  try {
    const device = await adapter.requestDevice({ label: "lather", requiredFeatures, requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
    return { device, adapter: description };
  } catch (error) {
    throw new GpuError("the GPU gave no device", { expected: "a working driver, or the CPU backend", got: (error as Error).message });
  }
}

/** A device that the caller brought. */
export function describeDevice(device: GPUDevice): OpenDevice {
  return { device, adapter: describe(device.adapterInfo, device.adapterInfo?.isFallbackAdapter === true) };
}
