// A pass over structures that reads something back for every center: coefficients, features or components.
import type { Structure } from "../../structure/structure.js";
import type { Piece } from "./device-loss.js";
import { environmentBatches, uploadEnvironments, type EnvironmentBatch } from "./environments.js";
import type { FeaturePipeline } from "./feature-pipeline.js";
import { Readback } from "./readback.js";
import { chunkRows, createRows, uploadRows, type Chunk } from "./rows.js";
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

export interface FeatureChunk extends Piece {
  /** Index, among the centers of the structures, of each row's center. */
  readonly centers: readonly number[];
  /** Element index of each row. */
  readonly elements: readonly number[];
  /** [row][stride] */
  readonly values: Float32Array;
  /** Centers that are finished. */
  readonly done: number;
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
  // The job's own: another one may run at the same time.
  const workspace = new Workspace(context, "features");
  const readback = new Readback(context, "features");
  const { layout, cutoff } = pipeline.tables;
  const size = Math.min(rowLimit, chunkRows([...pipeline.rowBytes, 4 * output.stride], context.maxBytes));
  try {
    let firstCenter = structures.slice(0, first).reduce((sum, { species }) => sum + species.length, 0);
    const limits = { species: layout.species, cutoff, maxPairs: Math.floor(context.maxBytes / 16) };
    for await (const batch of environmentBatches(structures.slice(first), limits)) {
      const rows = createRows(batch.elements, () => true, size);
      await context.run("features", () => {
        upload(workspace, pipeline, batch, rows, Math.min(size, rows.centers.length), output);
        pipeline.bind(workspace);
        output.further?.bind(workspace);
      });
      for (const chunk of rows.chunks) {
        signal?.throwIfAborted();
        const [values] = await context.run("features", () => {
          const encoder = context.device.createCommandEncoder({ label: "features" });
          const pass = encoder.beginComputePass({ label: "features" });
          pipeline.encode(pass, chunk, output.withSpectrum);
          output.further?.encode(pass, chunk);
          pass.end();
          const pending = readback.encode(encoder, workspace, [[output.buffer, 4 * output.stride * chunk.count]]);
          context.device.queue.submit([encoder.finish()]);
          return readback.read(pending);
        });
        const centers = Array.from(rows.centers.subarray(chunk.slot, chunk.slot + chunk.count));
        yield {
          centers: centers.map((center) => firstCenter + center),
          elements: centers.map((center) => batch.elements[center]!),
          values: values!,
          done: firstCenter + chunk.slot + chunk.count,
          structures: chunk === rows.chunks.at(-1) ? batch.structures.length : 0,
        };
      }
      firstCenter += batch.atoms;
    }
    signal?.throwIfAborted();
  } finally {
    workspace.destroy();
    readback.destroy();
  }
}

function upload(
  workspace: Workspace,
  pipeline: FeaturePipeline,
  batch: EnvironmentBatch,
  rows: ReturnType<typeof createRows>,
  count: number,
  output: FeatureOutput,
): void {
  pipeline.reserve(workspace, count);
  workspace.reserve(output.buffer, 4 * output.stride * count);
  uploadEnvironments(workspace, batch, false);
  uploadRows(workspace, rows);
}
