// The GPU and two measured limits of it that every pass is set against: a float32 product of matrices and a plain copy of its memory.
import type { ComputeProgram } from "../src/backend/gpu/compute-program.js";
import { GpuContext, USAGE } from "../src/backend/gpu/context.js";
import { MATRIX_PRODUCT } from "../src/backend/gpu/generated/shaders.js";
import { openDevice, type AdapterDescription } from "../src/backend/gpu/device.js";
import { createRandom } from "../src/selection/random.js";
import { COPY, PRODUCT } from "./gpu-adapter-programs.js";

export interface GpuAdapter extends AdapterDescription {
  /** Whether the times of single passes can be had. */
  readonly timestamps: boolean;
  readonly max_buffer_mb: number;
  /** Best rate of a product of square float32 matrices, and their size. */
  readonly product_gflops: number;
  readonly product_size: number;
  /** Best rate of copying a buffer by a shader, bytes read and bytes written, and the buffer's size. */
  readonly copy_gb_per_s: number;
  readonly copy_mb: number;
}

export interface AdapterSizes {
  /** A multiple of 128. */
  readonly product: number;
  /** Bytes, a multiple of 16,384. */
  readonly copy: number;
  /** Rounds, of which the best counts, and the seconds that one should take at least. */
  readonly rounds: number;
  readonly seconds: number;
}

const HARDWARE: AdapterSizes = { product: 4096, copy: 2 ** 28, rounds: 5, seconds: 0.1 };
const SOFTWARE: AdapterSizes = { product: 512, copy: 2 ** 25, rounds: 3, seconds: 0 };
const COPY_GROUP_BYTES = 16384;

/** What is known without measuring. @throws GpuError when there is no adapter. */
export async function findAdapter(): Promise<Pick<GpuAdapter, "software" | "timestamps">> {
  const { device, adapter } = await openDevice(true);
  const timestamps = device.features.has("timestamp-query");
  device.destroy();
  return { software: adapter.software, timestamps };
}

/** @throws GpuError when there is no adapter; Error when it computes wrongly. */
export async function describeAdapter(given?: AdapterSizes): Promise<GpuAdapter> {
  const context = new GpuContext(await openDevice(true), true);
  try {
    const { adapter, device, maxBytes } = context;
    const sizes = given ?? (adapter.software ? SOFTWARE : HARDWARE);
    const copied = Math.min(sizes.copy, maxBytes - (maxBytes % COPY_GROUP_BYTES));
    return {
      ...adapter,
      timestamps: device.features.has("timestamp-query"),
      max_buffer_mb: maxBytes / 1e6,
      product_gflops: await productRate(context, sizes),
      product_size: sizes.product,
      copy_gb_per_s: await copyRate(context, copied, sizes),
      copy_mb: copied / 1e6,
    };
  } finally {
    context.destroy();
  }
}

/** Seconds of one dispatch: as many are submitted together as fill a round, so that neither submitting nor waiting counts. */
async function dispatchTime(
  context: GpuContext, program: ComputeProgram, group: GPUBindGroup, [x, y]: readonly [number, number], { rounds, seconds }: AdapterSizes,
): Promise<number> {
  const { device } = context;
  const time = async (dispatches: number): Promise<number> => {
    const encoder = device.createCommandEncoder({ label: "adapter" });
    const pass = encoder.beginComputePass({ label: "adapter" });
    for (let k = 0; k < dispatches; k++) program.encode(pass, group, null, x, y);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / 1000 / dispatches;
  };
  await time(1);
  const dispatches = Math.max(1, Math.ceil(seconds / (await time(1))));
  let least = Infinity;
  for (let round = 0; round < rounds; round++) least = Math.min(least, await time(dispatches));
  return least;
}

/** The first numbers of a buffer behind `offset` bytes. */
async function readNumbers({ device }: GpuContext, buffer: GPUBuffer, offset: number, bytes: number): Promise<Float32Array> {
  const readable = device.createBuffer({ label: "adapter: read", size: bytes, usage: USAGE.mapRead | USAGE.copyTarget });
  const encoder = device.createCommandEncoder({ label: "adapter: read" });
  encoder.copyBufferToBuffer(buffer, offset, readable, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(1);
  const numbers = new Float32Array(readable.getMappedRange().slice(0));
  readable.destroy();
  return numbers;
}

/** Whole numbers from −3 to 3: every sum of their products is exact in float32. */
function wholeNumbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const numbers = new Float32Array(count);
  for (let k = 0; k < count; k++) numbers[k] = random.integer(7) - 3;
  return numbers;
}

