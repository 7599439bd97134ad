// Time of every program on the GPU: each dispatch stands in a compute pass of its own between two timestamps, summed by the label of what it binds.
// A pass per dispatch costs the GPU a little; what a job takes as a whole is to be measured without.
import { GpuError } from "../../errors.js";

/** Dispatches under one label, and their time on the GPU. */
export interface PassTime {
  readonly dispatches: number;
  readonly seconds: number;
}

/** The most queries that WebGPU allows in a set: two per dispatch. */
const SET_QUERIES = 4096;
const QUERY_BYTES = 8;
/** GPUBufferUsage of the specification: copySource | queryResolve, and mapRead | copyTarget. */
const [RESOLVE, READ] = [0x4 | 0x200, 0x1 | 0x8];

/** Stands for a compute pass of the caller: collects what is set, and opens a pass when it comes to a dispatch. */
class TimedPass implements Pick<GPUComputePassEncoder, "setPipeline" | "dispatchWorkgroups" | "end"> {
  readonly #open: (label: string) => GPUComputePassEncoder;
  #pipeline!: GPUComputePipeline;
  #group!: GPUBindGroup;
  #offsets: number[] = [];

  constructor(open: (label: string) => GPUComputePassEncoder) {
    this.#open = open;
  }

  setPipeline(pipeline: GPUComputePipeline): undefined {
    this.#pipeline = pipeline;
  }

  /** The programs have one group, number 0. */
  setBindGroup(_index: number, group: GPUBindGroup, offsets: number[] = []): undefined {
    this.#group = group;
    this.#offsets = offsets;
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): undefined {
    const pass = this.#open(this.#group.label);
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group, this.#offsets);
    pass.dispatchWorkgroups(x, y, z);
    pass.end();
  }

  end(): undefined {
    // Every dispatch has ended its own.
  }
}

export class PassTimer {
  readonly #device: GPUDevice;
  readonly #sets: GPUQuerySet[] = [];
  /** Of the dispatches since the last reading, in their order. */
  #labels: string[] = [];

  /** @throws GpuError when the device has no timestamps. */
  constructor(device: GPUDevice) {
    if (!device.features.has("timestamp-query"))
      throw new GpuError("this GPU does not tell the time of its passes", { expected: 'a device with "timestamp-query"', got: "one without" });
    this.#device = device;
  }

  /** In place of `encoder.beginComputePass`. */
  begin(encoder: GPUCommandEncoder): GPUComputePassEncoder {
    const open = (label: string): GPUComputePassEncoder => {
      const query = 2 * this.#labels.push(label) - 2;
      const set = Math.floor(query / SET_QUERIES);
      this.#sets[set] ??= this.#device.createQuerySet({ label: "pass times", type: "timestamp", count: SET_QUERIES });
      const first = query % SET_QUERIES;
      const timestampWrites = { querySet: this.#sets[set], beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
      return encoder.beginComputePass({ label, timestampWrites });
    };
    // The passes of this folder call nothing else on a pass.
    return new TimedPass(open) as unknown as GPUComputePassEncoder;
  }

  /** Times of all dispatches submitted since the last reading, by label, in the order in which the labels came first. */
  async read(): Promise<Map<string, PassTime>> {
    const labels = this.#labels;
    this.#labels = [];
    const times = new Map<string, PassTime>();
    if (labels.length === 0) return times;
    const bytes = 2 * labels.length * QUERY_BYTES;
    const resolved = this.#device.createBuffer({ label: "pass times", size: bytes, usage: RESOLVE });
    const readable = this.#device.createBuffer({ label: "pass times: read", size: bytes, usage: READ });
    try {
      const encoder = this.#device.createCommandEncoder({ label: "pass times" });
      for (let query = 0; query < 2 * labels.length; query += SET_QUERIES) {
        const count = Math.min(SET_QUERIES, 2 * labels.length - query);
        encoder.resolveQuerySet(this.#sets[query / SET_QUERIES]!, 0, count, resolved, query * QUERY_BYTES);
      }
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      await readable.mapAsync(1);
      const nanoseconds = new BigUint64Array(readable.getMappedRange());
      labels.forEach((label, k) => {
        const { dispatches, seconds } = times.get(label) ?? { dispatches: 0, seconds: 0 };
        times.set(label, { dispatches: dispatches + 1, seconds: seconds + Number(nanoseconds[2 * k + 1]! - nanoseconds[2 * k]!) / 1e9 });
      });
      return times;
    } finally {
      resolved.destroy();
      readable.destroy();
    }
  }

  destroy(): void {
    for (const set of this.#sets.splice(0)) set.destroy();
  }
}
