// One WGSL program, compiled with its constants, and how its buffers are bound.
import { GpuError } from "../../errors.js";

/** "rows": the rows of a dispatch, read at an offset given with it; "sizes": other small numbers; "read", "write": arrays. */
export type BindingKind = "rows" | "sizes" | "read" | "write";

export interface ProgramSource {
  readonly label: string;
  readonly code: string;
  /** In the order of the binding numbers. */
  readonly bindings: readonly BindingKind[];
  /** Override constants of the WGSL. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Distance of the blocks in the buffer of rows; every device takes 256. */
export const ROWS_STRIDE = 256;
const ROWS_BYTES = 16;
/** GPUShaderStage.COMPUTE. */
const COMPUTE = 4;

const LAYOUTS: Readonly<Record<BindingKind, GPUBufferBindingLayout>> = {
  rows: { type: "uniform", hasDynamicOffset: true },
  sizes: { type: "uniform" },
  read: { type: "read-only-storage" },
  write: { type: "storage" },
};

export class ComputeProgram {
  readonly #device: GPUDevice;
  readonly #source: ProgramSource;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipeline: GPUComputePipeline;

  private constructor(device: GPUDevice, source: ProgramSource, layout: GPUBindGroupLayout, pipeline: GPUComputePipeline) {
    this.#device = device;
    this.#source = source;
    this.#layout = layout;
    this.#pipeline = pipeline;
  }

  static async create(device: GPUDevice, source: ProgramSource): Promise<ComputeProgram> {
    const { label, code, bindings, constants = {} } = source;
    const layout = device.createBindGroupLayout({
      label,
      entries: bindings.map((kind, binding) => ({ binding, visibility: COMPUTE, buffer: LAYOUTS[kind] })),
    });
    const module = device.createShaderModule({ label, code });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main", constants: { ...constants } },
      });
      return new ComputeProgram(device, source, layout, pipeline);
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const lines = code.split("\n");
      const found = messages.map(({ lineNum, message }) => `${label}.wgsl:${lineNum}: ${message}\n  ${lines[lineNum - 1] ?? ""}`);
      throw new GpuError("a GPU program did not compile", {
        expected: "another driver or browser version, or the CPU backend",
        got: found.join("\n") || (error as Error).message,
      });
    }
  }

  /** @param use what this group is for, where a program has several uses; added to the label. */
  bind(buffers: readonly GPUBuffer[], use?: string): GPUBindGroup {
    const { bindings } = this.#source;
    const label = use === undefined ? this.#source.label : `${this.#source.label}: ${use}`;
    const entries = buffers.map((buffer, binding) => ({
      binding,
      resource: bindings[binding] === "rows" ? { buffer, size: ROWS_BYTES } : { buffer },
    }));
    return this.#device.createBindGroup({ label, layout: this.#layout, entries });
  }

  /** @param block index of the block of rows, for programs that have rows. */
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup, block: number | null, x: number, y = 1, z = 1): void {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, group, block === null ? [] : [block * ROWS_STRIDE]);
    pass.dispatchWorkgroups(x, y, z);
  }
}
