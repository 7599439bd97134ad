// Covariances over structures: coefficients stay on the GPU, sums of 64 centers come back and are added up in float64.
import type { Structure } from "../../structure/structure.js";
import type { JobOptions } from "../backend.js";
import type { CovarianceRequest } from "../covariance-request.js";
import type { GpuContext } from "./context.js";
import { CovariancePass, GROUP } from "./covariance-pass.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import type { FeaturePipeline } from "./feature-pipeline.js";
import { Readback } from "./readback.js";
import { chunkRows, createRows, uploadRows, type Chunk } from "./rows.js";
import { Workspace } from "./workspace.js";

/** Sums of one chunk on their way to the host. */
const PARTIAL_BYTES = 64 * 2 ** 20;

/** Rows of a chunk: whole groups, so that the groups are the same ones for every size of chunks. */
function rowsOf(pipeline: FeaturePipeline, pass: CovariancePass, rowLimit: number, maxBytes: number): number {
  const { species } = pipeline.tables.layout;
  const room = Math.floor(Math.min(PARTIAL_BYTES, maxBytes) / (4 * pass.stride)) - species.length;
  const groups = Math.min(room, Math.floor(Math.min(rowLimit, chunkRows(pipeline.rowBytes, maxBytes)) / GROUP));
  return GROUP * Math.max(1, groups);
}

/** √w of every center of the batch. */
function centerRoots({ structures, atoms, firstAtoms }: EnvironmentBatch, weights: Float64Array): Float32Array<ArrayBuffer> {
  const roots = new Float32Array(atoms);
  structures.forEach((_, s) => roots.fill(Math.sqrt(weights[s]!), firstAtoms[s], firstAtoms[s + 1]));
  return roots;
}

/** Adds the sums over the structures to the request's covariance. */
export async function sumCovariance(
  context: GpuContext,
  pipeline: FeaturePipeline,
  structures: readonly Structure[],
  { covariance, blockOf, weights, count }: CovarianceRequest,
  rowLimit: number,
  { signal, onProgress }: JobOptions,
): Promise<void> {
  const sums = await context.run("covariance", () => CovariancePass.create(context, pipeline.resident, covariance.mixed));
  const [workspace, readback] = [new Workspace(context, "covariance"), new Readback(context, "covariance")];
  const size = rowsOf(pipeline, sums, rowLimit, context.maxBytes);
  let done = 0;
  const addChunk = async (chunk: Chunk): Promise<void> => {
    signal?.throwIfAborted();
    const [values] = await context.run("covariance", () => {
      const encoder = context.device.createCommandEncoder({ label: "covariance" });
      const pass = context.beginPass(encoder, "covariance");
      pipeline.encode(pass, chunk, false);
      sums.encode(pass, chunk);
      pass.end();
      const pending = readback.encode(encoder, workspace, [["partials", 4 * sums.stride * sums.groups(chunk.count)]]);
      context.device.queue.submit([encoder.finish()]);
      return readback.read(pending);
    });
    sums.addTo(covariance, chunk, blockOf, values!);
    done += chunk.count;
    onProgress?.({ stage: "covariance", done, total: count });
  };
  const addBatch = async (batch: EnvironmentBatch, structure: number): Promise<void> => {
    if (!(await pipeline.lists.readOffsets(workspace, readback, batch, false))) {
      let first = structure;
      for (const half of batch.halves()) {
        await addBatch(half, first);
        first += half.structures.length;
      }
      return;
    }
    const rows = createRows(batch.elements, (element) => blockOf[element]! >= 0, size);
    await context.run("covariance", () => {
      const most = Math.min(size, rows.centers.length);
      pipeline.reserve(workspace, most);
      workspace.reserve("partials", 4 * sums.stride * sums.groups(most));
      uploadRows(workspace, rows);
      workspace.write("roots", centerRoots(batch, weights.subarray(structure)));
      pipeline.bind(workspace);
      sums.bind(workspace);
    });
    for (const chunk of rows.chunks) await addChunk(chunk);
  };
  try {
    let structure = 0;
    for await (const batch of environmentBatches(structures, pipeline.lists.limits)) {
      await addBatch(batch, structure);
      structure += batch.structures.length;
    }
    signal?.throwIfAborted();
  } finally {
    workspace.destroy();
    readback.destroy();
  }
}
