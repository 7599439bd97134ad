// Rows of L K for the forces and virials of whole batches of structures, Eqs. (17) and (23), in forward mode: features and their derivatives with respect to every pair,
// times V, times the sparse points, and the sums over pairs. The GPU computes in float32; sums over the segments of a structure are float64.
import { CapacityError } from "../../errors.js";
import type { FitCenter } from "../backend.js";
import type { KernelRows } from "../cpu/kernel-rows.js";
import type { GpuContext } from "./context.js";
import type { BatchLimits, EnvironmentBatch } from "./environments.js";
import type { FeaturePipeline } from "./feature-pipeline.js";
import { createFitChunks, VIRIAL_ROWS, type ChunkLimits, type FitChunk, type FitChunks } from "./fit-chunks.js";
import { FitColumns, meanPoint } from "./fit-columns.js";
import { MatrixProductPass, paddedColumns, rightMatrix } from "./matrix-product-pass.js";
import { contractedBytes, PairContractionPass } from "./pair-contraction-pass.js";
import { Readback } from "./readback.js";
import { chunkRows } from "./rows.js";
import { SpectrumGradientPass } from "./spectrum-gradient-pass.js";
import { SubtractMeanPass } from "./subtract-mean-pass.js";
import { Workspace } from "./workspace.js";

/** All buffers of a chunk's pairs together. On a software adapter a chunk must not take seconds. */
const PAIR_BYTES = { gpu: 192 * 2 ** 20, software: 8 * 2 ** 20 };

/** Four atoms to a workgroup. */
const MAX_ATOMS = 65535 * 4;

export interface FitLimits {
  /** Most centers of a chunk; the results do not depend on it. */
  readonly centers: number;
  /** Most rows of a batch. */
  readonly rows: number;
}

export class FitPipeline {
  readonly #context: GpuContext;
  readonly #features: FeaturePipeline;
  readonly #contraction: PairContractionPass;
  readonly #gradient: SpectrumGradientPass;
  /** By element index. */
  readonly #projections: readonly (MatrixProductPass | null)[];
  readonly #means: readonly (SubtractMeanPass | null)[];
  readonly #columns: readonly FitColumns[];
  /** First column of each element in the rows on the host, padded to even numbers, and the number of all. */
  readonly #firstColumns: readonly number[];
  readonly #workspace: Workspace;
  readonly #readback: Readback;
  readonly #chunkLimits: ChunkLimits;
  /** Bytes of a row of "components" and "products". */
  readonly #componentBytes: number;
  readonly #productBytes: number;
  #boundGeneration = -1;

