// Distances to the point taken last and to the nearest of all taken, Eq. (19): shaders/nearest-point.wgsl.
import { CapacityError } from "../../errors.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { NEAREST_POINT } from "./generated/shaders.js";
import type { Workspace } from "./workspace.js";

/** Threads of a dispatch. */
const MAX_POINTS = 65535 * 64;

/** Components that stand in one buffer. */
interface Slab {
  readonly sizes: GPUBuffer;
  readonly components: GPUBuffer;
  group: GPUBindGroup | null;
}

export class NearestPointPass {
  readonly #context: GpuContext;
  readonly #program: ComputeProgram;
  readonly #slabs: readonly Slab[];
  readonly #squares: GPUBuffer;
  readonly #points: number;

  private constructor(context: GpuContext, program: ComputeProgram, points: Float64Array, size: number) {
    this.#context = context;
    this.#program = program;
    const total = points.length / size;
    this.#points = total;
    const quads = Math.ceil(size / 4);
    const width = Math.max(1, Math.min(quads, Math.floor(context.maxBytes / (16 * total))));
    const mean = meanOf(points, size);
    const slabs: Slab[] = [];
    for (let first = 0; first < quads; first += width) {
      const own = Math.min(width, quads - first);
      const numbers = new Uint32Array([own, total, Number(first === 0), Number(first + own === quads)]);
      slabs.push({
        sizes: context.createFilled("nearest point: sizes", numbers, USAGE.uniform),
        components: context.createFilled("points", centeredQuads(points, mean, first, own)),
        group: null,
      });
    }
    this.#slabs = slabs;
    this.#squares = context.createFilled("squares of the points", squares(points, size));
  }

  /** To be called within GpuContext.run. @param points [point][size] @throws CapacityError beyond 65,535 workgroups. */
  static async create(context: GpuContext, points: Float64Array, size: number, zeta: number): Promise<NearestPointPass> {
    if (points.length / size > MAX_POINTS)
      throw new CapacityError("too many points for the GPU", {
        expected: `at most ${MAX_POINTS}; the CPU backend takes more`,
        got: `${points.length / size}`,
      });
    const bindings = ["rows", "sizes", "read", "read", "read", "write", "write"] as const;
    const program = await context.program({ label: "nearest-point", code: NEAREST_POINT, bindings, constants: { ZETA: zeta } });
    return new NearestPointPass(context, program, points, size);
  }

  /** Sizes as the program of the farthest point reads them. */
  get sizes(): GPUBuffer {
    return this.#slabs[0]!.sizes;
  }

  bind(workspace: Workspace): void {
    const filled = (["taken", "distances", "farthest"] as const).map((name) => workspace.get(name));
    for (const slab of this.#slabs)
      slab.group = this.#program.bind([workspace.get("rows"), slab.sizes, slab.components, this.#squares, ...filled]);
  }

  encode(pass: GPUComputePassEncoder, step: number): void {
    for (const { group } of this.#slabs) this.#program.encode(pass, group!, step, Math.ceil(this.#points / 64));
  }

  destroy(): void {
    for (const buffer of this.#slabs.flatMap(({ sizes, components }) => [sizes, components])) this.#context.destroyBuffer(buffer);
    this.#context.destroyBuffer(this.#squares);
  }
}

function meanOf(points: Float64Array, size: number): Float64Array {
  const mean = new Float64Array(size);
  points.forEach((value, k) => (mean[k % size]! += value));
  return mean.map((sum) => sum / (points.length / size));
}

/** Differences of points are exact to their own size when what all points share is taken off in float64. */
function centeredQuads(points: Float64Array, mean: Float64Array, first: number, quads: number): Float32Array<ArrayBuffer> {
  const size = mean.length;
  const total = points.length / size;
  const out = new Float32Array(4 * quads * total);
  for (let q = 4 * first; q < Math.min(size, 4 * (first + quads)); q++) {
    const to = 4 * ((q >> 2) - first) * total + (q & 3);
    for (let point = 0; point < total; point++) out[to + 4 * point] = points[point * size + q]! - mean[q]!;
  }
  return out;
}

function squares(points: Float64Array, size: number): Float32Array<ArrayBuffer> {
  const total = points.length / size;
  const out = new Float32Array(2 * total);
  for (let point = 0; point < total; point++) {
    const square = points.subarray(point * size, (point + 1) * size).reduce((sum, value) => sum + value * value, 0);
    out[2 * point] = square;
    out[2 * point + 1] = square - out[2 * point]!;
  }
  return out;
}
