// Rows of the structures of a fit, in order, and what they add to it. While the host makes use of one batch, the GPU computes the next.
import type { FitCenter, FitStructure, JobOptions } from "../backend.js";
import type { CpuBackend } from "../cpu/cpu-backend.js";
import type { KernelRows } from "../cpu/kernel-rows.js";
import type { FitPart } from "../cpu/whitened-rows.js";
import type { Hyperparameters } from "../../features/hyperparameters.js";
import type { GpuContext } from "./context.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import { rowsOf } from "./fit-chunks.js";
import { FitPipeline } from "./fit-pipeline.js";
import type { GpuSession } from "./session.js";

/** Atoms of a batch made of several structures: their rows are on their way to the host together. */
const BATCH_ATOMS = { gpu: 2048, software: 128 };

function batchAtoms({ adapter }: GpuContext): number {
  return adapter.software ? BATCH_ATOMS.software : BATCH_ATOMS.gpu;
}

/** What a fit sums up. */
export interface FitProblem {
  readonly structures: readonly FitStructure[];
  readonly hyperparameters: Hyperparameters;
  readonly species: readonly number[];
  readonly zeta: number;
  readonly centers: readonly FitCenter[];
}

/** The parts of a fit, rows from the GPU, whitened and summed by the CPU backend. */
export async function* fitParts(
  session: GpuSession,
  cpu: CpuBackend,
  { structures, hyperparameters, species, zeta, centers }: FitProblem,
  keepRows: boolean,
  options: JobOptions,
): AsyncGenerator<FitPart> {
  const { context } = session;
  const features = await session.pipeline(hyperparameters, species);
  const limits = { centers: session.rowLimit, rows: mostRows(context, structures) };
  const pipeline = await FitPipeline.create(context, features, species, zeta, centers, limits);
  try {
    const rows = fitRows(context, pipeline, structures, options.signal);
    yield* cpu.whitenRows(structures, rows, centers, keepRows, options);
  } finally {
    pipeline.destroy();
  }
}

/** Rows that a batch of these structures has at the most. */
function mostRows(context: GpuContext, structures: readonly FitStructure[]): number {
  // Single atoms have the most: a segment each.
  return structures.reduce((most, { structure }) => Math.max(most, rowsOf(structure.species.length, true)), batchAtoms(context) * rowsOf(1, true));
}

async function* fitRows(
  context: GpuContext,
  pipeline: FitPipeline,
  structures: readonly FitStructure[],
  signal: AbortSignal | undefined,
): AsyncGenerator<KernelRows> {
  const limits = { ...pipeline.limits, maxAtoms: batchAtoms(context) };
  let before: Promise<KernelRows[]> | null = null;
  for (const { derivatives, run } of runs(structures)) {
    for await (const batch of environmentBatches(run, limits)) {
      for await (const { rows } of submitted(pipeline, batch, derivatives, signal)) {
        // Its failure is seen when its turn comes; until then it must not count as unhandled.
        rows.catch(() => undefined);
        if (before) yield* await before;
        before = rows;
      }
    }
  }
  if (before) yield* await before;
}

/** Rows of a batch on their way, in two halves where its pairs do not fit the buffers at once. */
async function* submitted(
  pipeline: FitPipeline,
  batch: EnvironmentBatch,
  derivatives: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly rows: Promise<KernelRows[]> }> {
  signal?.throwIfAborted();
  const whole = await pipeline.submit(batch, derivatives);
  if (whole) yield whole;
  else for (const half of batch.halves()) yield* submitted(pipeline, half, derivatives, signal);
}

/** Consecutive structures of which all or none have labels of forces or virials: energies alone need no derivatives. */
function* runs(structures: readonly FitStructure[]): Generator<{ derivatives: boolean; run: FitStructure["structure"][] }> {
  const needsDerivatives = ({ forces, virial }: FitStructure): boolean => forces !== null || virial !== null;
  for (let first = 0; first < structures.length;) {
    const derivatives = needsDerivatives(structures[first]!);
    let end = first + 1;
    while (end < structures.length && needsDerivatives(structures[end]!) === derivatives) end++;
    yield { derivatives, run: structures.slice(first, end).map(({ structure }) => structure) };
    first = end;
  }
}