interface Product {
  /** Where A_rk stands. */
  readonly at: (row: number, k: number) => number;
  readonly groups: number;
  create(left: GPUBuffer, right: GPUBuffer, out: GPUBuffer): Promise<readonly [ComputeProgram, GPUBindGroup]>;
}

/** The program with workgroup memory that suits a GPU, and the library's own, which suits software better: the limit is that of the faster one. */
function products(context: GpuContext, size: number): Product[] {
  return [
    {
      at: (row, k) => k * size + row,
      groups: size / 128,
      create: async (left, right, out) => {
        const program = await context.program({ label: "product", code: PRODUCT, bindings: ["read", "read", "write"], constants: { SIZE: size } });
        return [program, program.bind([left, right, out])];
      },
    },
    {
      at: (row, k) => row * size + k,
      groups: size / 64,
      create: async (left, right, out) => {
        const program = await context.program({
          label: "matrix-product", code: MATRIX_PRODUCT, bindings: ["sizes", "sizes", "read", "read", "write"], constants: { ACCUMULATE: 0 },
        });
        const rows = context.createFilled("product: rows", new Uint32Array([0, 0, size, 0]), USAGE.uniform);
        const sizes = context.createFilled("product: sizes", new Uint32Array(4).fill(size / 4), USAGE.uniform);
        return [program, program.bind([rows, sizes, left, right, out])];
      },
    },
  ];
}

function productRate(context: GpuContext, sizes: AdapterSizes): Promise<number> {
  const size = sizes.product;
  return context.run("the float32 product", async () => {
    const [a, b] = [wholeNumbers(size * size, 1), wholeNumbers(size * size, 2)];
    const [left, right] = [context.createFilled("product: A", a), context.createFilled("product: B", b)];
    let seconds = Infinity;
    for (const { at, groups, create } of products(context, size)) {
      const out = context.createBuffer("product: C", 4 * size * size, USAGE.storage | USAGE.copySource);
      const [program, group] = await create(left, right, out);
      seconds = Math.min(seconds, await dispatchTime(context, program, group, [groups, groups], sizes));
      for (const row of [0, 1, 7, 65, size / 2 + 3, size - 1]) {
        const found = await readNumbers(context, out, 4 * size * row, 4 * size);
        for (let column = row % 13; column < size; column += 13) {
          let expected = 0;
          for (let k = 0; k < size; k++) expected += a[at(row, k)]! * b[k * size + column]!;
          const number = found[column];
          if (number !== expected) throw new Error(`the product is wrong on this GPU: (${row}, ${column}) is ${number}, not ${expected}`);
        }
      }
      context.destroyBuffer(out);
    }
    for (const buffer of [left, right]) context.destroyBuffer(buffer);
    return (2 * size ** 3) / seconds / 1e9;
  });
}

function copyRate(context: GpuContext, bytes: number, sizes: AdapterSizes): Promise<number> {
  return context.run("the copy", async () => {
    const numbers = new Float32Array(bytes / 4);
    for (let k = 0; k < numbers.length; k++) numbers[k] = k % 16381;
    const source = context.createFilled("copy: source", numbers);
    const copy = context.createBuffer("copy", bytes, USAGE.storage | USAGE.copySource);
    const program = await context.program({ label: "copy", code: COPY, bindings: ["read", "write"] });
    const seconds = await dispatchTime(context, program, program.bind([source, copy]), [bytes / COPY_GROUP_BYTES, 1], sizes);
    const part = Math.min(bytes, 2 ** 20);
    const found = await readNumbers(context, copy, bytes - part, part);
    if (found.some((value, k) => value !== numbers[(bytes - part) / 4 + k])) throw new Error("the copy is wrong on this GPU");
    for (const buffer of [source, copy]) context.destroyBuffer(buffer);
    return (2 * bytes) / seconds / 1e9;
  });
}
