// What a GPU backend is opened with, and the sessions that come of it.
import type { DeviceLoss } from "../backend.js";
import { GpuContext } from "./context.js";
import { SessionKeeper } from "./device-loss.js";
import { describeDevice, openDevice, type OpenDevice } from "./device.js";
import { GpuSession } from "./session.js";

export interface GpuBackendOptions {
  /** The caller's own device; it is not destroyed with the backend. */
  readonly device?: GPUDevice | undefined;
  /** Take an adapter that computes on the processor when there is no other. */
  readonly acceptSoftware: boolean;
  /** Threads of the CPU's part: the sums of a fit. */
  readonly threads: number;
  /** What becomes of a job whose device is lost; "resume" by default. */
  readonly onDeviceLost?: DeviceLoss | undefined;
  /** Most centers that are computed at once; the results do not depend on it. */
  readonly chunkRows?: number;
  /** Take the time of every pass, which makes a job a little slower; off by default. */
  readonly timePasses?: boolean;
}

/** @throws GpuError when there is no GPU to be had, or when passes are to be timed and it cannot. */
export async function openSessions(options: GpuBackendOptions): Promise<SessionKeeper> {
  const { device, acceptSoftware, onDeviceLost = "resume", chunkRows, timePasses = false } = options;
  const start = (opened: OpenDevice): GpuSession => new GpuSession(new GpuContext(opened, device === undefined, timePasses), chunkRows);
  const open = async (): Promise<GpuSession> => start(await openDevice(acceptSoftware));
  if (device) return new SessionKeeper(start(describeDevice(device)), onDeviceLost, null);
  return new SessionKeeper(await open(), onDeviceLost, open);
}
