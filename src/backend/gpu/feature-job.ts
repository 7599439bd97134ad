// A pass over structures that reads something back for every center: coefficients, features or components.
import type { Structure } from "../../structure/structure.js";
import type { GpuContext } from "./context.js";
import type { Piece } from "./device-loss.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import type { FeaturePipeline } from "./feature-pipeline.js";
import { STATUS_BYTES } from "./neighbor-lists.js";
import { asUint32, Readback } from "./readback.js";
import { chunkRows, createRows, uploadRows, type Chunk, type Rows } from "./rows.js";
import { countAtoms } from "./rest-of-job.js";
import type { GpuSession } from "./session.js";
import { Workspace, type BufferName } from "./workspace.js";

/** What is read back: `stride` numbers per row. */
export interface FeatureOutput {
  readonly buffer: BufferName;
  readonly stride: number;
  readonly withSpectrum: boolean;
  /** Passes behind the features. */
  readonly further?: {
    bind(workspace: Workspace): void;
    encode(pass: GPUComputePassEncoder, chunk: Chunk): void;
  };
}

/** The numbers of a center, from `at` on, to their place among those of all. */
export type CopyRow = (from: Float32Array, at: number, to: Float64Array, place: number) => void;

/** As they stand; the views that `set` needs would cost more than the loop. */
export function copyNumbers(size: number): CopyRow {
  return (from, at, to, place) => {
    for (let k = 0; k < size; k++) to[place + k] = from[at + k]!;
  };
}

export interface FeatureChunk extends Piece {
  /** Index, among the centers of the structures, of each row's center. */
  readonly centers: Uint32Array;
  /** Element index of each row. */
  readonly elements: Uint8Array;
  /** [row][stride] */
  readonly values: Float32Array;
  /** Centers that are finished. */
  readonly done: number;
}

/** What the chunks of a job share; the workspace is its own, since another job may run at the same time. */
interface FeatureJob {
  readonly context: GpuContext;
  readonly pipeline: FeaturePipeline;
  readonly output: FeatureOutput;
  readonly workspace: Workspace;
  readonly readback: Readback;
  /** Most rows of a chunk. */
  readonly size: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Chunks of a job from its structure `first` on, in the order of the structures; within a batch by element, and within an element in the order of
 * the centers.
 */
export async function* featureChunks(
  { context, rowLimit }: GpuSession,
  pipeline: FeaturePipeline,
  structures: readonly Structure[],
  first: number,
  output: FeatureOutput,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeatureChunk> {
  const [workspace, readback] = [new Workspace(context, "features"), new Readback(context, "features")];
  const size = Math.min(rowLimit, chunkRows([...pipeline.rowBytes, 4 * output.stride], context.maxBytes));
  const job: FeatureJob = { context, pipeline, output, workspace, readback, size, signal };
  try {
    let firstCenter = countAtoms(structures.slice(0, first));
    for await (const batch of environmentBatches(structures.slice(first), pipeline.lists.limits)) {
      yield* batchChunks(job, batch, firstCenter);
      firstCenter += batch.atoms;
    }
    signal?.throwIfAborted();
  } finally {
    workspace.destroy();
    readback.destroy();
  }
}

async function* batchChunks(job: FeatureJob, batch: EnvironmentBatch, firstCenter: number): AsyncGenerator<FeatureChunk> {
  const { pipeline, size, signal } = job;
  const rows = createRows(batch.elements, () => true, size);
  const started = new Map<number, Promise<ChunkResults | null>>();
  const start = (index: number): void => {
    const chunk = rows.chunks[index];
    if (!chunk || started.has(index)) return;
    const results = pipeline.lists.complete(batch, (pairs) => attemptChunk(job, batch, rows, chunk, pairs));
    // Its failure is seen when its turn comes; until then it must not count as unhandled.
    results.catch(() => undefined);
    started.set(index, results);
  };
  for (const [index, chunk] of rows.chunks.entries()) {
    signal?.throwIfAborted();
    start(index);
    // The GPU works on the next chunk while this one is read and used. Only the first may have to be run again, with more room for pairs.
    if (index > 0) start(index + 1);
    const results = await started.get(index);
    started.delete(index);
    if (!results) {
      let first = firstCenter;
      for (const half of batch.halves()) {
        yield* batchChunks(job, half, first);
        first += half.atoms;
      }
      return;
    }
    start(index + 1);
    const centers = rows.centers.slice(chunk.slot, chunk.slot + chunk.count);
    const elements = new Uint8Array(chunk.count);
    for (let row = 0; row < chunk.count; row++) {
      elements[row] = batch.elements[centers[row]!]!;
      centers[row]! += firstCenter;
    }
    yield {
      centers,
      elements,
      values: results.values,
      done: firstCenter + chunk.slot + chunk.count,
      structures: chunk === rows.chunks.at(-1) ? batch.structures.length : 0,
    };
  }
}

interface ChunkResults {
  readonly values: Float32Array;
  readonly status: Uint32Array;
}

/** The neighbor lists of the batch are made together with its first chunk. */
function attemptChunk(
  { context, pipeline, output, workspace, readback, size }: FeatureJob,
  batch: EnvironmentBatch,
  rows: Rows,
  chunk: Chunk,
  pairs: number,
): Promise<ChunkResults> {
  return context.run("features", async () => {
    const encoder = context.device.createCommandEncoder({ label: "features" });
    if (chunk.slot === 0) {
      const count = Math.min(size, rows.centers.length);
      pipeline.reserve(workspace, count);
      workspace.reserve(output.buffer, 4 * output.stride * count);
      uploadRows(workspace, rows);
      pipeline.lists.prepare(workspace, batch, pairs);
      pipeline.lists.encode(encoder, workspace, batch, false);
    }
    // Another job may have bound its buffers meanwhile.
    pipeline.bind(workspace);
    output.further?.bind(workspace);
    const pass = context.beginPass(encoder, "features");
    pipeline.encode(pass, chunk, output.withSpectrum);
    output.further?.encode(pass, chunk);
    pass.end();
    const pending = readback.encode(encoder, workspace, [
      [output.buffer, 4 * output.stride * chunk.count],
      ["status", STATUS_BYTES],
    ]);
    context.device.queue.submit([encoder.finish()]);
    const [values, status] = (await readback.read(pending)) as [Float32Array, Float32Array];
    return { values, status: asUint32(status) };
  });
}
