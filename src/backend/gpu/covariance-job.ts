// Covariances over structures: coefficients stay on the GPU, sums of 64 centers come back and are added up in float64.
import type { Structure } from "../../structure/structure.js";
import type { CovarianceRequest } from "../covariance-request.js";
import type { GpuContext } from "./context.js";
import { CovariancePass, GROUP } from "./covariance-pass.js";
import type { Piece } from "./device-loss.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import type { FeaturePipeline } from "./feature-pipeline.js";
import { Readback } from "./readback.js";
import { chunkRows, createRows, uploadRows, type Chunk } from "./rows.js";
import type { GpuSession } from "./session.js";
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

/** Sums over the centers of a batch. */
export interface CovariancePart extends Piece {
  /** As those of a covariance, [block][size][size]. */
  readonly sums: Float64Array;
  readonly centers: number;
}

/** What the parts of a job share. */
interface CovarianceJob {
  readonly context: GpuContext;
  readonly pipeline: FeaturePipeline;
  readonly pass: CovariancePass;
  readonly request: CovarianceRequest;
  readonly workspace: Workspace;
  readonly readback: Readback;
  /** Most rows of a chunk. */
  readonly size: number;
  readonly signal: AbortSignal | undefined;
}

/** The parts of a covariance from its structure `first` on. */
export async function* covarianceParts(
  { context, rowLimit }: GpuSession,
  pipeline: FeaturePipeline,
  structures: readonly Structure[],
  first: number,
  request: CovarianceRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<CovariancePart> {
  const pass = await context.run("covariance", () => CovariancePass.create(context, pipeline.resident, request.covariance.mixed));
  const [workspace, readback] = [new Workspace(context, "covariance"), new Readback(context, "covariance")];
  const job: CovarianceJob = { context, pipeline, pass, request, workspace, readback, size: rowsOf(pipeline, pass, rowLimit, context.maxBytes), signal };
  try {
    let structure = first;
    for await (const batch of environmentBatches(structures.slice(first), pipeline.lists.limits)) {
      yield* batchParts(job, batch, structure);
      structure += batch.structures.length;
    }
    signal?.throwIfAborted();
  } finally {
    workspace.destroy();
    readback.destroy();
  }
}

async function* batchParts(job: CovarianceJob, batch: EnvironmentBatch, structure: number): AsyncGenerator<CovariancePart> {
  const { context, pipeline, pass, request, workspace, readback, size } = job;
  if (!(await pipeline.lists.readOffsets(workspace, readback, batch, false))) {
    let first = structure;
    for (const half of batch.halves()) {
      yield* batchParts(job, half, first);
      first += half.structures.length;
    }
    return;
  }
  const rows = createRows(batch.elements, (element) => request.blockOf[element]! >= 0, size);
  await context.run("covariance", () => {
    const most = Math.min(size, rows.centers.length);
    pipeline.reserve(workspace, most);
    workspace.reserve("partials", 4 * pass.stride * pass.groups(most));
    uploadRows(workspace, rows);
    workspace.write("roots", centerRoots(batch, request.weights.subarray(structure)));
    pipeline.bind(workspace);
    pass.bind(workspace);
  });
  const sums = new Float64Array(request.covariance.sums.length);
  for (const chunk of rows.chunks) pass.addTo(sums, request.covariance, chunk, request.blockOf, await chunkSums(job, chunk));
  yield { structures: batch.structures.length, sums, centers: rows.centers.length };
}

/** Sums of the groups of a chunk. */
async function chunkSums({ context, pipeline, pass, workspace, readback, signal }: CovarianceJob, chunk: Chunk): Promise<Float32Array> {
  signal?.throwIfAborted();
  const [values] = await context.run("covariance", () => {
    const encoder = context.device.createCommandEncoder({ label: "covariance" });
    const compute = context.beginPass(encoder, "covariance");
    pipeline.encode(compute, chunk, false);
    pass.encode(compute, chunk);
    compute.end();
    const pending = readback.encode(encoder, workspace, [["partials", 4 * pass.stride * pass.groups(chunk.count)]]);
    context.device.queue.submit([encoder.finish()]);
    return readback.read(pending);
  });
  return values!;
}
