// A GPUDevice that computes nothing: it takes every command, copies what is uploaded as a queue does, answers each readback with zeros at once, and counts.
// What a job takes on it is what the host takes, without the cost of the driver. Zeros are results that a prediction accepts: no pair, no energy, no force.

/** Since the last `reset`. */
export interface DeviceCounts {
  writes: number;
  bytesUp: number;
  bytesDown: number;
  submissions: number;
  commandBuffers: number;
  dispatches: number;
  maps: number;
}

const none = (): DeviceCounts => ({ writes: 0, bytesUp: 0, bytesDown: 0, submissions: 0, commandBuffers: 0, dispatches: 0, maps: 0 });

/** Limits of a large GPU. */
const LIMIT = 2 ** 32;

export function countingDevice(): { readonly device: GPUDevice; readonly read: () => DeviceCounts; readonly reset: () => void } {
  let counts = none();
  let staging = new Uint8Array(0);
  const buffer = ({ size, usage, label }: GPUBufferDescriptor): Partial<GPUBuffer> => {
    let memory = new ArrayBuffer(0);
    return {
      size, usage, label: label ?? "",
      mapAsync: async (_mode, _offset, bytes = size) => {
        counts.maps++;
        counts.bytesDown += bytes;
        return undefined;
      },
      // All of it is zero: one range serves for all of its length.
      getMappedRange: (_offset = 0, bytes = size) => (memory = memory.byteLength === bytes ? memory : new ArrayBuffer(bytes)),
      unmap: () => undefined, destroy: () => undefined,
    };
  };
  const pass = {
    setPipeline: () => undefined, setBindGroup: () => undefined, end: () => undefined,
    dispatchWorkgroups: () => void counts.dispatches++,
  };
  const encoder = {
    clearBuffer: () => undefined, copyBufferToBuffer: () => undefined, beginComputePass: () => pass, finish: () => ({}),
  };
  const queue = {
    writeBuffer: (_buffer: GPUBuffer, _offset: number, content: ArrayBufferView) => {
      if (staging.length < content.byteLength) staging = new Uint8Array(content.byteLength);
      staging.set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
      counts.writes++;
      counts.bytesUp += content.byteLength;
    },
    submit: (buffers: readonly GPUCommandBuffer[]) => {
      counts.submissions++;
      counts.commandBuffers += buffers.length;
    },
  };
  const device = {
    limits: { maxBufferSize: LIMIT, maxStorageBufferBindingSize: LIMIT },
    features: new Set<string>(),
    adapterInfo: { vendor: "none", architecture: "", device: "", description: "counting device", isFallbackAdapter: false },
    lost: new Promise(() => undefined),
    queue,
    createBuffer: buffer,
    createBindGroupLayout: () => ({}), createBindGroup: () => ({}), createPipelineLayout: () => ({}), createShaderModule: () => ({}),
    createComputePipelineAsync: async () => ({}),
    createCommandEncoder: () => encoder,
    pushErrorScope: () => undefined, popErrorScope: async () => null,
    destroy: () => undefined,
  };
  return { device: device as unknown as GPUDevice, read: () => ({ ...counts }), reset: () => void (counts = none()) };
}