  private constructor(
    context: GpuContext,
    features: FeaturePipeline,
    passes: readonly [PairContractionPass, SpectrumGradientPass],
    projections: readonly (MatrixProductPass | null)[],
    means: readonly (SubtractMeanPass | null)[],
    columns: readonly FitColumns[],
    componentBytes: number,
    rowLimit: number,
  ) {
    this.#context = context;
    this.#features = features;
    [this.#contraction, this.#gradient] = passes;
    this.#projections = projections;
    this.#means = means;
    this.#columns = columns;
    this.#workspace = new Workspace(context, "fit");
    this.#readback = new Readback(context, "fit");
    this.#componentBytes = componentBytes;
    this.#productBytes = 4 * Math.max(64, ...columns.map(({ stride }) => stride));
    const first = [0];
    projections.forEach((_, element) => {
      const points = columns.reduce((sum, own) => sum + (own.element === element ? own.count : 0), 0);
      first.push(first.at(-1)! + points + (points & 1));
    });
    this.#firstColumns = first;
    const bytes = [features.resident.featureBytes, componentBytes, this.#productBytes];
    const perPair = 3 * bytes.reduce((sum, own) => sum + own, 0) + contractedBytes(features.tables);
    const budget = context.adapter.software ? PAIR_BYTES.software : PAIR_BYTES.gpu;
    this.#chunkLimits = {
      centers: Math.min(rowLimit, chunkRows([...features.rowBytes, ...bytes], context.maxBytes / 4)),
      pairs: Math.floor(Math.min(budget / perPair, (0.75 * context.maxBytes) / Math.max(...bytes) / 3)),
    };
  }

  /**
   * @param features stays with the caller
   * @param species elements of the features, whose indices the batches use
   */
  static async create(
    context: GpuContext,
    features: FeaturePipeline,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    limits: FitLimits,
  ): Promise<FitPipeline> {
    const { resident } = features;
    const { featureBytes, tables } = resident;
    const ofElement = species.map((z) => centers.find((center) => center.species === z) ?? null);
    const stride = paddedColumns(Math.max(1, ...ofElement.map((center) => (center?.projection ? center.size : 0))));
    const projections: (MatrixProductPass | null)[] = [];
    const means: (SubtractMeanPass | null)[] = [];
    const columns: FitColumns[] = [];
    try {
      return await context.run("preparing the fit", async () => {
        for (const [element, center] of ofElement.entries()) {
          const matrix = center?.projection ? rightMatrix(center.projection, tables.layout.size, center.size, false) : null;
          const place = { left: "features", leftStride: featureBytes / 4, out: "components", outStride: stride, accumulate: false } as const;
          projections.push(matrix && (await MatrixProductPass.create(context, "projection", matrix, place)));
          if (!center) {
            means.push(null);
            continue;
          }
          const left = matrix ? ({ left: "components", leftStride: stride } as const) : ({ left: "features", leftStride: featureBytes / 4 } as const);
          const mean = meanPoint(center);
          means.push(await SubtractMeanPass.create(context, mean, left.left, left.leftStride));
          const points = center.size === 0 ? 0 : center.sparsePoints.length / center.size;
          const width = widestColumns(context.maxBytes, limits.rows, center.size);
          for (let first = 0; first < points; first += width) {
            const range = [first, Math.min(width, points - first)] as const;
            columns.push(await FitColumns.create(context, center, zeta, [element, species.length], range, mean, left));
          }
        }
        const passes = [await PairContractionPass.create(context, resident), await SpectrumGradientPass.create(context, resident)] as const;
        return new FitPipeline(context, features, passes, projections, means, columns, 4 * stride, limits.centers);
      });
    } catch (error) {
      for (const part of [...projections, ...means, ...columns]) part?.destroy();
      throw error;
    }
  }

  /** Of the batches that it takes. */
  get limits(): BatchLimits {
    return this.#features.lists.limits;
  }

  /**
   * Makes the neighbor lists of a batch, and records and submits everything behind them. To be called for one batch after the other, since they
   * share their buffers; the rows come later.
   * @returns null when the pairs only fit the buffers in smaller batches
   * @throws CapacityError for a structure of more than 262,140 atoms, or one whose rows are larger than a buffer
   */
  async submit(batch: EnvironmentBatch): Promise<{ readonly rows: Promise<KernelRows[]> } | null> {
    if (batch.atoms > MAX_ATOMS)
      throw new CapacityError("too many atoms in one structure for the GPU", { expected: `at most ${MAX_ATOMS}`, got: String(batch.atoms) });
    const offsets = await this.#features.lists.readOffsets(this.#workspace, this.#readback, batch, true);
    if (!offsets) return null;
    const wanted = new Set(this.#columns.map(({ element }) => element));
    const plan = createFitChunks(batch, offsets, (element) => wanted.has(element), this.#chunkLimits);
    const rows = this.#context.run("rows of a fit", async () => {
      this.#prepare(plan);
      const { device } = this.#context;
      const reads = this.#columns.map((columns) => {
        const clear = device.createCommandEncoder({ label: "clear" });
        clear.clearBuffer(this.#workspace.get("kernel rows"));
        device.queue.submit([clear.finish()]);
        // One submission per chunk: a slow adapter is watched by the system, which ends what takes too long.
        for (const chunk of plan.chunks) if (chunk.element === columns.element) this.#submitChunk(chunk, columns);
        const encoder = device.createCommandEncoder({ label: "rows of a fit" });
        const pending = this.#readback.encode(encoder, this.#workspace, [["kernel rows", 4 * plan.rows * columns.stride]]);
        device.queue.submit([encoder.finish()]);
        return this.#readback.read(pending);
      });
      const values = (await Promise.all(reads)).map(([rows]) => rows!);
      return batch.structures.map((structure, s) => this.#rowsOf(structure.species.length, plan.structureRows[s]!, values));
    });
    return { rows };
  }

  #submitChunk(chunk: FitChunk, columns: FitColumns): void {
    const encoder = this.#context.device.createCommandEncoder({ label: "rows of a fit" });
    const pass = this.#context.beginPass(encoder, "rows of a fit");
    this.#features.encode(pass, chunk.centers, true);
    if (chunk.pairs > 0) {
      this.#contraction.encode(pass, chunk.centers);
      this.#gradient.encode(pass, chunk.centers);
    }
    this.#projections[chunk.element]?.encode(pass, chunk.products);
    this.#means[chunk.element]!.encode(pass, chunk.centers);
    columns.encode(pass, chunk);
    pass.end();
    this.#context.device.queue.submit([encoder.finish()]);
  }

