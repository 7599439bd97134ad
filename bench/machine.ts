// The machine and two measured limits of it that every rate is set against: the SIMD float64 product of matrices, and a plain copy of memory.
import { WasmKernels } from "../src/linalg/wasm-kernels.js";
import { measure, type Budget } from "./timing.js";

export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  /** Null in a browser, as is the next but one. */
  readonly memory_gb: number | null;
  readonly platform: string;
  readonly node: string | null;
  /** Best rate of C ← A B, 512³, float64, one thread, on the kernels that Lather uses. */
  readonly gemm_gflops: number;
  /** Best rate of copying 64 MB, one thread: bytes read and bytes written. */
  readonly copy_gb_per_s: number;
}

const BUDGET: Budget = { warmUp: 0.5, seconds: 3, repetitions: 10 };

async function productRate(size: number, budget: Budget): Promise<number> {
  const kernels = await WasmKernels.create();
  const [a, b, c] = [0, 1, 2].map((which) => {
    const pointer = kernels.allocate(8 * size * size);
    const values = kernels.float64(pointer, size * size);
    for (let k = 0; k < values.length; k++) values[k] = ((k * (which + 2)) % 7) - 3;
    return pointer;
  }) as [number, number, number];
  const run = (): void => kernels.exports.gemm(0, 0, size, size, size, 1, a, size, b, size, 0, c, size);
  run();
  // Whole numbers below 2^53 make every sum exact, so the last element can be asked for exactly.
  const [left, right, product] = [a, b, c].map((pointer) => kernels.float64(pointer, size * size)) as [Float64Array, Float64Array, Float64Array];
  let expected = 0;
  for (let p = 0; p < size; p++) expected += left[(size - 1) * size + p]! * right[p * size + size - 1]!;
  if (product[size * size - 1] !== expected) throw new Error(`the matrix product is wrong: expected ${expected}, got ${product[size * size - 1]}`);
  return (2 * size ** 3) / (await measure(run, budget)).minimum / 1e9;
}

async function copyRate(numbers: number, budget: Budget): Promise<number> {
  const from = new Float64Array(numbers).fill(1);
  const to = new Float64Array(numbers);
  return (2 * from.byteLength) / (await measure(() => to.set(from), budget)).minimum / 1e9;
}

/** A browser tells the number of threads and its own name only. */
function platform(): Pick<Machine, "cpu" | "threads" | "memory_gb" | "platform" | "node"> {
  if (typeof process === "undefined" || !process.versions?.node) {
    const { hardwareConcurrency, userAgent } = navigator;
    return { cpu: "processor that the browser does not name", threads: hardwareConcurrency, memory_gb: null, platform: userAgent, node: null };
  }
  const { availableParallelism, cpus, totalmem } = process.getBuiltinModule("node:os");
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1e8) / 10,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

export async function describeMachine(budget: Budget = BUDGET, size = 512, copied = 8e6): Promise<Machine> {
  return { ...platform(), gemm_gflops: await productRate(size, budget), copy_gb_per_s: await copyRate(copied, budget) };
}