  #prepare(plan: FitChunks): void {
    const workspace = this.#workspace;
    const most = (of: (chunk: FitChunk) => number): number => plan.chunks.reduce((most, chunk) => Math.max(most, of(chunk)), 0);
    const products = most((chunk) => chunk.products.count);
    workspace.reserve("features", products * this.#features.resident.featureBytes);
    workspace.reserve("components", products * this.#componentBytes);
    workspace.reserve("products", products * this.#productBytes);
    this.#features.reserve(
      workspace,
      most((chunk) => chunk.centers.count),
    );
    workspace.reserve("contracted", most((chunk) => chunk.pairs) * contractedBytes(this.#features.tables));
    workspace.reserve("kernel rows", plan.rows * this.#productBytes);
    workspace.write("slots", plan.slots);
    workspace.write("rows", plan.blocks);
    workspace.write("pair places", plan.places);
    workspace.write("segments", plan.segments);
    if (workspace.generation === this.#boundGeneration) return;
    const passes = [this.#features, this.#contraction, this.#gradient, ...this.#projections, ...this.#means, ...this.#columns];
    for (const part of passes) part?.bind(workspace);
    this.#boundGeneration = workspace.generation;
  }

  /** Rows of one structure: segments added up, columns of all elements side by side. */
  #rowsOf(atoms: number, [first, firstForce]: readonly [number, number], values: readonly Float32Array[]): KernelRows {
    const width = this.#firstColumns.at(-1)!;
    const virial = new Float64Array(VIRIAL_ROWS * width);
    const forces = new Float32Array(3 * atoms * width);
    this.#columns.forEach(({ element, first: point, count, stride }, index) => {
      const column = this.#firstColumns[element]! + point;
      const own = values[index]!;
      for (let row = first; row < firstForce; row++) {
        const to = ((row - first) % VIRIAL_ROWS) * width + column;
        for (let m = 0; m < count; m++) virial[to + m]! += own[row * stride + m]!;
      }
      for (let row = 0; row < 3 * atoms; row++) {
        const from = (firstForce + row) * stride;
        forces.set(own.subarray(from, from + count), row * width + column);
      }
    });
    return { virial, forces };
  }

  destroy(): void {
    for (const part of [...this.#projections, ...this.#means, ...this.#columns]) part?.destroy();
    this.#workspace.destroy();
    this.#readback.destroy();
  }
}

/** Sparse points side by side in one buffer: whole tiles less the column of μ, as many as the rows of a batch, or the points themselves, allow. */
function widestColumns(maxBytes: number, rows: number, size: number): number {
  return 64 * Math.max(1, Math.floor(maxBytes / (256 * Math.max(rows, size + 4)))) - 1;
}
